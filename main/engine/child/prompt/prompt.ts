/** Makes the exact prompt of a conversation: rendered, tokenized, fitted to the context, with the origin of every token. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LlamaModel, Token } from 'node-llama-cpp';
import type { ContextMakeUp, ContextPolicy, Timing } from '../../../../preload/contract/chat.ts';
import { AppError } from '../../../../preload/wire/errors.ts';
import { replyReserveTokens } from '../../../../preload/contract/defaults.ts';
import type { PromptPiece } from '../../../../preload/contract/engine.ts';
import { formatInteger } from '../../../base/format.ts';
import { flatten, type TemplateMessage } from '../../../chat-format/template/flatten.ts';
import { createMarks, type MarkedText, type Origin } from './marks.ts';
import type { GenerateInput } from '../../protocol.ts';
import type { ConversationInput, ToolDefinition } from '../../../chat-format/messages.ts';
import { replyStart, type ThinkingTag } from './reply-start.ts';
import { CUT_MARK, shorten, type Shortened } from './shorten.ts';
import { checkToken, textOfTokens, textsOf, vocabularySize } from './token-texts.ts';
import { estimateTokens, type Tokenized, type Tokenizer } from './tokenizer.ts';
import type { TemplateText } from '../../../chat-format/template/chat-template.ts';
import { toolsOf } from '../../../chat-format/template/tool-prompt.ts';

export interface Prompt {
  readonly text: string;
  /** The end of `text` that is the beginning of the reply; empty for a reply that begins anew. */
  readonly replyStart: string;
  readonly tokens: Token[];
  /** One for each token. */
  readonly origins: readonly Origin[];
  readonly makeUp: ContextMakeUp;
  readonly omittedMessages: number;
  /** The first of them, counted from 0 without the system text. */
  readonly omittedFrom: number;
  readonly overflow?: NonNullable<Timing['overflow']>;
  readonly toolsRefused?: NonNullable<Timing['toolsRefused']>;
}

export interface PromptMaker {
  /**
   * Other replies have their turns meanwhile. A text far beyond the context is refused before all of it is tokenized.
   * @throws AppError `engine.context_full`, `template.invalid`, `invalid_input`, `unsupported` (infill without the marks for it, an image
   * or audio), `cancelled` when `signal` fires.
   */
  make(
    input: GenerateInput,
    policy: ContextPolicy,
    render: RenderConversation,
    signal: AbortSignal | undefined,
  ): Promise<Prompt>;
}
export type RenderConversation = (
  messages: readonly TemplateMessage[],
  tools: readonly ToolDefinition[],
) => Promise<TemplateText>;

/** The prompts of one model. `contextSize` in tokens; `thinkingTag` is what the model writes around its reasoning. */
export function createPromptMaker(
  model: LlamaModel,
  tokenizer: Tokenizer,
  contextSize: number,
  thinkingTag: ThinkingTag,
): PromptMaker {
  const marks = createMarks(tokenizer.specialTexts);
  const reserveTokens = replyReserveTokens(contextSize);

  const finish = (
    parts: Pick<Prompt, 'text' | 'replyStart' | 'tokens'> & { origins: Origin[] },
    omitted: Omitted,
  ): Prompt => {
    if (parts.tokens.length === 0)
      throw new AppError('invalid_input', 'The prompt is empty, so there is nothing to continue.', {
        reason: 'empty_prompt',
      });
    if (parts.tokens.length >= contextSize) throw messageTooLong(parts.tokens.length, contextSize);
    return {
      ...parts,
      makeUp: countOrigins(parts.origins),
      omittedMessages: omitted.messages,
      omittedFrom: omitted.from,
      ...(omitted.tokens > 0
        ? { overflow: { policy: omitted.policy, omittedTokens: omitted.tokens, reserveTokens } }
        : {}),
    };
  };

  const plain = (tokens: Token[], text: string): Prompt => {
    const bos = model.tokens.bos;
    const origins = tokens.map((token, index): Origin => (index === 0 && token === bos ? 'template' : 'message'));
    return finish({ text, replyStart: '', tokens, origins }, { messages: 0, from: 0, tokens: 0, policy: 'stop' });
  };

  /** The tokens of a text that goes into the prompt as it is. */
  async function wholeText(text: string, options: { special: boolean; continues: boolean }, signal?: AbortSignal) {
    const tokenized = await tokenizer.tokenize(text, { ...options, limitTokens: contextSize, signal });
    if (tokenized.leftChars > 0) throw messageTooLong(estimateTokens(tokenized, text), contextSize, true);
    return tokenized.tokens;
  }

  async function conversation(
    input: ConversationInput,
    policy: ContextPolicy,
    render: RenderConversation,
    signal: AbortSignal | undefined,
  ): Promise<Prompt> {
    const { messages, cutTokens } = await withinReach(tokenizer, flatten(input.messages), policy, contextSize, signal);
    const tools = marks.hideTools(toolsOf(input));
    const rendered = new Map<readonly TemplateMessage[], { text: MarkedText; segments?: Segments }>();
    let start = '';
    /** Of the latest rendering. */
    let toolsRefused: string | null = null;
    const renderText = async (some: readonly TemplateMessage[]): Promise<string> => {
      const made = await render(some, tools);
      toolsRefused = made.toolsRefused;
      return made.text;
    };
    const withStart = (rendered: string, hide: (messages: readonly TemplateMessage[]) => TemplateMessage[]): string => {
      if (!input.begun) return rendered;
      const hideText = (content: string): string => hide([{ role: 'assistant', content }])[0]?.content ?? '';
      start = replyStart(rendered, input.begun, thinkingTag, hideText);
      return rendered + start;
    };
    const textOf = async (some: readonly TemplateMessage[]): Promise<MarkedText> => {
      const known = rendered.get(some) ?? {
        text: marks.read(withStart(await renderText(marks.hide(some)), marks.hide)),
      };
      rendered.set(some, known);
      return known.text;
    };
    const segmentsOf = async (some: readonly TemplateMessage[], limitTokens = Infinity): Promise<Segments> => {
      const text = await textOf(some);
      const known = rendered.get(some)?.segments;
      if (known) return known;
      const segments = await tokenizeMarked(model, tokenizer, text, limitTokens, signal);
      if (segments.leftChars === 0) rendered.set(some, { text, segments });
      return segments;
    };
    const size = async (some: readonly TemplateMessage[]): Promise<number> => (await segmentsOf(some)).tokenCount;
    const measure = {
      size,
      tokenize: async (text: string): Promise<Token[]> =>
        (await tokenizer.tokenize(text, { special: false, continues: true, signal })).tokens,
      detokenize: (tokens: readonly number[]): string => model.detokenize(tokens as Token[]),
    };
    // Tools are in every prompt, so what is left out of the conversation would not help.
    if (tools.length > 0 && JSON.stringify(tools).length > contextSize) {
      const least = newestTurn(messages).map((one) => ({ ...one, content: one.content.slice(0, contextSize) }));
      const text = marks.read(await renderText(marks.hide(least)));
      const { tokenCount, leftChars } = await tokenizeMarked(model, tokenizer, text, contextSize, signal);
      const readChars = Math.max(1, text.text.length - leftChars);
      if (leftChars > 0)
        throw messageTooLong(tokenCount + Math.ceil((leftChars * tokenCount) / readChars), contextSize, true);
    }
    const promptLimit = contextSize - reserveTokens;
    const { tokenCount, leftChars } = await segmentsOf(messages, policy === 'stop' ? contextSize : Infinity);
    const whole = tokenCount + cutTokens;
    let taken: Shortened = { messages, omitted: 0, omittedFrom: 0 };
    if (policy === 'stop') {
      if (whole >= contextSize) {
        const least = await size(newestTurn(messages));
        if (least >= contextSize) throw messageTooLong(least, contextSize);
        const read = (await textOf(messages)).text.length - leftChars;
        const needed = whole + Math.ceil((leftChars * whole) / Math.max(1, read));
        throw new AppError(
          'engine.context_full',
          `The conversation has ${leftChars > 0 ? 'about ' : ''}${formatInteger(needed)} tokens, and the model's context holds ${formatInteger(contextSize)}. Shorten it, or load the model with a larger context.`,
          { neededTokens: needed, contextSize, policy, ...(leftChars > 0 ? { isEstimate: true } : {}) },
        );
      }
    } else if (whole > promptLimit) taken = await shorten(messages, policy, promptLimit, measure);

    const clean = await textOf(taken.messages);
    const mark = (some: readonly TemplateMessage[]): TemplateMessage[] => marks.withOrigins(marks.hide(some));
    const withOrigins = marks.read(withStart(await renderText(mark(taken.messages)), mark));
    const ranges =
      withOrigins.text === clean.text ? withOrigins.origins : marks.search(clean.text, marks.hide(taken.messages));
    const tokens: Token[] = [];
    const origins: Origin[] = [];
    for (const segment of (await segmentsOf(taken.messages)).list) {
      // One by one: as arguments of one call, several hundred thousand tokens exceed the stack.
      for (const token of segment.tokens) tokens.push(token);
      for (const origin of await originsOf(model, segment, ranges)) origins.push(origin);
    }
    const isWhole = taken.messages === messages && cutTokens === 0;
    const made = finish(
      { text: clean.text, replyStart: marks.read(start).text, tokens, origins },
      {
        ...{ messages: taken.omitted, from: taken.omittedFrom, policy },
        tokens: isWhole ? 0 : Math.max(0, whole - tokens.length),
      },
    );
    // Marks of ours may stand in the words of the template.
    return toolsRefused === null ? made : { ...made, toolsRefused: marks.read(toolsRefused).text };
  }

  return {
    async make(input, policy, render, signal) {
      if ('rawPrompt' in input) {
        const { rawPrompt } = input;
        if (typeof rawPrompt !== 'string')
          return plain([...rawPrompt] as Token[], await textOfGiven(model, rawPrompt, contextSize, signal));
        const tokens = await wholeText(rawPrompt, { special: true, continues: false }, signal);
        return plain(withBos(model, tokens), rawPrompt);
      }
      if ('prefix' in input) {
        const { prefix, suffix, middle } = model.tokens.infill;
        if (prefix === null || suffix === null || middle === null) throw noInfill();
        const before = await wholeText(input.prefix, plainText, signal);
        const after = await wholeText(input.suffix, plainText, signal);
        return plain(withBos(model, [prefix, ...before, suffix, ...after, middle]), input.prefix);
      }
      return await conversation(input, policy, render, signal);
    },
  };
}

const noInfill = (): AppError =>
  new AppError('unsupported', 'This model was not trained to fill in the middle of a text.', { reason: 'no_infill' });

/** For text within a prompt, in which special tokens have no meaning. */
const plainText = { special: false, continues: true };
const neverStopped = new AbortController().signal;

/** The text of tokens that are a prompt. @throws AppError `engine.context_full`, `invalid_input` for a number that is no token, `cancelled`. */
async function textOfGiven(
  model: LlamaModel,
  tokens: readonly number[],
  contextSize: number,
  signal: AbortSignal = neverStopped,
): Promise<string> {
  if (tokens.length >= contextSize) throw messageTooLong(tokens.length, contextSize);
  const count = vocabularySize(model);
  for (const token of tokens) checkToken(token, count, 'prompt');
  return await textOfTokens(model, { tokens, special: true }, signal);
}

/** The last message, with the system text and the template, is too long even where all before it is left out. */
function messageTooLong(neededTokens: number, contextSize: number, isEstimate = false): AppError {
  return new AppError(
    'engine.context_full',
    `The text has ${isEstimate ? 'about ' : ''}${formatInteger(neededTokens)} tokens, and the model's context holds ${formatInteger(contextSize)}.`,
    { reason: 'message_too_long', neededTokens, contextSize, ...(isEstimate ? { isEstimate } : {}) },
  );
}

/** The system text and the newest turn, without which there is nothing to answer. */
function newestTurn(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  return messages.filter(({ role }, index) => role === 'system' || index >= last);
}

/**
 * The conversation, when its system text and last message may fit into the context. With `cut_middle` a far too long last message loses
 * what neither its beginning nor its end could keep: `cutTokens` of it, estimated.
 * @throws AppError `engine.context_full` before the template or all of the text is looked at.
 */
async function withinReach(
  tokenizer: Tokenizer,
  messages: readonly TemplateMessage[],
  policy: ContextPolicy,
  contextSize: number,
  signal: AbortSignal | undefined,
): Promise<{ messages: readonly TemplateMessage[]; cutTokens: number }> {
  const last = messages.length - 1;
  for (const [index, { role, content }] of messages.entries()) {
    if (role !== 'system' && index !== last) continue;
    const limits = { special: false, continues: true, limitTokens: contextSize, signal };
    const tokenized: Tokenized = await tokenizer.tokenize(content, limits);
    const { leftChars } = tokenized;
    if (leftChars === 0) continue;
    const needed = estimateTokens(tokenized, content);
    if (role === 'system' || policy !== 'cut_middle') throw messageTooLong(needed, contextSize, true);
    const tail = content.slice(content.length - Math.min(leftChars, content.length - leftChars));
    const kept = content.slice(0, content.length - leftChars) + CUT_MARK + tail;
    const cutTokens = Math.ceil((needed * (content.length - kept.length)) / content.length);
    const shorter = messages.map((message, at) => (at === last ? { ...message, content: kept } : message));
    if (cutTokens > 0) return { messages: shorter, cutTokens };
  }
  return { messages, cutTokens: 0 };
}

interface Omitted {
  readonly messages: number;
  readonly from: number;
  readonly tokens: number;
  readonly policy: ContextPolicy;
}
function countOrigins(origins: readonly Origin[]): ContextMakeUp {
  const count = { template: 0, system: 0, history: 0, message: 0, summary: 0, recalled: 0, files: 0 };
  for (const origin of origins) count[origin]++;
  return {
    systemTokens: count.system,
    historyTokens: count.history,
    messageTokens: count.message,
    templateTokens: count.template,
    ...(count.summary > 0 ? { summaryTokens: count.summary } : {}),
    ...(count.recalled > 0 ? { recalledTokens: count.recalled } : {}),
    ...(count.files > 0 ? { filesTokens: count.files } : {}),
  };
}

/** Tokens that are turned into text before other replies have their turn. */
const TURN_TOKENS = 2048;

/** Tokens in runs of one origin, with the text of each. */
export async function piecesOf(model: LlamaModel, prompt: Prompt): Promise<PromptPiece[]> {
  const pieces: { origin: Origin; tokens: { id: number; text: string }[] }[] = [];
  for (const [index, token] of (await textsOf(model, prompt.tokens)).entries()) {
    const origin = prompt.origins[index] ?? 'template';
    let piece = pieces.at(-1);
    if (piece?.origin !== origin) pieces.push((piece = { origin, tokens: [] }));
    piece.tokens.push(token);
  }
  return pieces;
}

/** The tokens behind the model's first token (BOS) where it wants one. */
function withBos(model: LlamaModel, tokens: Token[]): Token[] {
  const { bos } = model.tokens;
  return model.tokens.shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}

interface Segment {
  readonly tokens: Token[];
  readonly text: string;
  /** Position in the visible text. */
  readonly start: number;
}

interface Segments {
  readonly list: readonly Segment[];
  readonly tokenCount: number;
  /** Characters at the end beyond the limit. */
  readonly leftChars: number;
}

/** The tokens of a rendered conversation. Hidden text is tokenized as plain text, all other with its special tokens. */
async function tokenizeMarked(
  model: LlamaModel,
  tokenizer: Tokenizer,
  marked: MarkedText,
  limitTokens: number,
  signal: AbortSignal | undefined,
): Promise<Segments> {
  const list: Segment[] = [];
  let at = 0;
  let tokenCount = 0;
  let leftChars = 0;
  const add = async (end: number, special: boolean): Promise<void> => {
    const text = marked.text.slice(at, end);
    const isFirst = at === 0 && special;
    if (text !== '' || isFirst) {
      const limits = { special, continues: !isFirst, limitTokens: limitTokens - tokenCount, signal };
      const tokenized = await tokenizer.tokenize(text, limits);
      const tokens = isFirst ? withBos(model, tokenized.tokens) : tokenized.tokens;
      list.push({ tokens, text, start: at });
      tokenCount += tokens.length;
      if (tokenized.leftChars > 0) leftChars = marked.text.length - end + tokenized.leftChars;
    }
    at = end;
  };
  for (const { start, end } of marked.hidden) {
    if (leftChars > 0) break;
    if (start > at || at === 0) await add(start, true);
    await add(end, false);
  }
  if (leftChars === 0 && (at < marked.text.length || at === 0)) await add(marked.text.length, true);
  return { list, tokenCount, leftChars };
}

/** The origin of each token of a segment, by the position where its text begins. Tokens within one range are handled in one step. */
async function originsOf(model: LlamaModel, segment: Segment, ranges: MarkedText['origins']): Promise<Origin[]> {
  const { tokens, text, start } = segment;
  const origins: Origin[] = [];
  let position = start;
  const bosText = model.tokens.bosString ?? '';
  // The text of a BOS token that the template wrote is in the segment; one that was prepended has no text there.
  if (start === 0 && tokens[0] !== undefined && tokens[0] === model.tokens.bos) {
    origins.push('template');
    if (bosText !== '' && text.startsWith(bosText)) position += bosText.length;
  }
  let turnEnd = TURN_TOKENS;
  while (origins.length < tokens.length) {
    const index = origins.length;
    if (index >= turnEnd) {
      turnEnd = index + TURN_TOKENS;
      await nextTurn();
    }
    const range = ranges.find(({ end }) => end > position);
    const inside = range !== undefined && range.start <= position;
    const border = inside ? range.end : (range?.start ?? Infinity);
    const textOf = (count: number): string =>
      model.detokenize(tokens.slice(index, index + count), true, tokens.slice(Math.max(0, index - 8), index));
    let step = Math.min(256, tokens.length - index);
    let piece = textOf(step);
    while (step > 1 && (position + piece.length > border || piece.endsWith('\uFFFD'))) {
      step = step >> 1;
      piece = textOf(step);
    }
    // Tokens that share the bytes of one character stay together.
    while (piece.endsWith('\uFFFD') && step < 4 && index + step < tokens.length) piece = textOf(++step);
    position += piece.length;
    // A token across a border belongs to the message.
    const origin = inside || position > border ? range?.origin : 'template';
    for (let one = 0; one < step; one++) origins.push(origin ?? 'template');
  }
  return origins;
}
