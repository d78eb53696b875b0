/**
 * The log file: what went wrong, and what a reader needs to follow it, in lines of time, level and text. It never holds what a chat says,
 * and no secret: callers pass no contents, and tokens and the queries of addresses, which may be signatures, are cut out of every text.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { withoutSecrets } from './without-secrets.ts';

/** From the gravest to the most talkative. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Log extends Readonly<Record<LogLevel, (text: string) => void>> {
  /** The file that is written now. */
  readonly file: string;
  /** The last lines, the newest last; of the file before as well where this one is short. */
  tail(lines: number): readonly string[];
}

export interface LogOptions {
  /** Made when there is something to write. */
  readonly folder: string;
  /** What is graver or as grave is written. */
  readonly level?: LogLevel;
  /** A file that has grown to this is set aside as `hearth.1.log`, that one before as `hearth.2.log`, and so on. */
  readonly maxBytes?: number;
  /** Files in all. */
  readonly fileCount?: number;
  readonly now?: () => number;
  /** Gets each entry as well, without its time. */
  readonly echo?: (level: LogLevel, text: string) => void;
}

const MAX_BYTES = 2_000_000;
const FILE_COUNT = 5;
/** Of one entry. A stack fits; a child that prints without an end does not. */
const MAX_TEXT_CHARS = 4000;

/** Text in which nothing steers a terminal or looks like the beginning of another line. */
function withoutControls(text: string): string {
  return text.replaceAll(/\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]/g, '\ufffd');
}

/** Opens the log of `folder`. Nothing here ever throws: a log that cannot be written is no reason to stop. */
export function createLog(options: LogOptions): Log {
  const { folder, level = 'info', maxBytes = MAX_BYTES, fileCount = FILE_COUNT, now = Date.now, echo } = options;
  const fileOf = (index: number): string => path.join(folder, index === 0 ? 'hearth.log' : `hearth.${index}.log`);
  const file = fileOf(0);

  function rotate(): void {
    try {
      rmSync(fileOf(fileCount - 1), { force: true });
      for (let index = fileCount - 2; index >= 0; index--)
        if (existsSync(fileOf(index))) renameSync(fileOf(index), fileOf(index + 1));
    } catch {
      // Something stands in the way: a file that grows is better than a log that ends.
    }
  }
  function write(entryLevel: LogLevel, text: string): void {
    if (logLevels.indexOf(entryLevel) > logLevels.indexOf(level)) return;
    const safe = withoutControls(withoutSecrets(text).slice(0, MAX_TEXT_CHARS)).trimEnd();
    echo?.(entryLevel, safe);
    // Further lines of an entry stand in, so that every line at the edge begins with a time.
    const line = `${new Date(now()).toISOString()} ${entryLevel.padEnd(5)} ${safe.replaceAll(/\r?\n/g, '\n  ')}`;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Another process may have written or rotated: the size is asked for and not counted.
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= maxBytes) rotate();
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch {
      // A full or read-only disk.
    }
  }
  const linesOf = (name: string): string[] => {
    try {
      return readFileSync(name, 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  };

  return {
    file,
    error: (text) => write('error', text),
    warn: (text) => write('warn', text),
    info: (text) => write('info', text),
    debug: (text) => write('debug', text),
    tail(lines) {
      const newest = linesOf(file);
      return (newest.length < lines ? [...linesOf(fileOf(1)), ...newest] : newest).slice(-lines);
    },
  };
}
