/** Separates what a model thinks aloud from its answer, while the text streams. */

export interface ReasoningSplit {
  readonly content: string;
  readonly reasoning: string;
}

/** Marks of the model families that think aloud: Qwen, DeepSeek and most others; Magistral. */
const marks: readonly { readonly open: string; readonly close: string }[] = [
  { open: '<think>', close: '</think>' },
  { open: '<thinking>', close: '</thinking>' },
  { open: '[THINK]', close: '[/THINK]' },
];

/** Length of the longest end of `text` that is a beginning of `mark`: it may be completed by what comes next. */
function heldBack(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--)
    if (text.endsWith(mark.slice(0, length))) return length;
  return 0;
}

/**
 * A splitter for one reply. A block of reasoning counts only at the very start (white space aside), so that a model that
 * writes about such marks is not misread. `prompt` is the rendered prompt: some templates open the block themselves.
 * White space around the marks belongs to neither side.
 */
export function createReasoningSplitter(prompt: string): { push(text: string): ReasoningSplit; end(): ReasoningSplit } {
  const opened = marks.find((mark) => prompt.trimEnd().endsWith(mark.open));
  let state: 'start' | 'reasoning' | 'after' | 'content' = opened ? 'reasoning' : 'start';
  let close = opened?.close ?? '';
  let buffer = '';
  let reasoningBegun = false;

  const split = (atEnd: boolean): ReasoningSplit => {
    let content = '';
    let reasoning = '';
    for (;;) {
      if (state === 'start') {
        const text = buffer.trimStart();
        const mark = marks.find(({ open }) => text.startsWith(open));
        if (mark) {
          state = 'reasoning';
          close = mark.close;
          buffer = text.slice(mark.open.length);
          continue;
        }
        if (!atEnd && (text === '' || marks.some(({ open }) => open.startsWith(text)))) break;
        state = 'content';
        continue;
      }
      if (state === 'reasoning') {
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
        if (buffer === '') break;
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
  };
}
