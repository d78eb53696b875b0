/** The commands that make models, stopped in the middle of their work. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { shardedLlama } from '../../support/convert-setup.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';
import { loraFiles } from '../../support/lora-checkpoint.ts';
import { storiesPath } from '../../support/native-setup.ts';
import { childrenOf, isAlive } from '../../support/processes.ts';
import { writeSparseStories } from '../../support/sparse-models.ts';

const root = path.join(import.meta.dirname, '../../..');

interface Stopped {
  readonly code: number | null;
  readonly text: string;
  /** The processes that it had started. */
  readonly children: readonly number[];
}

/** Runs a command in `folder`, and stops it with `signal` as soon as it prints or writes what `moment` is found in. */
async function stop(folder: string, args: readonly string[], moment: RegExp, signal: NodeJS.Signals): Promise<Stopped> {
  const child = start(folder, [...args, '--json']);
  let text = '';
  let children: readonly number[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const timer = setInterval(() => {
    if (!moment.test([text, ...unfinished(folder)].join('\n'))) return;
    clearInterval(timer);
    if (process.platform === 'linux') children = childrenOf(child.pid ?? 0);
    child.kill(signal);
  }, 2);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(timer);
  return { code, text, children };
}

function start(folder: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const places = { HEARTH_DATA_DIR: path.join(folder, 'data'), TMPDIR: path.join(folder, 'tmp') };
  return spawn(process.execPath, [path.join(root, 'main/hearth.mjs'), ...args], {
    cwd: folder,
    env: { ...process.env, ...places, HEARTH_OFFLINE: '1' },
  });
}

/** Files and folders under work: hidden, in the folder for temporary files, or of a name that says so. */
const unfinished = (folder: string): string[] => [
  ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?:^|[/\\])\.hearth-|\.unfinished$/.test(name),
  ),
  ...readdirSync(path.join(folder, 'tmp'), { encoding: 'utf8' }).filter((name) => name.startsWith('hearth-')),
];

async function setUp(): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of ['tmp', 'lora']) mkdirSync(path.join(folder, name));
  cpSync(storiesPath, path.join(folder, 'other.gguf'));
  await writeSparseStories(path.join(folder, 'wide.gguf'), 65_536);
  for (const [name, bytes] of Object.entries(loraFiles('base', 'model.layers.1.self_attn.q_proj', [64, 64])))
    writeFileSync(path.join(folder, 'lora', name), bytes);
  return folder;
}
const inputs = ['lora', 'other.gguf', 'tmp', 'wide.gguf'];

const commands: readonly (readonly [name: string, args: readonly string[], moment: RegExp])[] = [
  ['convert', ['convert', shardedLlama, '--to', 'q4_0'], /work.*\.gguf/],
  ['quantize', ['quantize', 'wide.gguf', '--to', 'Q4_0'], /work.*\.gguf/],
  ['imatrix', ['imatrix', storiesPath], /progress/],
  ['measure', ['measure', storiesPath, 'other.gguf'], /progress/],
  ['verify', ['verify', 'wide.gguf'], /hearth-/],
  ['split', ['split', 'wide.gguf', 'parts/wide', '--max-tensors', '10'], /unfinished/],
  ['merge', ['merge', 'wide.gguf', 'merged.gguf'], /unfinished/],
  ['export', ['export', 'wide.gguf', 'exported'], /unfinished/],
  ['adapter', ['adapter', 'lora', shardedLlama, 'adapter.gguf'], /^\.hearth-[0-9a-f]{16}\/work$/m],
  ['adapter --merge', ['adapter', 'lora', shardedLlama, 'adapter.gguf', '--merge'], /work.*\.gguf/],
];

describe.skipIf(process.platform === 'win32')('a command in the middle of its work', () => {
  it.each(commands)('%s ends with 130 at a signal and leaves nothing', async (_, args, moment) => {
    const folder = await setUp();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const { code, text, children } = await stop(folder, args, moment, signal);
      expect([code, text.replaceAll(/.*"progress".*\n|^Building: .*\n/g, '')]).toEqual([130, '']);
      expect(readdirSync(folder).filter((name) => name !== 'data')).toEqual(inputs);
      expect(readdirSync(path.join(folder, 'tmp'))).toEqual([]);
      expect(children.filter(isAlive)).toEqual([]);
    }
  });

  it.each(commands.filter(([name]) => name !== 'verify'))(
    '%s is swept away by the next command when it was killed, with its processes',
    async (_, args, moment) => {
      const folder = await setUp();
      const { code, children } = await stop(folder, args, moment, 'SIGKILL');
      expect(code).toBe(null);
      await expect.poll(() => children.filter(isAlive), { timeout: 20_000 }).toEqual([]);
      const target = path.join(path.dirname(args.find((arg) => arg.startsWith('parts')) ?? ''), 'next');
      const next = start(folder, nextOf(args, target));
      expect(await new Promise((resolve) => next.once('close', resolve))).toBe(0);
      expect(unfinished(folder)).toEqual([]);
    },
  );
});

/** Another command that writes into the same folder. */
const nextOf = (args: readonly string[], target: string): string[] =>
  args[0] === 'export' ? ['export', storiesPath, 'exported'] : ['merge', storiesPath, `${target}.gguf`];
