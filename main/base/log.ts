/**
 * The log file: errors and the events around them, in lines of time, level and text. It never contains contents of chats, which callers
 * must not pass, nor secrets: tokens and the queries of addresses, which may be signatures, are removed from every text.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { withoutMarks } from './foreign-text.ts';
import { withoutSecrets } from './without-secrets.ts';

/** From the gravest to the most detailed. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Log extends Readonly<Record<LogLevel, (text: string) => void>> {
  /** The current file. */
  readonly file: string;
  /** The last lines, newest last. Continues into the previous file when the current one is shorter. */
  tail(lines: number): readonly string[];
}

export interface LogOptions {
  /** Created with the first entry. */
  readonly folder: string;
  /** The least grave level that is written. */
  readonly level?: LogLevel;
  /** The size at which the file is rotated to `hearth.1.log`, the former one of that name to `hearth.2.log`, and so on. */
  readonly maxBytes?: number;
  /** The number of files, including the current one. */
  readonly fileCount?: number;
  readonly now?: () => number;
  /** Gets each entry as well, without its time. */
  readonly echo?: (level: LogLevel, text: string) => void;
}

const MAX_BYTES = 2_000_000;
const FILE_COUNT = 5;
/** Limit for one entry. A stack fits; the output of a child that prints endlessly is cut. */
const MAX_TEXT_CHARS = 4000;

/** Opens the log in `folder`. No method throws, because the app must run without a log too. */
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
      // Rotation failed. A file that grows on is better than no log.
    }
  }
  function write(entryLevel: LogLevel, text: string): void {
    if (logLevels.indexOf(entryLevel) > logLevels.indexOf(level)) return;
    const safe = withoutMarks(withoutSecrets(text).slice(0, MAX_TEXT_CHARS)).trimEnd();
    echo?.(entryLevel, safe);
    // Further lines of an entry are indented, so that every other line begins with a time.
    const line = `${new Date(now()).toISOString()} ${entryLevel.padEnd(5)} ${safe.replaceAll(/\r?\n/g, '\n  ')}`;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // The size is read each time, because another process may have written to the file or rotated it.
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

/** An error with its stack, for the log. */
export const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
