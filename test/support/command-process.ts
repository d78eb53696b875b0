/** The `hearth` command as a process, in a folder of its own. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import path from 'node:path';
import { checkoutRoot } from '../../main/app/layout.ts';

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  /** Without what a stale build says. */
  readonly err: string;
}

export interface RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when the output so far contains this. Rejects when the command ends before. */
  says(part: string | RegExp): Promise<void>;
  readonly ended: Promise<Outcome>;
}

/** The environment of commands over `data`, `cache` and `home` in `folder`, offline unless `variables` say otherwise. */
export const commandEnvironment = (
  folder: string,
  variables: Readonly<Record<string, string>> = { HEARTH_OFFLINE: '1' },
): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: path.join(folder, 'home'),
  HEARTH_DATA_DIR: path.join(folder, 'data'),
  HEARTH_CACHE_DIR: path.join(folder, 'cache'),
  ...variables,
});

/** Starts a command whose standard input stays open. */
export function startHearth(
  folder: string,
  args: readonly string[],
  variables?: Readonly<Record<string, string>>,
): RunningCommand {
  const child = spawn(process.execPath, [path.join(checkoutRoot, 'main/hearth.mjs'), ...args], {
    cwd: folder,
    env: commandEnvironment(folder, variables),
  });
  let out = '';
  let err = '';
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const check of [...waiting]) check();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    look();
  });
  // It may end before it has read everything.
  child.stdin.on('error', () => {});
  const ended = new Promise<Outcome>((resolve) =>
    child.once('close', (code) =>
      resolve({ code, out, err: err.replaceAll(/^(?:Building: |Waiting for another build).*\n/gm, '') }),
    ),
  );
  return {
    child,
    ended,
    says: (part) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const text = `${out}\n${err}`;
          if (!(typeof part === 'string' ? text.includes(part) : part.test(text))) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
        void ended.then(() => reject(new Error(`The command ended without "${String(part)}": ${out}${err}`)));
      }),
  };
}

/** Runs a command to its end. `input` is its standard input; without one that is a pipe that ends at once. */
export async function hearth(
  folder: string,
  args: readonly string[],
  input = '',
  variables?: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const command = startHearth(folder, args, variables);
  command.child.stdin.end(input);
  return await command.ended;
}

/** The objects that a command has printed, one a line. */
export const objectsIn = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
