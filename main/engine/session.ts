/**
 * One loaded model and the sequences of its context. Works on tokens directly rather than through node-llama-cpp's chat
 * session, because the app promises what that would hide: the exact prompt and its length, what was reused, and why it ended.
 */
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { AppError, isAppError } from '../../preload/contract/errors.ts';
import type { Batching, Work } from './batching.ts';
import { createReasoningSplitter, reasoningMarks, type ReasoningSplit } from '../core/reasoning.ts';
import { createStopText } from '../core/stop-text.ts';
import type { PlainForm } from './chat-template.ts';
import { createPrefixStore, loadState, saveState } from './chat-state.ts';
import { createPromptMaker, piecesOf, type Prompt } from './prompt.ts';
import type {
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  Measurement,
  RenderedPrompt,
  StateFile,
  TokenLogprob,
  Tuning,
} from './protocol.ts';
import { createSampler } from './sampling.ts';
import { commonPrefix, createScheduler, type Slot } from './scheduler.ts';
import type { Guesser } from './speculation.ts';
import type { TemplateHost } from './template-host.ts';

/** Text is sent once per this time, the first at once. */
const FLUSH_MS = 16;
/** A system prompt of fewer tokens is evaluated faster than its state is read. */
const PREFIX_TOKENS = 64;
const WINDOW_PRIORITY = 5;
const API_PRIORITY = 2;

export interface SessionOptions {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  /** Null: the model has none, or one that does not work. */
  readonly template: TemplateHost | null;
  /** What is taken in place of a template; null for a base model, which goes on with the texts as they are. */
  readonly plain: PlainForm | null;
  /** Makes what guesses ahead for one sequence. */
  readonly createGuesser: () => Guesser | null;
  readonly tuning: Tuning;
  readonly batching: Pick<Batching, 'enter' | 'alone'>;
  readonly stateKey: string;
  readonly scratchFolder: string | null;
}

export interface Session {
  /** Generates until the model ends its turn, a limit is met or `signal` fires; the last event is always `end`. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent>;
  prompt(request: Pick<GenerateRequest, 'input' | 'policy' | 'plainTemplate'>): Promise<RenderedPrompt>;
  measure(
    candidates: {
      readonly decodeThreads: readonly number[];
      readonly promptThreads: readonly number[];
      readonly batchSizes: readonly number[];
      readonly budgetMs: number;
    },
    tune: (tuning: Tuning) => void,
  ): Promise<Measurement[]>;
  setTuning(tuning: Tuning): void;
  saveState(chatKey: string, file: string): Promise<StateFile | null>;
  dropState(chatKey: string): Promise<void>;
  active(): number;
  waiting(): number;
}

interface SequenceSlot extends Slot {
  sequence: LlamaContextSequence;
  readonly guesser: Guesser | null;
  /** Whose state the sequence really holds; `chatKey` is already the next one's while a turn begins. */
  holds: string | null;
}

/** A session over all sequences of a context. */
export function createSession(options: SessionOptions): Session {
  const { model, context } = options;
  let tuning = options.tuning;
  const newSequence = (guesser: Guesser | null): LlamaContextSequence =>
    context.getSequence(guesser ? { tokenPredictor: guesser.predictor } : {});
  const slots = Array.from({ length: context.totalSequences }, (): SequenceSlot => {
    const guesser = options.createGuesser();
    const slot: SequenceSlot = {
      sequence: newSequence(guesser),
      guesser,
      chatKey: null,
      holds: null,
      busy: false,
      lastUsed: 0,
      tokens: () => slot.sequence.contextTokens,
    };
    return slot;
  });
  const scheduler = createScheduler(slots);
  const prompts = createPromptMaker(model, context.contextSize);
  const prefixes = options.scratchFolder === null ? null : createPrefixStore(options.scratchFolder, options.stateKey);
  const shownMarks = markTokens(model);

  function makePrompt({
    input,
    policy = 'roll',
    plainTemplate = false,
  }: Parameters<Session['prompt']>[0]): Promise<Prompt> {
    return prompts.make(input, policy, async (messages) => {
      if (options.template && !plainTemplate) return await options.template.render(messages);
      return options.plain ? options.plain.render(messages) : messages.map(({ content }) => content).join('\n');
    });
  }

  /** Brings the sequence to all of the prompt but its last token. Answers how many tokens were there already. */
  async function evaluatePrompt(
    slot: SequenceSlot,
    request: GenerateRequest,
    prompt: Prompt,
    work: Work,
    signal: AbortSignal,
  ): Promise<{ reused: number; restored: number }> {
    const wanted = prompt.tokens.slice(0, -1);
    const here = (): number => commonPrefix(slot.sequence.contextTokens, wanted);
    const evaluationPriority = request.priority === 'api' ? API_PRIORITY : WINDOW_PRIORITY;
    const system = systemEnd(prompt);
    let restored = 0;
    const own = request.chatKey !== undefined && slot.holds === request.chatKey;
    slot.holds = null;
    const prepare = async (): Promise<void> => {
      if (own) return await slot.sequence.adaptStateToTokens(wanted, false);
      const bring = async (state: StateFile | undefined): Promise<void> => {
        if (!state || restored > 0 || state.tokenCount <= here()) return;
        const outcome = await loadState(slot.sequence, state, options.stateKey);
        if (outcome === 'loaded') restored = here();
        if (outcome === 'broken') {
          await slot.sequence.dispose();
          slot.sequence = newSequence(slot.guesser);
        }
      };
      await bring(request.state);
      await bring(prefixes?.find(wanted, here()));
      await slot.sequence.adaptStateToTokens(wanted, false);
    };
    await work.alone(prepare);
    const { sequence } = slot;
    const reused = sequence.nextTokenIndex;
    const evaluateTo = async (end: number): Promise<void> => {
      while (sequence.nextTokenIndex < end && !signal.aborted) {
        const from = sequence.nextTokenIndex;
        const step = wanted.slice(from, Math.min(end, from + tuning.batchSize));
        await sequence.evaluateWithoutGeneratingNewTokens(step, { evaluationPriority });
        await work.pass();
      }
    };
    if (prefixes && system >= PREFIX_TOKENS && reused < system && !prefixes.has(wanted.slice(0, system))) {
      await evaluateTo(system);
      if (!signal.aborted) await work.alone(() => prefixes.keep(sequence));
    }
    // The last part is evaluated with the last token, by the first step that also samples.
    await evaluateTo(wanted.length - (tuning.batchSize - 1));
    return { reused: Math.min(reused, wanted.length), restored: Math.min(restored, reused) };
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const started = performance.now();
    const { sampling } = request;
    const prompt = await makePrompt(request);
    const promptTokens = prompt.tokens.length;
    const seed = sampling.seed ?? Math.floor(Math.random() * 4_294_967_295);
    const isChat = 'messages' in request.input;
    const splitter = createReasoningSplitter(isChat ? prompt.text : '');
    const sampler = await createSampler(
      model.llama,
      model,
      sampling,
      seed,
      prompt.tokens,
      context.contextSize,
      () => isChat && splitter.inReasoning(),
    );

    const counted = {
      promptTokens,
      omittedMessages: prompt.omittedMessages,
      ...(prompt.overflow ? { overflow: prompt.overflow } : {}),
      makeUp: prompt.makeUp,
      contextSize: context.contextSize,
      seed,
    };
    const nothing = { reusedTokens: 0, restoredTokens: 0, generatedTokens: 0, generateMs: 0 };

    const { ahead, granted } = scheduler.request(
      {
        chatKey: request.chatKey ?? null,
        tokens: prompt.tokens,
        priority: request.priority ?? 'window',
        client: request.client ?? request.chatKey ?? '',
      },
      signal,
    );
    if (ahead > 0) yield { type: 'queued', ahead };
    let slot: SequenceSlot;
    try {
      slot = await granted;
    } catch (error) {
      if (!isAppError(error, 'cancelled')) throw error;
      const waitedMs = performance.now() - started;
      yield {
        type: 'end',
        result: { ...counted, ...nothing, promptMs: waitedMs, queuedMs: waitedMs, endReason: 'stopped' },
      };
      return;
    }
    const work = options.batching.enter();
    const begun = performance.now();
    const queuedMs = ahead > 0 ? begun - started : 0;
    const { guesser } = slot;
    try {
      yield { type: 'prompt', promptTokens, omittedMessages: prompt.omittedMessages };
      const guesses =
        sampler.allowsGuessing &&
        sampling.logprobs === undefined &&
        (sampling.temperature === 0 || sampling.seed === null);
      guesser?.begin(prompt.tokens, guesses);
      const { reused, restored } = await evaluatePrompt(slot, request, prompt, work, signal);
      const { sequence } = slot;
      const reuse = { reusedTokens: reused, restoredTokens: restored };
      if (signal.aborted) {
        const promptMs = performance.now() - begun;
        yield { type: 'end', result: { ...counted, ...nothing, ...reuse, promptMs, queuedMs, endReason: 'stopped' } };
        return;
      }

      const stop = createStopText([...(sampling.stop ?? []), ...sampler.stop, ...plainStop(request)]);
      const detokenizer = createDetokenizer(model, prompt.tokens, shownMarks);
      const room = context.contextSize - promptTokens;
      const limit = Math.min(sampling.maxTokens ?? Infinity, room);
      let generated = 0;
      let endReason: GenerateResult['endReason'] = 'end_of_turn';
      let stopText: string | null = null;
      let promptDone = 0;
      let waiting: ReasoningSplit = { content: '', reasoning: '' };
      let logprobs: TokenLogprob[] = [];
      let lastFlush = 0;
      const take = (text: string): void => {
        const split = splitter.push(text);
        const shown = stop.push(split.content);
        stopText ??= shown.stopped;
        waiting = { content: waiting.content + shown.text, reasoning: waiting.reasoning + split.reasoning };
      };
      const flush = (): GenerateEvent => {
        const event: GenerateEvent = { type: 'text', ...waiting, ...(logprobs.length > 0 ? { logprobs } : {}) };
        waiting = { content: '', reasoning: '' };
        logprobs = [];
        return event;
      };

      const iterator = sequence.evaluateWithMetadata(
        prompt.tokens.slice(sequence.nextTokenIndex),
        { probabilities: sampling.logprobs !== undefined },
        {
          ...sampler.options,
          evaluationPriority: request.priority === 'api' ? API_PRIORITY : WINDOW_PRIORITY,
          // Never reached: the reply ends at the edge. Shifting would forget silently.
          contextShift: { size: 1, strategy: refuseShift },
        },
      );
      for await (const step of iterator) {
        const now = performance.now();
        if (generated === 0) promptDone = now;
        generated++;
        guesser?.wrote(now);
        sampler.accept(step.token);
        if (sampling.logprobs !== undefined)
          logprobs.push(
            logprobOf(
              model,
              step.token,
              (step as { probabilities?: Map<Token, number> }).probabilities,
              sampling.logprobs,
              sequence.contextTokens.slice(-4),
            ),
          );
        take(detokenizer.push(step.token));
        if (now - lastFlush >= FLUSH_MS && (waiting.content !== '' || waiting.reasoning !== '')) {
          lastFlush = now;
          yield flush();
        }
        if (signal.aborted) {
          endReason = 'stopped';
          break;
        }
        if (stopText !== null) {
          // A grammar's own end, or the mark of a next turn in the plain form: that is how this turn ends.
          endReason = sampling.stop?.includes(stopText) ? 'stop_text' : 'end_of_turn';
          break;
        }
        if (generated >= limit) {
          endReason = generated >= room ? 'context_full' : 'max_tokens';
          break;
        }
        await work.pass();
      }
      work.leave();
      const done = performance.now();
      if (promptDone === 0) promptDone = done;
      take(detokenizer.end());
      const rest = splitter.end();
      const last = stop.push(rest.content);
      waiting = {
        content: waiting.content + last.text + (last.stopped === null ? stop.end() : ''),
        reasoning: waiting.reasoning + rest.reasoning,
      };
      if (sampling.grammar?.kind === 'json_schema') waiting = { ...waiting, content: waiting.content.trimEnd() };
      if (waiting.content !== '' || waiting.reasoning !== '' || logprobs.length > 0) yield flush();
      slot.holds = request.chatKey ?? null;
      const guessed = guesser?.counts(sequence);
      yield {
        type: 'end',
        result: {
          ...counted,
          ...reuse,
          promptMs: promptDone - begun,
          queuedMs,
          generatedTokens: generated,
          generateMs: done - promptDone,
          endReason,
          ...(endReason === 'stop_text' && stopText !== null ? { stopText } : {}),
          ...(guesser && guessed ? { speculation: { kind: guesser.kind, ...guessed } } : {}),
        },
      };
    } finally {
      work.leave();
      scheduler.release(slot);
    }
  }

  const plainStop = (request: GenerateRequest): readonly string[] =>
    'messages' in request.input && (request.plainTemplate || !options.template) ? (options.plain?.stop ?? []) : [];

  return {
    generate,

    async prompt(request) {
      const prompt = await makePrompt(request);
      return {
        text: prompt.text,
        pieces: piecesOf(model, prompt),
        contextSize: context.contextSize,
        promptTokens: prompt.tokens.length,
        omittedMessages: prompt.omittedMessages,
        makeUp: prompt.makeUp,
        ...(prompt.overflow ? { overflow: prompt.overflow } : {}),
      };
    },

    async measure({ decodeThreads, promptThreads, batchSizes, budgetMs }, tune) {
      const slot = [...slots].sort((a, b) => a.lastUsed - b.lastUsed)[0];
      if (!slot || scheduler.active() > 0 || scheduler.waiting() > 0)
        throw new AppError('busy', 'The model is writing. Measure it when it is quiet.');
      slot.busy = true;
      const work = options.batching.enter();
      const before = tuning;
      const end = performance.now() + budgetMs;
      const measured: Measurement[] = [];
      try {
        slot.guesser?.begin([], false);
        const { sequence } = slot;
        const filler = fillerTokens(model, context.contextSize - 2);
        for (const threads of promptThreads)
          for (const batchSize of batchSizes.filter((size) => size <= context.batchSize && size <= filler.length)) {
            if (performance.now() >= end) break;
            tune({ ...before, promptThreads: threads, decodeThreads: threads, batchSize });
            await sequence.clearHistory();
            const from = performance.now();
            await sequence.evaluateWithoutGeneratingNewTokens(filler.slice(0, batchSize));
            measured.push({ phase: 'prompt', threads, batchSize, tokensPerSecond: rate(batchSize, from) });
          }
        for (const threads of decodeThreads) {
          if (performance.now() >= end) break;
          tune({ ...before, decodeThreads: threads, promptThreads: threads });
          await sequence.clearHistory();
          await sequence.evaluateWithoutGeneratingNewTokens(filler.slice(0, 8));
          const share = (end - performance.now()) / decodeThreads.length;
          const from = performance.now();
          let count = 0;
          // The model's own choice would end the turn: a fixed text is written one token at a time.
          for (const token of filler.slice(8, 8 + 64)) {
            await sequence.evaluateWithoutGeneratingNewTokens([token]);
            count++;
            if (count >= 4 && performance.now() - from > share) break;
          }
          measured.push({ phase: 'decode', threads, batchSize: before.batchSize, tokensPerSecond: rate(count, from) });
        }
        return measured;
      } finally {
        tune(before);
        await slot.sequence.clearHistory();
        slot.holds = null;
        slot.chatKey = null;
        work.leave();
        scheduler.release(slot);
      }
    },

    setTuning(next) {
      tuning = next;
    },

    async saveState(chatKey, file) {
      const slot = slots.find((one) => one.holds === chatKey && one.chatKey === chatKey && !one.busy);
      if (!slot || slot.sequence.nextTokenIndex === 0) return null;
      return await options.batching.alone(() => saveState(slot.sequence, file, options.stateKey));
    },

    async dropState(chatKey) {
      for (const slot of slots) {
        if (slot.chatKey !== chatKey || slot.busy) continue;
        slot.chatKey = null;
        slot.holds = null;
        await options.batching.alone(() => slot.sequence.clearHistory());
      }
    },

    active: () => scheduler.active(),
    waiting: () => scheduler.waiting(),
  };
}

function refuseShift(): never {
  throw new AppError('engine.context_full', 'The context is full.');
}

function rate(tokens: number, from: number): number {
  return tokens / (Math.max(0.01, performance.now() - from) / 1000);
}

/** Ordinary tokens to compute with. */
function fillerTokens(model: LlamaModel, count: number): Token[] {
  const tokens: Token[] = [];
  for (const token of model.iterateAllTokens()) {
    if (tokens.length >= 64) break;
    if (!model.isSpecialToken(token) && !model.isEogToken(token)) tokens.push(token);
  }
  return Array.from({ length: count }, (_, index) => tokens[(index * 7) % tokens.length] as Token);
}

/** How many tokens at the start belong to the system text and the marks around it. */
function systemEnd(prompt: Prompt): number {
  const first = prompt.origins.findIndex((origin) => origin === 'history' || origin === 'message');
  return prompt.origins.slice(0, first < 0 ? undefined : first).lastIndexOf('system') + 1;
}

function logprobOf(
  model: LlamaModel,
  token: Token,
  probabilities: Map<Token, number> | undefined,
  count: number,
  before: readonly Token[],
): TokenLogprob {
  const textOf = (one: Token): string => model.detokenize([one], true, before);
  const log = (probability: number | undefined): number => Math.log(Math.max(probability ?? 0, Number.MIN_VALUE));
  const alternatives = [...(probabilities ?? [])]
    .slice(0, count)
    .map(([id, probability]) => ({ id, text: textOf(id), logprob: log(probability) }));
  return { id: token, text: textOf(token), logprob: log(probabilities?.get(token)), alternatives };
}

/** Special tokens that mark reasoning: their text must be seen by the splitter although special tokens are not shown. */
function markTokens(model: LlamaModel): ReadonlyMap<Token, string> {
  const shown = new Map<Token, string>();
  for (const mark of reasoningMarks) {
    const tokens = model.tokenize(mark, true);
    const token = tokens[0];
    if (tokens.length === 1 && token !== undefined && model.isSpecialToken(token)) shown.set(token, mark);
  }
  return shown;
}

/** Text of tokens as they come; a character whose bytes are spread over several tokens waits until it is whole. */
function createDetokenizer(
  model: LlamaModel,
  before: readonly Token[],
  shown: ReadonlyMap<Token, string>,
): { push(token: Token): string; end(): string } {
  let last = before.slice(-8);
  let pending: Token[] = [];
  const take = (): string => {
    const text = pending.length > 0 ? model.detokenize(pending, false, last) : '';
    last = [...last, ...pending].slice(-8);
    pending = [];
    return text;
  };
  return {
    push(token) {
      const mark = shown.get(token);
      if (mark !== undefined) {
        const text = take() + mark;
        last = [...last, token].slice(-8);
        return text;
      }
      pending.push(token);
      // Four bytes at most make a character; more pending tokens than that are broken text, not an unfinished one.
      if (pending.length <= 4 && model.detokenize(pending, false, last).endsWith('\uFFFD')) return '';
      return take();
    },
    end: take,
  };
}
