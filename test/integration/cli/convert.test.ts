/** The commands that make models, as a terminal runs them. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { shardedLlama } from '../../support/convert-setup.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';

const root = path.join(import.meta.dirname, '../../..');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in `folder`. `onOutput` gets what is printed, and may stop it. */
async function hearth(
  folder: string,
  args: readonly string[],
  onOutput: (text: string, stop: () => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(root, 'main/hearth.mjs'), ...args], {
    cwd: folder,
    env: { ...process.env, HEARTH_DATA_DIR: path.join(folder, 'data'), HEARTH_OFFLINE: '1' },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    onOutput(out, () => child.kill('SIGINT'));
  });
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

const models = (folder: string): string[] => readdirSync(folder).filter((name) => name !== 'data');

it('converts a folder, quantizes the file, and says what a folder would become', async () => {
  const folder = await temporaryFolder();
  const check = await hearth(folder, ['convert', shardedLlama, '--check', '--json']);
  expect(check.code).toBe(0);
  const { outputs } = JSON.parse(check.out) as { outputs: { type: string; sizeBytes: number }[] };
  expect(models(folder)).toEqual([]);
  const converted = await hearth(folder, ['convert', shardedLlama, '--to', 'f16', '-o', 'small.gguf']);
  expect(converted).toMatchObject({ code: 0, out: `${path.join(folder, 'small.gguf')}\n` });
  const expected = outputs.find(({ type }) => type === 'F16')?.sizeBytes ?? 0;
  // The place for a verification.
  expect(statSync(path.join(folder, 'small.gguf')).size - expected).toBeLessThan(4096);
  const again = await hearth(folder, ['convert', shardedLlama, '--to', 'f16', '-o', 'small.gguf']);
  expect(again).toMatchObject({ code: 1 });
  expect(again.err).toContain('already');
  expect(await hearth(folder, ['quantize', 'small.gguf', '--to', 'Q8_0'])).toMatchObject({ code: 0 });
  expect(models(folder)).toEqual(['small-Q8_0.gguf', 'small.gguf']);
});

it('prints token ids, and the text of ids', async () => {
  const folder = await temporaryFolder();
  const { out } = await hearth(folder, ['tokenize', shardedLlama, 'Hello', '--no-special']);
  expect(out).toMatch(/^\d+( \d+)*\n$/);
  expect(await hearth(folder, ['tokenize', shardedLlama, out.trim(), '--decode'])).toMatchObject({ out: 'Hello' });
});

it.each<[string, readonly string[], number, RegExp]>([
  ['a folder that is none', ['convert', './none'], 1, /no folder and no repository/],
  ['a folder without a model', ['convert', '.', '--to', 'f16'], 1, /config\.json/],
  ['a type that is none', ['convert', shardedLlama, '--to', 'q9'], 2, /--to takes a type/],
  ['no type', ['quantize', 'x.gguf'], 2, /needs --to/],
  ['a type that needs a matrix', ['convert', shardedLlama, '--to', 'IQ1_S'], 1, /importance matrix/],
  ['an option of another command', ['convert', shardedLlama, '--raw'], 2, /no option --raw/],
])('ends with words for %s, and leaves nothing', async (_, args, code, words) => {
  const folder = await temporaryFolder();
  const ended = await hearth(folder, args);
  expect(ended.code).toBe(code);
  expect(ended.err).toMatch(words);
  expect(models(folder)).toEqual([]);
});

it('leaves nothing half when it is interrupted', async () => {
  const folder = await temporaryFolder();
  const ended = await hearth(folder, ['convert', shardedLlama, '--to', 'q4_k_m', '--json'], (text, stop) => {
    if (text.includes('"progress"')) stop();
  });
  expect([0, 130]).toContain(ended.code);
  if (ended.code === 130) expect(models(folder)).toEqual([]);
  else expect(existsSync(path.join(folder, 'llama-sharded-Q4_K_M.gguf'))).toBe(true);
});
