/** Separates a model's reasoning from its answer, while the text streams. */
import { createHarmonySplitter, harmonyMarks } from './harmony.ts';
import { heldBack } from './held-back.ts';
import type { ReasoningSplit, ReasoningSplitter } from './reasoning-split.ts';

interface Mark {
  readonly open: string;
  readonly close: string;
  /** Around the answer that follows; part of neither text. */
  readonly answer?: { readonly open: string; readonly close: string };
}

/** The marks of the model families that reason. */
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
  // Granite 3.2 uses words.
  { open: 'Here is my thought process:', close: 'Here is my response:' },
];

/** The marks with which a model may begin its reasoning by itself, and those that end it. */
export const thinkingTags: readonly { readonly open: string; readonly close: string }[] = marks;

/** Texts that a splitter needs. A vocabulary may have them as special tokens, which detokenizing leaves out. */
export const reasoningMarks: readonly string[] = [
  ...marks.flatMap(({ open, close, answer }) => [open, close, ...(answer ? [answer.open, answer.close] : [])]),
  ...harmonyMarks,
];

/**
 * A splitter for one reply. Reasoning is recognized only at the very start (white space aside), so that text about such marks is not
 * misread. `prompt` is the rendered prompt: some templates open the reasoning themselves. White space around the marks belongs to
 * neither text.
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
