/**
 * The channels in which gpt-oss writes ("Harmony"):
 * `<|channel|>analysis<|message|>…<|end|><|start|>assistant<|channel|>final<|message|>…<|return|>`, and a call of a function as
 * `<|channel|>commentary to=functions.NAME <|constrain|>json<|message|>{…}<|call|>`.
 */
import { heldBack } from './held-back.ts';
import type { ReasoningSplit, ReasoningSplitter } from './reasoning-split.ts';

export const harmonyMarks: readonly string[] = [
  '<|start|>',
  '<|channel|>',
  '<|message|>',
  '<|constrain|>',
  '<|end|>',
  '<|return|>',
  '<|call|>',
];

/** The marks around a call in the content. Between them is `NAME<|message|>{…}`, whatever else the header had. */
export const callMarks = { open: '<|channel|>commentary to=functions.', close: '<|call|>' };

/** The last channel that a header names; the answer's where it names none. */
const channelOf = (header: string): string => {
  const at = header.lastIndexOf('<|channel|>');
  return at < 0 ? 'final' : header.slice(at + '<|channel|>'.length).trimStart();
};

/**
 * A splitter for a reply in channels: `final` is the answer, every other channel (`analysis`, `commentary`) is reasoning. A message to
 * a function belongs to the content, between `callMarks`.
 */
export function createHarmonySplitter(): ReasoningSplitter {
  let state: 'header' | 'reasoning' | 'content' = 'header';
  let header = '';
  let isCall = false;
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
        // A reply without any channel is an answer.
        if (atEnd && state === 'header' && !header.includes('<|')) {
          out.content += header;
          header = '';
        }
        return out;
      }
      give(buffer.slice(0, at));
      buffer = buffer.slice(at + found.length);
      if (isCall && state === 'content') {
        out.content += callMarks.close;
        isCall = false;
      }
      if (found === '<|message|>') {
        const callee = /\bto=functions\.([\w.-]+)/.exec(header)?.[1];
        isCall = callee !== undefined;
        if (callee !== undefined) out.content += `${callMarks.open}${callee}<|message|>`;
        state = isCall || /^(?:final|commentary)\b/.test(channelOf(header)) ? 'content' : 'reasoning';
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
