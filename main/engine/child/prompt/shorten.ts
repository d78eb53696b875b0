/** Shortens a conversation that does not fit, at the same place in later turns, so that evaluated tokens are reused. */
import type { ContextPolicy } from '../../../../preload/contract/chat.ts';
import type { TemplateMessage } from '../../../chat-format/template/flatten.ts';

/** Stands for text that was cut out of a message. */
export const CUT_MARK = '\n[…]\n';
/** The omission ends at a multiple of the limit divided by this, so that it stays the same for several turns. */
const STEPS = 4;
/** Tokens of a cut message that must remain; a shorter rest says nothing. */
const LEAST_REST_TOKENS = 16;
/** Tokenization may differ at a cut, so that more than one attempt may be needed. */
const CUT_ATTEMPTS = 4;
/** Estimated tokens of the marks around a message. The count must be the same in every turn, and need not be exact. */
const MESSAGE_MARKS = 4;

export interface Shortened {
  readonly messages: readonly TemplateMessage[];
  /** Whole messages that are left out, and the index of the first of them among the messages that are no system text. */
  readonly omitted: number;
  readonly omittedFrom: number;
}

/** The model's functions that shortening needs. Counts in tokens. */
export interface Measure {
  /** Of the rendered conversation. */
  size(messages: readonly TemplateMessage[]): Promise<number>;
  tokenize(text: string): Promise<readonly number[]>;
  detokenize(tokens: readonly number[]): string;
}

/**
 * A conversation that fits into `limitTokens` tokens, or the shortest there is. `roll` leaves out turns from the start, `cut_middle`
 * those after the first turn; of a large message of the user only a part. The system text and the last message are always kept;
 * `cut_middle` cuts the middle out of a last message that is too large by itself. The turn before the last message is kept with a
 * shortened message where it does not fit whole.
 *
 * Where the rest begins depends only on what was left out and on how many steps it took. A further turn therefore begins at the
 * same place until the limit is reached again, and the engine reuses its state.
 */
export async function shorten(
  messages: readonly TemplateMessage[],
  policy: Exclude<ContextPolicy, 'stop'>,
  limitTokens: number,
  measure: Measure,
): Promise<Shortened> {
  const system = messages.filter((message) => message.role === 'system');
  const talk = messages.filter((message) => message.role !== 'system');
  // A conversation must begin with the user, so only these starts are possible. The last of them is the newest turn alone.
  const starts = talk.flatMap((message, index) => (message.role === 'user' && index > 0 ? [index] : []));
  const headEnd = policy === 'cut_middle' ? (starts[0] ?? 0) : 0;
  const build = (from: number, head: number): TemplateMessage[] => [
    ...system,
    ...talk.slice(0, head),
    ...talk.slice(from),
  ];
  const whole = await measure.size(messages);
  const tokens: (readonly number[])[] = [];
  for (const { content } of talk) tokens.push(await measure.tokenize(content));
  /** Where each message begins, in tokens. */
  const begins = [0];
  for (const one of tokens) begins.push((begins.at(-1) ?? 0) + one.length + MESSAGE_MARKS);
  const beginOf = (index: number): number => begins[index] ?? Infinity;
  const step = Math.max(1, Math.floor(limitTokens / STEPS));
  /** Where the newest turn begins. */
  const newest = starts.at(-1) ?? 0;

  /** The conversation with its head and the messages after a point, and an estimate of the tokens left out. */
  const after = (point: number, head: number): (Shortened & { readonly leftOut: number }) | null => {
    const from = starts.find((start) => start > head && beginOf(start) >= point);
    const before = starts.filter((start) => start >= head && beginOf(start) < point).at(-1) ?? head;
    const gone = point - beginOf(before);
    const large = tokens[before] ?? [];
    // The next turn is far away: the end of the message around the point is kept.
    const isNewest = before === newest;
    if (!isNewest && gone < large.length && (from === undefined || beginOf(from) - point > step)) {
      const content = CUT_MARK + measure.detokenize(large.slice(gone)).replaceAll('\uFFFD', '');
      const rest = talk.slice(before).map((message, at) => (at === 0 ? { ...message, content } : message));
      const kept = [...system, ...talk.slice(0, head), ...rest];
      return { messages: kept, omitted: before - head, omittedFrom: head, leftOut: point - beginOf(head) };
    }
    if (from === undefined) return null;
    return {
      messages: build(from, head),
      omitted: from - head,
      omittedFrom: head,
      leftOut: beginOf(from) - beginOf(head),
    };
  };

  for (const head of headEnd > 0 ? [headEnd, 0] : [0]) {
    let last = -1;
    for (let steps = 1; ; steps++) {
      const candidate = after(beginOf(head) + steps * step, head);
      if (!candidate) break;
      // Rendered and counted only where it may be enough, and only once where several steps give the same conversation.
      if (candidate.leftOut === last || whole - candidate.leftOut > limitTokens) continue;
      last = candidate.leftOut;
      if ((await measure.size(candidate.messages)) > limitTokens) continue;
      if (candidate.omitted + head < newest) return candidate;
      break;
    }
    // Without the turn before it, the newest message may have nothing to refer to.
    if (newest > head) {
      const before = Math.max(head, starts.at(-2) ?? 0);
      const both = [...talk.slice(0, head), ...talk.slice(before)];
      const cut = await cutLargest(system, both, { from: head, to: head + newest - before }, limitTokens, measure);
      if (cut) return { messages: cut, omitted: before - head, omittedFrom: head };
    }
    // The newest turn alone may begin before the next step.
    if (newest > head && (await measure.size(build(newest, head))) <= limitTokens)
      return { messages: build(newest, head), omitted: newest - head, omittedFrom: head };
  }

  const last = build(newest, 0);
  if (policy === 'cut_middle' && (await measure.size(last)) > limitTokens) {
    const cut = await cutMiddle(last, limitTokens, measure);
    if (cut) return { messages: cut, omitted: newest, omittedFrom: 0 };
  }
  return newest === 0 ? { messages, omitted: 0, omittedFrom: 0 } : { messages: last, omitted: newest, omittedFrom: 0 };
}

/**
 * The conversation with as much as fits of the end of the largest message in a range of `talk`; `talk` whole where that fits, null
 * where too little of the message would remain.
 */
async function cutLargest(
  system: readonly TemplateMessage[],
  talk: readonly TemplateMessage[],
  { from, to }: { readonly from: number; readonly to: number },
  limitTokens: number,
  measure: Measure,
): Promise<readonly TemplateMessage[] | null> {
  const all = [...system, ...talk];
  let over = (await measure.size(all)) - limitTokens;
  if (over <= 0) return all;
  let largest = { index: -1, tokens: [] as readonly number[] };
  for (let index = from; index < to; index++) {
    const tokens = await measure.tokenize(talk[index]?.content ?? '');
    if (tokens.length > largest.tokens.length) largest = { index, tokens };
  }
  let gone = (await measure.tokenize(CUT_MARK)).length;
  for (let attempt = 0; attempt < CUT_ATTEMPTS; attempt++) {
    gone += over;
    if (largest.tokens.length - gone < LEAST_REST_TOKENS) return null;
    const content = CUT_MARK + measure.detokenize(largest.tokens.slice(gone)).replaceAll('\uFFFD', '');
    const cut = [
      ...system,
      ...talk.map((message, index) => (index === largest.index ? { ...message, content } : message)),
    ];
    over = (await measure.size(cut)) - limitTokens;
    if (over <= 0) return cut;
  }
  return null;
}

/** `messages` with the middle of the last one cut out as far as needed; null when that is not enough. */
async function cutMiddle(
  messages: readonly TemplateMessage[],
  limitTokens: number,
  measure: Measure,
): Promise<readonly TemplateMessage[] | null> {
  const index = messages.length - 1;
  const message = messages[index];
  if (!message) return null;
  const tokens = await measure.tokenize(message.content);
  const cutAt = (keep: number): TemplateMessage[] => {
    const head = Math.floor(keep / 2);
    const content =
      measure.detokenize(tokens.slice(0, head)) +
      CUT_MARK +
      measure.detokenize(tokens.slice(tokens.length - (keep - head)));
    return [...messages.slice(0, index), { ...message, content: content.replaceAll('\uFFFD', '') }];
  };
  let keep = tokens.length - ((await measure.size(messages)) - limitTokens) - (await measure.tokenize(CUT_MARK)).length;
  for (let attempt = 0; attempt < CUT_ATTEMPTS && keep > 0; attempt++) {
    const cut = cutAt(keep);
    const over = (await measure.size(cut)) - limitTokens;
    if (over <= 0) return cut;
    keep -= over;
  }
  return null;
}
