/** The output of a command: for people in a terminal, or as JSON lines for programs. Data goes to standard output, the rest to standard error. */
import { diskErrorCode } from '../base/disk-error.ts';
import { formatBytes } from '../base/format.ts';
import { AppError, encodeError, type ErrorBody } from '../../preload/wire/errors.ts';

export interface Output {
  readonly json: boolean;
  /** Progress of work: in a terminal one line that changes, in JSON one object per line on standard output. */
  progress(state: { phase: string; doneBytes: number; totalBytes: number }): void;
  /** A piece of a streamed answer. */
  text(text: string): void;
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

/** Writes through `out` and `err`, usually the process's own streams. */
export function createOutput(json: boolean, out: NodeJS.WriteStream, err: NodeJS.WriteStream): Output {
  let openLine = false;
  const endLine = (): void => {
    if (openLine) err.write('\n');
    openLine = false;
  };
  return {
    json,
    progress(state) {
      if (json) out.write(`${JSON.stringify({ type: 'progress', ...state })}\n`);
      else if (err.isTTY) {
        openLine = true;
        const percent = state.totalBytes === 0 ? 100 : Math.floor((state.doneBytes / state.totalBytes) * 100);
        err.write(
          `\r\u001b[K${state.phase} ${percent} % (${formatBytes(state.doneBytes)} of ${formatBytes(state.totalBytes)})`,
        );
      }
    },
    text(text) {
      if (json) out.write(`${JSON.stringify({ type: 'text', text })}\n`);
      else out.write(text);
    },
    done(object, text) {
      endLine();
      out.write(json ? `${JSON.stringify(object)}\n` : `${text}\n`);
    },
    exactly(object, text) {
      endLine();
      // A prompt of the terminal begins on a line of its own.
      const end = out.isTTY && !text.endsWith('\n') ? '\n' : '';
      out.write(json ? `${JSON.stringify(object)}\n` : `${text}${end}`);
    },
    warning(text) {
      err.write(json ? `${JSON.stringify({ warning: text })}\n` : `Warning: ${text}\n`);
    },
    error(error) {
      endLine();
      const body = encodeError(error);
      err.write(json ? `${JSON.stringify({ error: body })}\n` : `${body.code}: ${body.message}\n`);
      return body;
    },
  };
}

/**
 * Ends the process when its standard output cannot be written: quietly when the reader is gone, as programs in a pipe do, else with the
 * error, such as a full disk.
 */
export function endWithOutput(output: () => Output): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(UNREAD_EXIT_CODE);
    output().error(
      diskErrorCode(error) === 'disk.full'
        ? new AppError('disk.full', 'The output cannot be written: the disk is full.')
        : new AppError('disk.denied', `The output cannot be written: ${error.message}.`),
    );
    process.exit(1);
  });
}
