/** The command line as a user runs it: a process with a home of its own. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CommandOptions {
  readonly input?: string;
  /** Sends Ctrl+C once it accepts what was written to both streams so far. */
  readonly interruptWhen?: (written: string) => boolean;
  /** Sends Ctrl+C when it fires. */
  readonly interrupt?: AbortSignal;
}

/** Runs commands whose home, data folder and cache are in `folder`. */
export const commandIn =
  (folder: string, env: Readonly<Record<string, string>> = {}) =>
  (
    args: readonly string[],
    { input, interrupt, interruptWhen = () => false }: CommandOptions = {},
  ): Promise<Outcome> => {
    const child = spawn(process.execPath, [path.join(root, 'main/hearth.mjs'), ...args], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        HEARTH_DATA_DIR: path.join(folder, 'data'),
        HEARTH_CACHE_DIR: path.join(folder, 'cache'),
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => {}); // A command that does not read its input ends first.
    child.stdin.end(input ?? '');
    interrupt?.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
    return new Promise((resolve) => {
      const outcome = { out: '', err: '' };
      let isInterrupted = false;
      const take = (stream: 'out' | 'err') => (text: string) => {
        outcome[stream] += text;
        if (isInterrupted || !interruptWhen(outcome.out + outcome.err)) return;
        isInterrupted = true;
        child.kill('SIGINT');
      };
      child.stdout.setEncoding('utf8').on('data', take('out'));
      child.stderr.setEncoding('utf8').on('data', take('err'));
      child.once('close', (code) => resolve({ ...outcome, code }));
    });
  };
