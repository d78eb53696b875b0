/** The command line as a user runs it: a process with a home of its own, to its end. */
import { startHearth, type Outcome } from './command-process.ts';

export type { Outcome };

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
  async (
    args: readonly string[],
    { input, interrupt, interruptWhen = () => false }: CommandOptions = {},
  ): Promise<Outcome> => {
    const { child, ended } = startHearth(folder, args, { HOME: folder, ...env });
    child.stdin.end(input ?? '');
    interrupt?.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
    let written = '';
    let isInterrupted = false;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: string) => {
        written += text;
        if (isInterrupted || !interruptWhen(written)) return;
        isInterrupted = true;
        child.kill('SIGINT');
      });
    return await ended;
  };
