/** Separates what a model thinks aloud from its answer, while the text streams. */
import { createHarmonySplitter, harmonyMarks } from './harmony.ts';
import { heldBack } from './held-back.ts';
import type { ReasoningSplit, ReasoningSplitter } from './reasoning-split.ts';

interface Mark {
  readonly open: string;
  readonly close: string;
  /** Wrapped around the answer that follows; belongs to neither side. */
  readonly answer?: { readonly open: string; readonly close: string };
}

/** Marks of the model families that think aloud. */
const marks: readonly Mark[] = [
  // Qwen, DeepSeek, GLM and most others; Granite 3.3 also wraps its answer.
  { open: '<think>', close: '</think>', answer: { open: '<response>', close: '</response>' } },
  { open: '<thinking>', close: '</thinking>' },
  // EXAONE Deep.
  { open: '<thought>', close: '</thought>' },
  // Magistral.
  { open: '[THINK]', close: '[/THINK]' },
  // Seed-OSS.
  { open: '<seed:think>', close: '</seed:think>' },
  // Kimi.
  { open: '◁think▷', close: '◁/think▷' },
  // Granite 3.2 says it in words.
  { open: 'Here is my thought process:', close: 'Here is my response:' },
];

/** Marks with which a model begins to think aloud by itself, and those that end it. */
export const thinkingTags: readonly { readonly open: string; readonly close: string }[] = marks;

/** Texts that a splitter must see although a vocabulary may have them as special tokens, which are otherwise left out of a text. */
export const reasoningMarks: readonly string[] = [
  ...marks.flatMap(({ open, close, answer }) => [open, close, ...(answer ? [answer.open, answer.close] : [])]),
  ...harmonyMarks,
];

/**
 * A splitter for one reply. A block of reasoning counts only at the very start (white space aside), so that a model that
 * writes about such marks is not misread. `prompt` is the rendered prompt: some templates open the block themselves.
 * White space around the marks belongs to neither side.
 */
export function createReasoningSplitter(prompt: string): ReasoningSplitter {
  return prompt.trimEnd().endsWith('<|start|>assistant')
    ? createHarmonySplitter()
    : createTagSplitter(prompt.trimEnd());
}

function createTagSplitter(prompt: string): ReasoningSplitter {
  let mark = marks.find(({ open }) => prompt.endsWith(open));
  let state: 'start' | 'reasoning' | 'after' | 'content' | 'wrapped' = mark ? 'reasoning' : 'start';
  let buffer = '';
  let hasBegun = false;

  /** What lies before `close`, the white space around it left out. Trailing white space waits: it is dropped when the mark follows. */
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

  const split = (atEnd: boolean): ReasoningSplit => {
    let content = '';
    let reasoning = '';
    for (;;) {
      if (state === 'start') {
        const text = buffer.trimStart();
        const found = marks.find(({ open }) => text.startsWith(open));
        if (found) {
          state = 'reasoning';
          mark = found;
          buffer = text.slice(found.open.length);
          continue;
        }
        if (!atEnd && (text === '' || marks.some(({ open }) => open.startsWith(text)))) break;
        state = 'content';
        continue;
      }
      if (state === 'reasoning') {
        const { text, isClosed } = take(mark?.close ?? '', atEnd);
        reasoning += text;
        if (!isClosed) break;
        state = 'after';
        continue;
      }
      if (state === 'after') {
        buffer = buffer.trimStart();
        const open = mark?.answer?.open;
        if (open !== undefined && buffer.startsWith(open)) {
          buffer = buffer.slice(open.length).trimStart();
          state = 'wrapped';
          continue;
        }
        if (buffer === '' || (!atEnd && open?.startsWith(buffer))) break;
        state = 'content';
        continue;
      }
      if (state === 'wrapped') {
        const { text, isClosed } = take(mark?.answer?.close ?? '', atEnd);
        content += text;
        if (!isClosed) break;
        buffer = buffer.trimEnd();
        state = 'content';
        continue;
      }
      content += buffer;
      buffer = '';
      break;
    }
    return { content, reasoning };
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
