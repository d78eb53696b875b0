/** The output of a command: for people in a terminal, or as JSON lines for programs. Data goes to standard output, the rest to standard error. */
import { diskErrorCode } from '../../preload/wire/disk-error.ts';
import { shownName, withoutControls, withoutMarks } from '../base/foreign-text.ts';
import { formatBytes } from '../base/format.ts';
import { AppError, encodeError, type ErrorBody } from '../../preload/wire/errors.ts';

export interface Output {
  readonly json: boolean;
  /** Progress of work: in a terminal one line that changes, in JSON one object per line on standard output. */
  progress(state: { phase: string; doneBytes: number; totalBytes: number }): void;
  /** What is going on, in a terminal in a line that the next output replaces; null ends it. */
  status(text: string | null): void;
  /** A piece of a streamed answer. */
  text(text: string): void;
  /** A piece of what a model writes before its answer: dim in a terminal, and left out of a pipe. */
  reasoning(text: string): void;
  /** The result: the object in JSON, else the text. */
  done(object: object, text: string): void;
  /** The result that is a text to the byte: in a pipe it has no line break added. */
  exactly(object: object, text: string): void;
  /** What was passed over, such as a variable that is not known. */
  warning(text: string): void;
  error(error: unknown): ErrorBody;
}

/** As a shell counts the end by SIGPIPE, which Node ignores. */
const UNREAD_EXIT_CODE = 141;

const DIM = '\u001b[2m';
const PLAIN = '\u001b[22m';

/** Characters that JSON leaves as they are and a terminal may obey. */
const obeyed = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON as one line that no terminal obeys; the value it stands for is the same. */
function jsonLine(value: object): string {
  const escaped = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${JSON.stringify(value).replaceAll(obeyed, escaped)}\n`;
}

/** A message, whose further lines are indented, so that none looks like another message. */
const inLines = (text: string): string => withoutMarks(text).trimEnd().replaceAll(/\r?\n/g, '\n  ');

/**
 * Writes through `out` and `err`, usually the process's own streams. Names of files, words of models and templates are foreign text: a
 * terminal gets them without what it would obey; a pipe gets results to the byte.
 */
export function createOutput(json: boolean, out: NodeJS.WriteStream, err: NodeJS.WriteStream): Output {
  let openLine = false;
  let statusText: string | null = null;
  let isReasoning = false;
  const shown = (text: string): string => (out.isTTY ? withoutControls(text) : text);
  const endLine = (): void => {
    if (statusText !== null) err.write('\r\u001b[K');
    if (openLine) err.write('\n');
    if (isReasoning) err.write('\n\n');
    openLine = isReasoning = false;
    statusText = null;
  };
  return {
    json,
    progress(state) {
      if (json) out.write(jsonLine({ type: 'progress', ...state }));
      else if (err.isTTY) {
        openLine = true;
        const percent = state.totalBytes === 0 ? 100 : Math.floor((state.doneBytes / state.totalBytes) * 100);
        err.write(
          `\r\u001b[K${state.phase} ${percent} % (${formatBytes(state.doneBytes)} of ${formatBytes(state.totalBytes)})`,
        );
      }
    },
    status(text) {
      if (json || !err.isTTY) return;
      if (text === statusText) return;
      if (statusText === null) endLine();
      else err.write('\r\u001b[K');
      statusText = text;
      if (text !== null) err.write(shownName(text));
    },
    text(text) {
      endLine();
      if (json) out.write(jsonLine({ type: 'text', text }));
      else out.write(shown(text));
    },
    reasoning(text) {
      if (json) return void out.write(jsonLine({ type: 'reasoning', text }));
      if (!out.isTTY || !err.isTTY) return;
      if (!isReasoning) endLine();
      isReasoning = true;
      err.write(`${DIM}${withoutControls(text)}${PLAIN}`);
    },
    done(object, text) {
      endLine();
      out.write(json ? jsonLine(object) : `${shown(text)}\n`);
    },
    exactly(object, text) {
      endLine();
      // A prompt of the terminal begins on a line of its own.
      const end = out.isTTY && !text.endsWith('\n') ? '\n' : '';
      out.write(json ? jsonLine(object) : `${shown(text)}${end}`);
    },
    warning(text) {
      endLine();
      err.write(json ? jsonLine({ warning: text }) : `Warning: ${inLines(text)}\n`);
    },
    error(error) {
      endLine();
      const body = encodeError(error);
      err.write(json ? jsonLine({ error: body }) : `${body.code}: ${inLines(body.message)}\n`);
      return body;
    },
  };
}

/**
 * Calls `end` with the exit code when standard output cannot be written: quietly when the reader is gone, as programs in a pipe do, else
 * with the error, such as a full disk.
 */
export function endWithOutput(output: () => Output, end: (code: number) => void): void {
  let isOver = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isOver) return;
    isOver = true;
    if (error.code === 'EPIPE') return end(UNREAD_EXIT_CODE);
    output().error(
      diskErrorCode(error) === 'disk.full'
        ? new AppError('disk.full', 'The output cannot be written: the disk is full.')
        : new AppError('disk.denied', `The output cannot be written: ${error.message}.`),
    );
    end(1);
  });
}
