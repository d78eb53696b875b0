/** The commands that make models, as a terminal runs them. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readHeader } from '../../../main/model-file/disk/header-of-file.ts';
import { storiesPath } from '../../support/native-setup.ts';
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
  child.stdin.end();
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    onOutput(out, () => child.kill('SIGINT'));
  });
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
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
  // A comma within brackets belongs to the pattern.
  const types = ['--tensor-types', 'blk\\.[0-9]{1,2}\\.ffn_up=F16,attn_q=F16'];
  expect(await hearth(folder, ['quantize', 'small.gguf', '--to', 'Q8_0', ...types])).toMatchObject({ code: 0 });
  expect(models(folder)).toEqual([
    ...['small-Q8_0.gguf', 'small-Q8_0.gguf.json'],
    ...['small.gguf', 'small.gguf.json'],
  ]);
  const { tensors } = await readHeader(path.join(folder, 'small-Q8_0.gguf'));
  const typesOf = (part: string): string[] => [
    ...new Set(tensors.flatMap(({ name, type }) => (name.includes(part) ? type : []))),
  ];
  expect([typesOf('ffn_up'), typesOf('attn_q.'), typesOf('ffn_down')]).toEqual([['F16'], ['F16'], ['Q8_0']]);
  expect(JSON.parse(readFileSync(path.join(folder, 'small.gguf.json'), 'utf8'))).toMatchObject({
    type: 'F16',
    verification: { result: 'passed' },
    files: expect.arrayContaining([
      expect.objectContaining({ path: 'config.json', sha256: hashOf(path.join(shardedLlama, 'config.json')) }),
    ]),
  });
  const record = JSON.parse(readFileSync(path.join(folder, 'small-Q8_0.gguf.json'), 'utf8')) as object;
  expect(record).toMatchObject({
    files: expect.arrayContaining([
      expect.objectContaining({ path: 'config.json', sha256: hashOf(path.join(shardedLlama, 'config.json')) }),
      expect.objectContaining({ path: 'small.gguf', sha256: hashOf(path.join(folder, 'small.gguf')) }),
    ]),
  });
});

it('prints token ids, and the text of ids', async () => {
  const folder = await temporaryFolder();
  const { out } = await hearth(folder, ['tokenize', shardedLlama, 'Hello', '--no-special']);
  expect(out).toMatch(/^\d+( \d+)*\n$/);
  expect(await hearth(folder, ['tokenize', shardedLlama, out.trim(), '--decode'])).toMatchObject({ out: 'Hello' });
  writeFileSync(path.join(folder, 'long.txt'), 'Hello');
  expect(await hearth(folder, ['tokenize', shardedLlama, '--text', 'long.txt', '--no-special'])).toMatchObject({ out });
  expect(await hearth(folder, ['tokenize', shardedLlama])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/The text is missing/) as string,
  });
  expect(await hearth(folder, ['tokenize', shardedLlama, 'Hello', '--text', 'long.txt'])).toMatchObject({ code: 2 });
});

it('prints the ids of a GGUF file and of the built-in model, and refuses an id that is none', async () => {
  const folder = await temporaryFolder();
  const { out } = await hearth(folder, ['tokenize', storiesPath, 'Once upon']);
  expect(out).toBe('1 403 407\n');
  expect(await hearth(folder, ['tokenize', storiesPath, '403 407', '--decode'])).toMatchObject({ out: 'Once upon' });
  expect((await hearth(folder, ['tokenize', 'ember', 'Hello'])).out).toMatch(/^\d+\n$/);
  expect(await hearth(folder, ['tokenize', shardedLlama, '--decode', '999999'])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/no token with the id 999999: the vocabulary has \d+ tokens/) as string,
  });
});

it.each<[string, readonly string[], number, RegExp]>([
  ['a folder that is none', ['convert', './none'], 1, /no folder and no repository/],
  ['a folder without a model', ['convert', '.', '--to', 'f16'], 1, /config\.json/],
  ['a type that is none', ['convert', shardedLlama, '--to', 'q9'], 2, /--to takes a type/],
  ['no type', ['quantize', 'x.gguf'], 2, /needs --to/],
  ['a type that needs a matrix', ['convert', shardedLlama, '--to', 'IQ1_S'], 1, /importance matrix/],
  [
    'a layer that is no number',
    ['quantize', 'x.gguf', '--to', 'Q8_0', '--prune-layers', 'a'],
    2,
    /--prune-layers takes/,
  ],
  ['a rule without a type', ['quantize', 'x.gguf', '--to', 'Q8_0', '--tensor-types', 'a'], 2, /--tensor-types takes/],
  ['a type of a tensor', ['quantize', 'x.gguf', '--to', 'Q8_0', '--embedding-type', 'z'], 2, /--embedding-type takes/],
  ['an option of another command', ['convert', shardedLlama, '--raw'], 2, /no option --raw/],
])('ends with words for %s, and leaves nothing', async (_, args, code, words) => {
  const folder = await temporaryFolder();
  const ended = await hearth(folder, args);
  expect(ended.code).toBe(code);
  expect(ended.err).toMatch(words);
  expect(models(folder)).toEqual([]);
});

it.each(['f16', 'q4_k_m'])(
  'names the tensor and the count of what is no number, and leaves no %s file',
  async (type) => {
    const folder = await temporaryFolder();
    const checkpoint = path.join(folder, 'data/checkpoint');
    cpSync(shardedLlama, checkpoint, { recursive: true });
    const shard = path.join(checkpoint, 'model-00002-of-00003.safetensors');
    // The last values of the shard: bits that are all set are no number in any type of floating-point numbers.
    const bytes = readFileSync(shard);
    writeFileSync(shard, bytes.fill(0xff, bytes.length - 8));
    const ended = await hearth(folder, ['convert', checkpoint, '--to', type]);
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/The tensor \S+\.weight has [24] values that are no numbers and 0 infinite ones/);
    expect(models(folder)).toEqual([]);
  },
);

it('leaves nothing half when it is interrupted', async () => {
  const folder = await temporaryFolder();
  const ended = await hearth(folder, ['convert', shardedLlama, '--to', 'q4_k_m', '--json'], (text, stop) => {
    if (text.includes('"progress"')) stop();
  });
  expect([0, 130]).toContain(ended.code);
  if (ended.code === 130) expect(models(folder)).toEqual([]);
  else expect(existsSync(path.join(folder, 'llama-sharded-Q4_K_M.gguf'))).toBe(true);
});

it('takes the file of a matrix, and keeps a file that came in the way', async () => {
  const folder = await temporaryFolder();
  // As a killed command of another output leaves it.
  mkdirSync(path.join(folder, '.hearth-0123456789abcdef/work'), { recursive: true });
  // A short text, because a small model on a busy machine is slow with several threads.
  const text = readFileSync(path.join(root, 'assets/texts/varied.txt'), 'utf8').slice(0, 4000);
  writeFileSync(path.join(folder, 'text.txt'), text);
  const imatrix = ['imatrix', storiesPath, '--text', 'text.txt', '-o', 'own.gguf'];
  expect(await hearth(folder, imatrix)).toMatchObject({ code: 0 });
  const quantize = ['quantize', storiesPath, '--to', 'Q4_0', '--imatrix', 'own.gguf', '-o', 'made.gguf', '--json'];
  let told = false;
  const ended = await hearth(folder, quantize, (text) => {
    if (told || !text.includes('"progress"')) return;
    told = true;
    writeFileSync(path.join(folder, 'made.gguf'), 'mine');
  });
  expect(told).toBe(true);
  expect(ended.code).toBe(1);
  expect(readFileSync(path.join(folder, 'made.gguf'), 'utf8')).toBe('mine');
  expect(models(folder)).toEqual(['made.gguf', 'own.gguf', 'text.txt']);
});

it('goes on where the same command was killed, and works beside another one once', async () => {
  const folder = await temporaryFolder();
  const args = ['convert', shardedLlama, '--to', 'q4_0', '-o', 'made.gguf', '--json'];
  const [first, second] = await Promise.all([hearth(folder, args), hearth(folder, args)]);
  const codes = [first.code, second.code].sort();
  expect(codes).toEqual([0, 1]);
  expect(models(folder)).toEqual(['made.gguf', 'made.gguf.json']);
});
