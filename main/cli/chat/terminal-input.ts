/** The messages that are typed at a terminal: a line editor with a history, pasted lines that stay one message, and Ctrl+C. */
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Completed } from './completion.ts';
import { MAX_ENTRIES } from './history.ts';
import type { ChatInput, Typed } from './input.ts';
import { createMessageLines } from './messages.ts';
import { createPasteFilter, pasteMarks, withLineBreaks } from './paste.ts';

const PROMPT = '> ';
const MORE_PROMPT = '… ';
const CTRL_C = '\u0003';
/** What is typed while a reply is written, beyond which nothing more is kept. */
const MAX_TYPED_AHEAD = 65_536;

export interface TerminalInputOptions {
  /** Earlier lines, the newest first. */
  readonly history: readonly string[];
  /** What the Tab key offers for the text before the cursor. Never rejects. */
  readonly complete: (line: string) => Promise<Completed>;
  readonly signal: AbortSignal;
}

/** Reads from the terminal in raw mode until `close`. */
export function readTerminal(
  input: ReadStream,
  output: WriteStream,
  { history, complete, signal }: TerminalInputOptions,
): ChatInput {
  const keys = new PassThrough();
  const decoder = new StringDecoder('utf8');
  const filterPaste = createPasteFilter();
  const lines = createMessageLines();
  const typed: Typed[] = [];
  const entries: string[] = [];
  let wake = (): void => {};
  let stop: (() => void) | null = null;
  let typedAhead = '';
  const add = (one: Typed): void => {
    typed.push(one);
    wake();
  };

  const editor = createInterface({
    ...{ input: keys, output, terminal: true, prompt: PROMPT },
    // A copy, which the editor changes.
    history: [...history],
    historySize: MAX_ENTRIES,
    removeHistoryDuplicates: true,
    completer(line: string, answer: (error: null, completed: Completed) => void) {
      // Within a message of several lines a slash begins no command.
      if (lines.isOpen) return answer(null, [[], line]);
      void complete(line).then((completed) => answer(null, completed));
    },
  });
  const take = (chunk: Buffer): void => {
    const text = decoder.write(chunk);
    if (stop === null) return void keys.write(filterPaste(text));
    // A reply is being written over the place of the editor's line.
    if (text.includes(CTRL_C)) {
      typedAhead = '';
      stop();
    } else if (typedAhead.length < MAX_TYPED_AHEAD) typedAhead += text;
  };
  const prompt = (): void => {
    editor.setPrompt(lines.isOpen ? MORE_PROMPT : PROMPT);
    // With the cursor where it is: something may be typed already.
    editor.prompt(true);
  };
  editor.on('line', (line) => {
    if (line.trim() !== '') entries.unshift(line);
    const text = lines.push(withLineBreaks(line));
    if (text === null || text.trim() === '') return prompt();
    add({ kind: 'message', text });
  });
  editor.on('SIGINT', () => {
    const isEmpty = editor.line === '' && !lines.isOpen;
    lines.clear();
    // From the end of the line: what is before the cursor is cleared.
    editor.write(null, { ctrl: true, name: 'e' });
    editor.write(null, { ctrl: true, name: 'u' });
    output.write('\n');
    if (isEmpty) add({ kind: 'interrupt' });
    else prompt();
  });
  editor.on('close', () => add({ kind: 'end' }));
  const end = (): void => add({ kind: 'end' });
  signal.addEventListener('abort', end);
  const restore = (): void => {
    if (input.isRaw) {
      output.write(pasteMarks.off);
      input.setRawMode(false);
    }
  };
  process.once('exit', restore);
  input.setRawMode(true);
  output.write(pasteMarks.on);
  input.on('data', take);
  input.once('end', () => editor.close());

  return {
    async next() {
      if (typed.length === 0) prompt();
      while (typed.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return typed.shift() ?? { kind: 'end' };
    },
    whileReplying(whenStopped) {
      stop = whenStopped;
      return () => {
        stop = null;
        const text = typedAhead;
        typedAhead = '';
        if (text !== '') keys.write(filterPaste(text));
      };
    },
    entries: () => entries,
    close() {
      signal.removeEventListener('abort', end);
      input.off('data', take);
      editor.close();
      restore();
      process.off('exit', restore);
      input.pause();
    },
  };
}
