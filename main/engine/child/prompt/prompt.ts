/** Makes the exact prompt of a conversation: rendered, tokenized, fitted to the context, with the origin of every token. */
import type { LlamaModel, Token } from 'node-llama-cpp';
import type { ContextMakeUp, ContextPolicy } from '../../../../preload/contract/chat.ts';
import { AppError } from '../../../../preload/wire/errors.ts';
import type { PromptPiece } from '../../../../preload/contract/engine.ts';
import { formatInteger } from '../../../base/format.ts';
import { flatten, type TemplateMessage } from '../../../chat-format/template/flatten.ts';
import { createMarks, type MarkedText, type Origin } from './marks.ts';
import type { GenerateInput } from '../../protocol.ts';
import type { ConversationInput, ToolDefinition } from '../../../chat-format/messages.ts';
import { replyStart, type ThinkingTag } from './reply-start.ts';
import { shorten, type Shortened } from './shorten.ts';
import { toolsOf } from '../../../chat-format/template/tool-prompt.ts';

/** Share of the context that a shortened conversation leaves for the reply, at most `REPLY_RESERVE_TOKENS`. */
const REPLY_RESERVE_SHARE = 0.25;
const REPLY_RESERVE_TOKENS = 512;

export interface Prompt {
  readonly text: string;
  /** The end of `text` that is the beginning of the reply; empty for a reply that begins anew. */
  readonly replyStart: string;
  readonly tokens: Token[];
  /** One for each token. */
  readonly origins: readonly Origin[];
  readonly makeUp: ContextMakeUp;
  readonly omittedMessages: number;
  readonly overflow?: { readonly policy: ContextPolicy; readonly omittedTokens: number };
}

export interface PromptMaker {
  /** @throws AppError `engine.context_full`, `template.invalid`, `invalid_input`, `unsupported` (infill without the marks for it, an image or audio). */
  make(input: GenerateInput, policy: ContextPolicy, render: RenderConversation): Promise<Prompt>;
}
export type RenderConversation = (
  messages: readonly TemplateMessage[],
  tools: readonly ToolDefinition[],
) => Promise<string>;

/** The prompts of one model. `contextSize` in tokens; `thinkingTag` is what the model writes around its reasoning. */
export function createPromptMaker(model: LlamaModel, contextSize: number, thinkingTag: ThinkingTag): PromptMaker {
  const marks = createMarks(listSpecialTexts(model));

  /** The last message, with the system text and the template, is too long even where all before it is left out. */
  const messageTooLong = (neededTokens: number): AppError =>
    new AppError(
      'engine.context_full',
      `The text has ${formatInteger(neededTokens)} tokens, and the model's context holds ${formatInteger(contextSize)}.`,
      { reason: 'message_too_long', neededTokens, contextSize },
    );

  const finish = (
    parts: Pick<Prompt, 'text' | 'replyStart' | 'tokens'> & { origins: Origin[] },
    omitted: Omitted,
  ): Prompt => {
    if (parts.tokens.length === 0)
      throw new AppError('invalid_input', 'The prompt is empty, so there is nothing to continue.', {
        reason: 'empty_prompt',
      });
    if (parts.tokens.length >= contextSize) throw messageTooLong(parts.tokens.length);
    return {
      ...parts,
      makeUp: countOrigins(parts.origins),
      omittedMessages: omitted.messages,
      ...(omitted.tokens > 0 ? { overflow: { policy: omitted.policy, omittedTokens: omitted.tokens } } : {}),
    };
  };

  const plain = (tokens: Token[], text: string): Prompt => {
    const bos = model.tokens.bos;
    const origins = tokens.map((token, index): Origin => (index === 0 && token === bos ? 'template' : 'message'));
    return finish({ text, replyStart: '', tokens, origins }, { messages: 0, tokens: 0, policy: 'stop' });
  };

  const tokensOf = (marked: MarkedText): Token[] => tokenizeMarked(model, marked).flatMap(({ tokens }) => tokens);

  async function conversation(
    input: ConversationInput,
    policy: ContextPolicy,
    render: RenderConversation,
  ): Promise<Prompt> {
    const messages = flatten(input.messages);
    const tools = marks.hideTools(toolsOf(input));
    const texts = new Map<readonly TemplateMessage[], MarkedText>();
    let start = '';
    const withStart = (rendered: string, hide: (messages: readonly TemplateMessage[]) => TemplateMessage[]): string => {
      if (!input.begun) return rendered;
      const hideText = (content: string): string => hide([{ role: 'assistant', content }])[0]?.content ?? '';
      start = replyStart(rendered, input.begun, thinkingTag, hideText);
      return rendered + start;
    };
    const textOf = async (some: readonly TemplateMessage[]): Promise<MarkedText> => {
      const text = texts.get(some) ?? marks.read(withStart(await render(marks.hide(some), tools), marks.hide));
      texts.set(some, text);
      return text;
    };
    const size = async (some: readonly TemplateMessage[]): Promise<number> => tokensOf(await textOf(some)).length;
    const measure = {
      size,
      tokenize: (text: string): Token[] => model.tokenize(text, false, 'trimLeadingSpace'),
      detokenize: (tokens: readonly number[]): string => model.detokenize(tokens as Token[]),
    };
    const whole = await size(messages);
    const promptLimit = contextSize - Math.min(REPLY_RESERVE_TOKENS, Math.floor(contextSize * REPLY_RESERVE_SHARE));
    let taken: Shortened = { messages, omitted: 0 };
    if (policy === 'stop') {
      if (whole >= contextSize) {
        const least = await size((await shorten(messages, 'roll', promptLimit, measure)).messages);
        if (least >= contextSize) throw messageTooLong(least);
        throw new AppError(
          'engine.context_full',
          `The conversation has ${formatInteger(whole)} tokens, and the model's context holds ${formatInteger(contextSize)}. This chat is set to stop rather than to leave something out.`,
          { neededTokens: whole, contextSize, policy },
        );
      }
    } else if (whole > promptLimit) taken = await shorten(messages, policy, promptLimit, measure);

    const clean = await textOf(taken.messages);
    const withOrigins = marks.read(
      withStart(await render(marks.withOrigins(marks.hide(taken.messages)), tools), (some) =>
        marks.withOrigins(marks.hide(some)),
      ),
    );
    const ranges =
      withOrigins.text === clean.text ? withOrigins.origins : marks.search(clean.text, marks.hide(taken.messages));
    const tokens: Token[] = [];
    const origins: Origin[] = [];
    for (const segment of tokenizeMarked(model, clean)) {
      // One by one: as arguments of one call, several hundred thousand tokens exceed the stack.
      for (const token of segment.tokens) tokens.push(token);
      for (const origin of originsOf(model, segment, ranges)) origins.push(origin);
    }
    return finish(
      { text: clean.text, replyStart: marks.read(start).text, tokens, origins },
      {
        messages: taken.omitted,
        tokens: taken.messages === messages ? 0 : Math.max(0, whole - tokens.length),
        policy,
      },
    );
  }

  return {
    async make(input, policy, render) {
      if ('rawPrompt' in input) return plain(tokenize(model, input.rawPrompt), input.rawPrompt);
      if ('prefix' in input) {
        const { prefix, suffix, middle } = model.tokens.infill;
        if (prefix === null || suffix === null || middle === null)
          throw new AppError('unsupported', 'This model was not trained to fill in the middle of a text.');
        const bos = model.tokens.shouldPrependBosToken && model.tokens.bos !== null ? [model.tokens.bos] : [];
        const text = (part: string): Token[] => model.tokenize(part, false, 'trimLeadingSpace');
        return plain([...bos, prefix, ...text(input.prefix), suffix, ...text(input.suffix), middle], input.prefix);
      }
      return await conversation(input, policy, render);
    },
  };
}

interface Omitted {
  readonly messages: number;
  readonly tokens: number;
  readonly policy: ContextPolicy;
}
function countOrigins(origins: readonly Origin[]): ContextMakeUp {
  const count = { template: 0, system: 0, history: 0, message: 0 };
  for (const origin of origins) count[origin]++;
  return {
    systemTokens: count.system,
    historyTokens: count.history,
    messageTokens: count.message,
    templateTokens: count.template,
  };
}

/** Tokens in runs of one origin, with the text of each. */
export function piecesOf(model: LlamaModel, prompt: Prompt): PromptPiece[] {
  const pieces: { origin: Origin; tokens: { id: number; text: string }[] }[] = [];
  prompt.tokens.forEach((token, index) => {
    const origin = prompt.origins[index] ?? 'template';
    let piece = pieces.at(-1);
    if (piece?.origin !== origin) pieces.push((piece = { origin, tokens: [] }));
    piece.tokens.push({
      id: token,
      text: model.detokenize([token], true, prompt.tokens.slice(Math.max(0, index - 4), index)),
    });
  });
  return pieces;
}

/** The tokens of a text, special tokens included, behind the model's first token (BOS) where it wants one. */
export function tokenize(model: LlamaModel, text: string): Token[] {
  const tokens = model.tokenize(text, true);
  const { bos } = model.tokens;
  return model.tokens.shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
}

interface Segment {
  readonly tokens: Token[];
  readonly text: string;
  /** Position in the visible text. */
  readonly start: number;
}

/** The tokens of a rendered conversation. Hidden text is tokenized as plain text, all other with its special tokens. */
function tokenizeMarked(model: LlamaModel, marked: MarkedText): Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  const add = (end: number, special: boolean): void => {
    const text = marked.text.slice(at, end);
    if (at === 0 && special) segments.push({ tokens: tokenize(model, text), text, start: 0 });
    else if (text !== '') segments.push({ tokens: model.tokenize(text, special, 'trimLeadingSpace'), text, start: at });
    at = end;
  };
  for (const { start, end } of marked.hidden) {
    if (start > at || at === 0) add(start, true);
    add(end, false);
  }
  if (at < marked.text.length || at === 0) add(marked.text.length, true);
  return segments;
}

/** The origin of each token of a segment, by the position where its text begins. Tokens within one range are handled in one step. */
function originsOf(model: LlamaModel, segment: Segment, ranges: MarkedText['origins']): Origin[] {
  const { tokens, text, start } = segment;
  const origins: Origin[] = [];
  let position = start;
  const bosText = model.tokens.bosString ?? '';
  // The text of a BOS token that the template wrote is in the segment; one that was prepended has no text there.
  if (start === 0 && tokens[0] !== undefined && tokens[0] === model.tokens.bos) {
    origins.push('template');
    if (bosText !== '' && text.startsWith(bosText)) position += bosText.length;
  }
  while (origins.length < tokens.length) {
    const index = origins.length;
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

/** The texts of the model's special tokens, longest first. In messages they must stay plain text. */
function listSpecialTexts(model: LlamaModel): string[] {
  const texts = new Set<string>();
  for (const token of model.iterateAllTokens()) {
    if (!model.isSpecialToken(token)) continue;
    const text = model.detokenize([token], true).trim();
    // Shorter ones are bytes and white space that a vocabulary lists as special tokens.
    if (text.length >= 3) texts.add(text);
  }
  return [...texts].sort((a, b) => b.length - a.length);
}
