/** Separates a model's reasoning from its answer, while the text streams. */
import { createHarmonySplitter } from './harmony.ts';
import { heldBack } from './held-back.ts';
import { answerOpenedBy, marks, openedBy, strayEnds, type AnswerMark, type ReasoningMark } from './reasoning-marks.ts';
import type { ReasoningSplit, ReasoningSplitter } from './reasoning-split.ts';

/**
 * A splitter for one reply. Reasoning is recognized only at the very start (white space aside), so that text about such marks is not
 * misread; marks that are special tokens are recognized anywhere. `prompt` is the rendered prompt: some templates open the reasoning
 * themselves. `source` is the model's chat template: where it knows a mark that ends reasoning, that mark counts without a beginning.
 * White space around the marks belongs to neither text.
 */
export function createReasoningSplitter(prompt: string, source = ''): ReasoningSplitter {
  return prompt.trimEnd().endsWith('<|start|>assistant') ? createHarmonySplitter() : createTagSplitter(prompt, source);
}

const aloneAnswers: readonly AnswerMark[] = marks.flatMap(({ answers = [] }) =>
  answers.filter(({ standsAlone }) => standsAlone),
);
/** What a reply may begin with. */
const beginnings: readonly (ReasoningMark | AnswerMark)[] = [...marks, ...aloneAnswers];
const anywhere: readonly ReasoningMark[] = marks.filter(({ isAnywhere }) => isAnywhere);

/** Where the first of `texts` is in `buffer`; null when none is. */
function firstOf<Of>(
  buffer: string,
  choices: readonly Of[],
  textOf: (one: Of) => string,
): { at: number; found: Of } | null {
  let first: { at: number; found: Of } | null = null;
  for (const found of choices) {
    const at = buffer.indexOf(textOf(found));
    if (at >= 0 && (first === null || at < first.at)) first = { at, found };
  }
  return first;
}

/** How much of the end of a text may begin one of these. */
const heldBackOf = (buffer: string, texts: readonly string[]): number =>
  Math.max(0, ...texts.map((text) => heldBack(buffer, text)));

/** What else may stand within reasoning: its calls, and the answer where the end of the reasoning is missing. */
function withinReasoning(mark: ReasoningMark | undefined): ReadonlyMap<string, State> {
  const answers = (mark?.answers ?? []).filter(({ standsAlone }) => standsAlone);
  const found = new Map<string, State>(answers.map(({ open }) => [open, 'after']));
  return mark?.calls ? found.set(mark.calls.open, 'call') : found;
}

/** Marks whose end counts without a beginning: the template knows them. */
const orphansOf = (source: string): readonly ReasoningMark[] =>
  // Ends such as `<|end|>` are ends of other things as well.
  marks.filter(({ close }) => /think|thought|reason/i.test(close) && source.includes(close));

/**
 * Whether an end without a beginning, behind `text`, is one: not in a text about both marks, and not in code. Where the prompt has
 * closed the reasoning, it must stand on a line of its own.
 */
function endsReasoning({ open, close }: ReasoningMark, text: string, prompt: string): boolean {
  if (text.includes(open) || isInCode(text)) return false;
  return lastLine(text).trim() === '' || !prompt.trimEnd().endsWith(close);
}

const lastLine = (text: string): string => text.slice(text.lastIndexOf('\n') + 1);

/** Whether a text of Markdown ends within a fence or between backticks. */
function isInCode(text: string): boolean {
  const isOdd = (found: readonly string[] | null): boolean => (found?.length ?? 0) % 2 === 1;
  if (isOdd(text.match(/^ {0,3}(?:```|~~~)/gm))) return true;
  const line = lastLine(text);
  return !/^ {0,3}```/.test(line) && isOdd(line.match(/`+/g));
}

/** The answer's mark behind reasoning; null for none, undefined while more may come. */
function answerNext(text: string, mark: ReasoningMark | undefined, atEnd: boolean): AnswerMark | null | undefined {
  const answers = mark?.answers ?? [];
  const found = answers.find(({ open }) => text.startsWith(open) && (open !== '' || text !== ''));
  if (found) return found;
  return text === '' || (!atEnd && answers.some(({ open }) => open.startsWith(text))) ? undefined : null;
}

/** The text without the mark that it may begin with; null while that may be half there. */
function withoutOpen(text: string, open: string, atEnd: boolean): string | null {
  const rest = text.trimStart();
  if (rest.startsWith(open)) return rest.slice(open.length);
  return !atEnd && open.startsWith(rest) ? null : text;
}

/** What may stand within content and is none. */
const marksWithin = (orphans: readonly ReasoningMark[], strays: readonly string[]): readonly string[] => [
  ...anywhere.map(({ open }) => open),
  ...orphans.map(({ close }) => close),
  ...strays,
];

type State = 'start' | 'reasoning' | 'call' | 'after' | 'content' | 'wrapped' | 'unwrapped';

function createTagSplitter(prompt: string, source: string): ReasoningSplitter {
  const opened = openedBy(prompt);
  let mark = opened;
  let answer = opened ? undefined : answerOpenedBy(prompt);
  let state: State = opened ? 'reasoning' : answer ? 'wrapped' : 'start';
  let buffer = '';
  let hasBegun = false;
  /** A model that was given the open mark may write it once more. */
  let mayRepeatOpen = opened !== undefined;
  /** Ends of reasoning that count without a beginning. Null once reasoning was seen or ruled out. */
  let orphans: readonly ReasoningMark[] | null = opened ? null : orphansOf(source);
  const strays = strayEnds.filter(({ known }) => source.includes(known)).map(({ end }) => end);
  /** The content so far, while such an end may follow it. */
  let answered = '';

  /** The text before `close`, trimmed. Trailing white space is held back: it is dropped when the mark follows. */
  const take = (close: string, atEnd: boolean): { readonly text: string; readonly isClosed: boolean } => {
    if (!hasBegun) buffer = buffer.trimStart();
    const at = buffer.indexOf(close);
    const isClosed = at >= 0;
    const body = buffer.slice(0, isClosed ? at : buffer.length - (atEnd ? 0 : heldBack(buffer, close)));
    const text = atEnd && !isClosed ? body : body.trimEnd();
    buffer = buffer.slice(isClosed ? at + close.length : text.length);
    hasBegun = !isClosed && (hasBegun || text !== '');
    return { text, isClosed };
  };

  const begin = (found: ReasoningMark): void => {
    mark = found;
    state = 'reasoning';
    hasBegun = false;
    orphans = null;
  };

  const split = (atEnd: boolean): ReasoningSplit => {
    let content = '';
    let reasoning = '';
    let moved = false;
    const give = (length: number): void => {
      content += buffer.slice(0, length);
      if (orphans) answered += buffer.slice(0, length);
      buffer = buffer.slice(length);
    };
    for (;;) {
      if (state === 'start') {
        const text = buffer.trimStart();
        const found = beginnings.find(({ open }) => text.startsWith(open));
        if (!found && !atEnd && beginnings.some(({ open }) => open.startsWith(text))) break;
        if (found) buffer = text.slice(found.open.length);
        if (!found) state = 'content';
        else if ('standsAlone' in found) [answer, state] = [found, 'wrapped'];
        else begin(found);
        continue;
      }
      if (state === 'reasoning') {
        if (mayRepeatOpen) {
          const text = withoutOpen(buffer, mark?.open ?? '', atEnd);
          if (text === null) break;
          mayRepeatOpen = false;
          buffer = text;
        }
        const close = mark?.close ?? '';
        const closeAt = buffer.indexOf(close);
        const others = withinReasoning(mark);
        const other = firstOf(buffer, [...others.keys()], (open) => open);
        if (other && (closeAt < 0 || other.at < closeAt)) {
          reasoning += buffer.slice(0, other.at).trim();
          buffer = buffer.slice(other.at);
          hasBegun = false;
          state = others.get(other.found) ?? 'after';
          continue;
        }
        // Such a mark may be half there.
        const held = atEnd || closeAt >= 0 ? 0 : heldBackOf(buffer, [...others.keys()]);
        const rest = buffer.slice(buffer.length - held);
        buffer = buffer.slice(0, buffer.length - held);
        const { text, isClosed } = take(close, atEnd);
        buffer += rest;
        reasoning += text;
        if (!isClosed) break;
        state = 'after';
        continue;
      }
      if (state === 'call') {
        const close = mark?.calls?.close ?? '';
        const at = buffer.indexOf(close);
        if (at < 0 && !atEnd) break;
        give(at < 0 ? buffer.length : at + close.length);
        state = 'reasoning';
        continue;
      }
      if (state === 'after') {
        buffer = buffer.trimStart();
        const found = answerNext(buffer, mark, atEnd);
        if (found === undefined) break;
        if (found) {
          answer = found;
          buffer = buffer.slice(found.open.length).trimStart();
          hasBegun = false;
        }
        state = found ? 'wrapped' : 'content';
        continue;
      }
      if (state === 'wrapped') {
        const { text, isClosed } = take(answer?.close ?? '', atEnd);
        content += text;
        if (!isClosed) break;
        state = 'unwrapped';
      }
      if (state === 'unwrapped') {
        buffer = buffer.trimStart();
        if (buffer === '') break;
        state = 'content';
      }
      const next = firstOf(buffer, anywhere, ({ open }) => open);
      const stray = firstOf(buffer, strays, (end) => end);
      const end = orphans && firstOf(buffer, orphans, ({ close }) => close);
      if (stray && stray.at < Math.min(end?.at ?? Infinity, next?.at ?? Infinity)) {
        give(stray.at);
        buffer = buffer.slice(stray.found.length);
        continue;
      }
      // An end behind a beginning is that beginning's.
      const orphan = end && next && next.at < end.at ? null : end;
      if (orphan && !endsReasoning(orphan.found, answered + buffer.slice(0, orphan.at), prompt)) {
        orphans = null;
        continue;
      }
      if (orphan) {
        moved = (answered + buffer.slice(0, orphan.at)).trim() !== '';
        reasoning += (content + buffer.slice(0, orphan.at)).trimEnd();
        content = '';
        buffer = buffer.slice(orphan.at + orphan.found.close.length);
        mark = orphan.found;
        orphans = null;
        state = 'after';
        continue;
      }
      if (next) {
        content += buffer.slice(0, next.at).trimEnd();
        buffer = buffer.slice(next.at + next.found.open.length);
        begin(next.found);
        continue;
      }
      const given = buffer.length - (atEnd ? 0 : heldBackOf(buffer, marksWithin(orphans ?? [], strays)));
      // White space that an end without a beginning may follow is no content yet.
      if (atEnd || !orphans?.length || (answered + buffer.slice(0, given)).trim() !== '') give(given);
      break;
    }
    return { content, reasoning, ...(moved ? { contentWasReasoning: true } : {}) };
  };

  return {
    push(text) {
      buffer += text;
      return split(false);
    },
    end: () => split(true),
    inReasoning: () => state === 'reasoning',
  };
}
