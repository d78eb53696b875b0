/**
 * One loaded model with one conversation in its context. Works on tokens directly rather than through node-llama-cpp's chat
 * session, because the app promises what that would hide: the exact prompt and its length, what was reused, and why it ended.
 */
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { AppError } from '../../preload/contract/errors.ts';
import { createReasoningSplitter, type ReasoningSplit } from '../core/reasoning.ts';
import type { ChatTemplate } from './chat-template.ts';
import type { GenerateEvent, GenerateRequest, GenerateResult, PromptMessage } from './protocol.ts';

/** Text is sent once per this time, the first at once. */
const FLUSH_MS = 16;
/** Part of the context that a rolled conversation leaves free for the reply, at most `REPLY_ROOM_TOKENS`. */
const REPLY_ROOM_SHARE = 0.25;
const REPLY_ROOM_TOKENS = 512;
/** Tokens that the repeat penalty looks back on, as llama.cpp's default. */
const PENALTY_TOKENS = 64;

interface Prompt {
  readonly text: string;
  readonly tokens: Token[];
  readonly omittedMessages: number;
}

/** Private-use marks around special-token text that stands in a message; they never reach the model. */
const HIDE_OPEN = '\uE000\uE001';
const HIDE_CLOSE = '\uE001\uE000';

export interface Session {
  /** Generates until the model ends its turn, a limit is met or `signal` fires; the last event is always `end`. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent>;
}

/** A session over a context with one sequence. `template` renders conversations. */
export function createSession(model: LlamaModel, context: LlamaContext, template: ChatTemplate): Session {
  const sequence = context.getSequence();
  const specialTexts = listSpecialTexts(model);

  return {
    async *generate(request, signal) {
      const started = performance.now();
      const prompt =
        'rawPrompt' in request.input
          ? { text: request.input.rawPrompt, tokens: tokenize(model, request.input.rawPrompt), omittedMessages: 0 }
          : fitConversation(model, context.contextSize, template, specialTexts, request.input.messages);
      const promptTokens = prompt.tokens.length;
      if (promptTokens === 0)
        throw new AppError('invalid_input', 'There is nothing to go on from: the prompt is empty.');
      if (promptTokens >= context.contextSize)
        throw new AppError(
          'engine.context_full',
          `The text has ${promptTokens} tokens, and the model's context holds ${context.contextSize}.`,
          { neededTokens: promptTokens, contextSize: context.contextSize },
        );
      yield { type: 'prompt', promptTokens, omittedMessages: prompt.omittedMessages };

      const seed = request.sampling.seed ?? Math.floor(Math.random() * 4_294_967_295);
      const reusedTokens = await evaluatePrompt(sequence, prompt.tokens, context.batchSize, signal);
      const promptDone = performance.now();
      const counted = { promptTokens, reusedTokens, omittedMessages: prompt.omittedMessages, seed };
      const result = (endReason: GenerateResult['endReason'], generatedTokens: number): GenerateEvent => ({
        type: 'end',
        result: {
          ...counted,
          promptMs: promptDone - started,
          generatedTokens,
          generateMs: performance.now() - promptDone,
          endReason,
        },
      });
      if (signal.aborted) {
        yield result('stopped', 0);
        return;
      }

      const splitter = createReasoningSplitter('rawPrompt' in request.input ? '' : prompt.text);
      const detokenizer = createDetokenizer(model, prompt.tokens);
      const recent: Token[] = prompt.tokens.slice(-PENALTY_TOKENS);
      const room = context.contextSize - promptTokens;
      const limit = Math.min(request.sampling.maxTokens ?? Infinity, room);
      let generated = 0;
      let endReason: GenerateResult['endReason'] = 'end_of_turn';
      let waiting: ReasoningSplit = { content: '', reasoning: '' };
      let lastFlush = 0;

      const { temperature, topK, topP, minP, repeatPenalty } = request.sampling;
      for await (const token of sequence.evaluate(prompt.tokens.slice(sequence.nextTokenIndex), {
        temperature,
        topK,
        topP,
        minP,
        seed,
        ...(repeatPenalty === 1
          ? {}
          : {
              repeatPenalty: {
                punishTokens: (): Token[] => recent,
                penalty: repeatPenalty,
                maxPunishTokens: PENALTY_TOKENS,
              },
            }),
      })) {
        generated++;
        recent.push(token);
        if (recent.length > PENALTY_TOKENS) recent.shift();
        waiting = join(waiting, splitter.push(detokenizer.push(token)));
        const now = performance.now();
        if (now - lastFlush >= FLUSH_MS && (waiting.content !== '' || waiting.reasoning !== '')) {
          lastFlush = now;
          yield { type: 'text', ...waiting };
          waiting = { content: '', reasoning: '' };
        }
        if (signal.aborted) {
          endReason = 'stopped';
          break;
        }
        if (generated >= limit) {
          endReason = generated >= room ? 'context_full' : 'max_tokens';
          break;
        }
      }
      waiting = join(join(waiting, splitter.push(detokenizer.end())), splitter.end());
      if (waiting.content !== '' || waiting.reasoning !== '') yield { type: 'text', ...waiting };
      yield result(endReason, generated);
    },
  };
}

function join(a: ReasoningSplit, b: ReasoningSplit): ReasoningSplit {
  return { content: a.content + b.content, reasoning: a.reasoning + b.reasoning };
}

/** Brings the context to all of `tokens` but the last, a batch at a time so that it can be stopped. Answers how many were there already. */
async function evaluatePrompt(
  sequence: LlamaContextSequence,
  tokens: Token[],
  batchSize: number,
  signal: AbortSignal,
): Promise<number> {
  await sequence.adaptStateToTokens(tokens.slice(0, -1), false);
  const reused = sequence.nextTokenIndex;
  while (tokens.length - sequence.nextTokenIndex > batchSize && !signal.aborted) {
    const from = sequence.nextTokenIndex;
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(from, from + batchSize));
  }
  return reused;
}

function tokenize(model: LlamaModel, text: string): Token[] {
  const tokens = model.tokenize(text, true);
  const { bos } = model.tokens;
  return model.tokens.shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}

/** The texts of the model's special tokens, longest first: what must stay mere text when a user or a model writes it. */
function listSpecialTexts(model: LlamaModel): string[] {
  const texts = new Set<string>();
  for (const token of model.iterateAllTokens()) {
    if (!model.isSpecialToken(token)) continue;
    const text = model.detokenize([token], true).trim();
    // Shorter ones are bytes and white space that a vocabulary lists as tokens without text.
    if (text.length >= 3) texts.add(text);
  }
  return [...texts].sort((a, b) => b.length - a.length);
}

/** Marks special-token text in a message, so that it can be told from the template's own after rendering. */
function hideSpecialText(content: string, specialTexts: readonly string[]): string {
  let hidden = content.replaceAll(HIDE_OPEN, '').replaceAll(HIDE_CLOSE, '');
  // One character apart is enough: the template sees the same text, its length aside.
  for (const text of specialTexts)
    if (hidden.includes(text))
      hidden = hidden.replaceAll(text, () => HIDE_OPEN + [...text].join('\uE002') + HIDE_CLOSE);
  return hidden;
}

/** Tokens of a rendered conversation. Text between the marks is tokenised as plain text, all the rest with its special tokens. */
function tokenizeRendered(model: LlamaModel, rendered: string): Token[] {
  if (!rendered.includes(HIDE_OPEN)) return tokenize(model, rendered);
  const tokens: Token[] = [];
  for (const [index, piece] of rendered.split(HIDE_OPEN).entries()) {
    if (index === 0) {
      tokens.push(...tokenize(model, piece));
      continue;
    }
    const [plain = '', rest = ''] = piece.split(HIDE_CLOSE, 2);
    tokens.push(...model.tokenize(plain.replaceAll('\uE002', ''), false, 'trimLeadingSpace'));
    tokens.push(...model.tokenize(rest, true, 'trimLeadingSpace'));
  }
  return tokens;
}

/**
 * The prompt of a conversation. When it does not fit, whole turns are left out from the start, as few as it takes, the system
 * text and the last message always kept; how many is reported with the reply.
 */
function fitConversation(
  model: LlamaModel,
  contextSize: number,
  template: ChatTemplate,
  specialTexts: readonly string[],
  messages: readonly PromptMessage[],
): Prompt {
  const safe = messages.map((message) => ({ ...message, content: hideSpecialText(message.content, specialTexts) }));
  const system = safe.filter((message) => message.role === 'system');
  const talk = safe.filter((message) => message.role !== 'system');
  const build = (omitted: number): Prompt => {
    const text = template.render([...system, ...talk.slice(omitted)]);
    return { text, tokens: tokenizeRendered(model, text), omittedMessages: omitted };
  };
  const fits = (prompt: Prompt): boolean =>
    prompt.tokens.length <= contextSize - Math.min(REPLY_ROOM_TOKENS, Math.floor(contextSize * REPLY_ROOM_SHARE));

  const whole = build(0);
  if (fits(whole)) return whole;
  // A conversation must begin with the user: only these starts are possible. The last of them is the newest turn alone.
  const starts = talk.flatMap((message, index) => (message.role === 'user' && index > 0 ? [index] : []));
  if (starts.length === 0) return whole;
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(build(starts[middle] ?? 0))) high = middle;
    else low = middle + 1;
  }
  return build(starts[low] ?? 0);
}

/** Text of tokens as they come; a character whose bytes are spread over several tokens waits until it is whole. */
function createDetokenizer(model: LlamaModel, before: readonly Token[]): { push(token: Token): string; end(): string } {
  let last = before.slice(-8);
  let pending: Token[] = [];
  const take = (): string => {
    const text = model.detokenize(pending, false, last);
    last = [...last, ...pending].slice(-8);
    pending = [];
    return text;
  };
  return {
    push(token) {
      pending.push(token);
      // Four bytes at most make a character; more pending tokens than that are broken text, not an unfinished one.
      if (pending.length <= 4 && model.detokenize(pending, false, last).endsWith('\uFFFD')) return '';
      return take();
    },
    end: () => (pending.length > 0 ? take() : ''),
  };
}
