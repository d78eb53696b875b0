/** Separates what a model thinks aloud from its answer, while the text streams. */
import { heldBack } from './held-back.ts';

export interface ReasoningSplit {
  readonly content: string;
  readonly reasoning: string;
}

export interface ReasoningSplitter {
  push(text: string): ReasoningSplit;
  end(): ReasoningSplit;
  /** Whether the last text that came belongs to the reasoning. */
  inReasoning(): boolean;
}

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

/** The marks of gpt-oss ("Harmony"): `<|channel|>analysis<|message|>…<|end|><|start|>assistant<|channel|>final<|message|>…`. */
const harmonyMarks = ['<|start|>', '<|channel|>', '<|message|>', '<|constrain|>', '<|end|>', '<|return|>', '<|call|>'];

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
  let reasoningBegun = false;
  let answerBegun = false;

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
        const close = mark?.close ?? '';
        if (!reasoningBegun) buffer = buffer.trimStart();
        const at = buffer.indexOf(close);
        if (at >= 0) {
          reasoning += buffer.slice(0, at).trimEnd();
          buffer = buffer.slice(at + close.length);
          state = 'after';
          continue;
        }
        // Trailing white space waits too: it is dropped when the mark follows.
        const held = atEnd ? 0 : heldBack(buffer, close);
        const body = buffer.slice(0, buffer.length - held);
        const shown = atEnd ? body : body.trimEnd();
        if (shown !== '') reasoningBegun = true;
        reasoning += shown;
        buffer = buffer.slice(shown.length);
        break;
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
        const close = mark?.answer?.close ?? '';
        if (!answerBegun) buffer = buffer.trimStart();
        const at = buffer.indexOf(close);
        if (at >= 0) {
          buffer = buffer.slice(0, at).trimEnd() + buffer.slice(at + close.length).trimEnd();
          state = 'content';
          continue;
        }
        const held = atEnd ? 0 : heldBack(buffer, close);
        const body = buffer.slice(0, buffer.length - held);
        const shown = atEnd ? body : body.trimEnd();
        if (shown !== '') answerBegun = true;
        content += shown;
        buffer = buffer.slice(shown.length);
        break;
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

/** Channels: `final` is the answer, every other one (`analysis`, `commentary`) is thinking. */
function createHarmonySplitter(): ReasoningSplitter {
  let state: 'header' | 'reasoning' | 'content' = 'header';
  let header = '';
  let buffer = '';

  const split = (atEnd: boolean): ReasoningSplit => {
    const out = { content: '', reasoning: '' };
    const give = (text: string): void => {
      if (state === 'header') header += text;
      else out[state] += text;
    };
    for (;;) {
      let at = -1;
      let found = '';
      for (const mark of harmonyMarks) {
        const index = buffer.indexOf(mark);
        if (index >= 0 && (at < 0 || index < at)) {
          at = index;
          found = mark;
        }
      }
      if (at < 0) {
        const held = atEnd ? 0 : Math.max(...harmonyMarks.map((mark) => heldBack(buffer, mark)));
        give(buffer.slice(0, buffer.length - held));
        buffer = buffer.slice(buffer.length - held);
        // A model that uses no channels at all just answers.
        if (atEnd && state === 'header' && !header.includes('<|')) {
          out.content += header;
          header = '';
        }
        return out;
      }
      give(buffer.slice(0, at));
      buffer = buffer.slice(at + found.length);
      if (found === '<|message|>') {
        state = /<\|channel\|>\s*final\b/.test(header) || !header.includes('<|channel|>') ? 'content' : 'reasoning';
        header = '';
      } else if (found === '<|channel|>' || found === '<|start|>' || found === '<|constrain|>') {
        if (state !== 'header') header = '';
        state = 'header';
        header += found;
      } else {
        if (state === 'reasoning') out.reasoning += '\n\n';
        state = 'header';
        header = '';
      }
    }
  };

  return {
    push(text) {
      buffer += text;
      return split(false);
    },
    end: () => split(true),
    inReasoning: () => state !== 'content',
  };
}
