/** Separates a model's reasoning from its answer, while the text streams. */
import { createHarmonySplitter } from './harmony.ts';
import { heldBack } from './held-back.ts';
import { marks, openedBy, type AnswerMark, type ReasoningMark } from './reasoning-marks.ts';
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

/** How much of the end of a content may begin a mark. White space that an end without a beginning may follow is no content yet. */
function heldBackOf(buffer: string, before: string, orphans: readonly ReasoningMark[]): number {
  const held = Math.max(
    0,
    ...anywhere.map(({ open }) => heldBack(buffer, open)),
    ...orphans.map(({ close }) => heldBack(buffer, close)),
  );
  const isBlank = (before + buffer.slice(0, buffer.length - held)).trim() === '';
  return isBlank && orphans.length > 0 ? buffer.length : held;
}

/** Marks whose end counts without a beginning: the template knows them. */
const orphansOf = (source: string): readonly ReasoningMark[] =>
  // Ends such as `<|end|>` are ends of other things as well.
  marks.filter(({ close }) => /think|thought|reason/i.test(close) && source.includes(close));

function createTagSplitter(prompt: string, source: string): ReasoningSplitter {
  const opened = openedBy(prompt);
  let mark = opened;
  let answer: AnswerMark | undefined;
  let state: 'start' | 'reasoning' | 'call' | 'after' | 'content' | 'wrapped' = opened ? 'reasoning' : 'start';
  let buffer = '';
  let hasBegun = false;
  /** A model that was given the open mark may write it once more. */
  let mayRepeatOpen = opened !== undefined;
  /** Ends of reasoning that count without a beginning. Null once reasoning was seen or ruled out. */
  let orphans: readonly ReasoningMark[] | null = opened ? null : orphansOf(source);
  /** The content so far, while such an end may follow it. */
  let answered = '';
  /** Where the prompt has closed the reasoning, an end counts on a line of its own only, and not in a text about both marks. */
  const endsReasoning = ({ open, close }: ReasoningMark, before: string): boolean => {
    if (!prompt.trimEnd().endsWith(close)) return true;
    const text = answered + before;
    return text.slice(text.lastIndexOf('\n') + 1).trim() === '' && !text.includes(open);
  };

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
          const text = buffer.trimStart();
          const open = mark?.open ?? '';
          if (!atEnd && open.startsWith(text) && text !== open) break;
          mayRepeatOpen = false;
          if (text.startsWith(open)) buffer = text.slice(open.length);
        }
        const close = mark?.close ?? '';
        const calls = mark?.calls;
        const callAt = calls ? buffer.indexOf(calls.open) : -1;
        const closeAt = buffer.indexOf(close);
        if (calls && callAt >= 0 && (closeAt < 0 || callAt < closeAt)) {
          reasoning += buffer.slice(0, callAt).trim();
          buffer = buffer.slice(callAt);
          hasBegun = false;
          state = 'call';
          continue;
        }
        // A call's mark may be half there.
        const held = calls && !atEnd && closeAt < 0 ? heldBack(buffer, calls.open) : 0;
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
        const end = at < 0 ? buffer.length : at + close.length;
        content += buffer.slice(0, end);
        buffer = buffer.slice(end);
        state = 'reasoning';
        if (at < 0) break;
        continue;
      }
      if (state === 'after') {
        buffer = buffer.trimStart();
        const answers = mark?.answers ?? [];
        const found = answers.find(({ open }) => buffer.startsWith(open) && (open !== '' || buffer !== ''));
        if (found) {
          answer = found;
          buffer = buffer.slice(found.open.length).trimStart();
          state = 'wrapped';
          hasBegun = false;
          continue;
        }
        if (buffer === '' || (!atEnd && answers.some(({ open }) => open.startsWith(buffer)))) break;
        state = 'content';
        continue;
      }
      if (state === 'wrapped') {
        const { text, isClosed } = take(answer?.close ?? '', atEnd);
        content += text;
        if (!isClosed) break;
        buffer = buffer.trimStart();
        state = 'content';
        continue;
      }
      const next = firstOf(buffer, anywhere, ({ open }) => open);
      const end = orphans && firstOf(buffer, orphans, ({ close }) => close);
      // An end behind a beginning is that beginning's.
      const orphan = end && next && next.at < end.at ? null : end;
      if (orphan && !endsReasoning(orphan.found, buffer.slice(0, orphan.at))) {
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
      const held = atEnd ? 0 : heldBackOf(buffer, answered, orphans ?? []);
      const given = buffer.slice(0, buffer.length - held);
      content += given;
      if (orphans) answered += given;
      buffer = buffer.slice(buffer.length - held);
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
