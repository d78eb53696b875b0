/** What the commands that make models say and where they write, without making one. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shardedLlama } from '../../support/convert-setup.ts';

const root = path.join(import.meta.dirname, '../../..');
const program = path.join(root, 'main/hearth.mjs');
const story = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth words '));
  mkdirSync(path.join(folder, 'a folder'));
  mkdirSync(path.join(folder, 'lora'));
  writeFileSync(path.join(folder, 'lora/adapter_config.json'), '{}');
  writeFileSync(path.join(folder, 'there.gguf'), 'mine');
  writeFileSync(path.join(folder, 'empty'), '');
  copyFileSync(story, path.join(folder, 'Größe ü-F32-00001-of-00001.gguf'));
  if (process.platform !== 'win32') execFileSync('mkfifo', [path.join(folder, 'fifo')]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...{ HEARTH_DATA_DIR: path.join(folder, 'data'), HEARTH_CACHE_DIR: path.join(folder, 'cache'), HEARTH_OFFLINE: '1' },
});

function hearth(...args: readonly string[]): Promise<{ readonly code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: env() };
    const child = execFile(process.execPath, [program, ...args], options, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

const names = (): string[] =>
  readdirSync(folder)
    .filter((name) => name !== 'data')
    .sort();

describe('a command that makes a model', () => {
  it.each<[string, readonly string[], number, RegExp]>([
    ['standard output', ['quantize', story, '--to', 'Q8_0', '-o', '-'], 2, /not written to standard output/],
    ['a folder as output', ['quantize', story, '--to', 'Q8_0', '-o', 'a folder'], 1, /a folder is a folder\. --output/],
    ['a folder to come', ['convert', shardedLlama, '--to', 'F16', '-o', 'none/'], 1, /is a folder\. --output/],
    ['a file that is there', ['imatrix', story, '-o', 'there.gguf'], 1, /there\.gguf already/],
    ['a folder as model', ['quantize', 'a folder', '--to', 'Q8_0'], 1, /a folder is a folder\. Name a GGUF file/],
    ['an empty file', ['export', 'empty', 'out'], 1, /empty is empty/],
    ['a device', ['split', '/dev/null', 'out'], 1, /not a GGUF file|no file/],
    ['a model that is not here', ['split', 'owner/name:Q4_0', 'out'], 1, /not on this computer/],
    ['quantized tensors', ['quantize', 'ember', '--to', 'Q4_0'], 1, /--allow-requantize/],
    ['a type that needs a matrix', ['quantize', story, '--to', 'IQ1_S'], 1, /--imatrix text .* --imatrix FILE/],
    ['an adapter', ['convert', 'lora', '--to', 'F16'], 1, /adapter \(LoRA\).*hearth adapter ADAPTER BASE/],
    ['no type and no check', ['quantize', story], 2, /needs --to TYPE/],
  ])('says what is wrong with %s, and leaves nothing', async (_, args, code, words) => {
    const before = names();
    const ended = await hearth(...args);
    expect([ended.code, ended.out]).toEqual([code, '']);
    expect(ended.err).toMatch(words);
    expect(names()).toEqual(before);
  });

  it.runIf(process.platform !== 'win32')('does not wait for a pipe that nobody writes', async () => {
    for (const command of ['split', 'merge', 'export', 'quantize'])
      expect((await hearth(command, 'fifo', ...(command === 'quantize' ? ['--to', 'Q8_0'] : ['out']))).err).toContain(
        'fifo is not a GGUF file.',
      );
  });

  it('names its file as the app does, in folders that it makes', async () => {
    const quantized = await hearth('quantize', 'Größe ü-F32-00001-of-00001.gguf', '--to', 'Q8_0');
    expect(quantized.out).toBe(`${path.join(folder, 'Gr__e__-Q8_0.gguf')}\n`);
    expect(await hearth('quantize', story, '--to', 'Q8_0', '-o', 'neu/ü b.gguf')).toMatchObject({ code: 0 });
    expect(readdirSync(path.join(folder, 'neu'))).toEqual(['ü b.gguf', 'ü b.gguf.json']);
    const failed = await hearth('quantize', story, '--to', 'Q8_0', '--tensor-types', '(=Q8_0', '-o', 'x/y/z.gguf');
    expect([failed.code, existsSync(path.join(folder, 'x'))]).toEqual([1, false]);
  });
});

describe('--check', () => {
  it('lists the types that are usually taken with their use, and all with --all', async () => {
    const few = await hearth('convert', shardedLlama, '--check');
    expect(few.out).toMatch(/can be converted: LlamaForCausalLM, [\d\u202f]+ parameters, /);
    expect(few.out).toMatch(/\n {2}TYPE +SIZE +MEMORY( +SPEED)? +USE\n {2}\w+ .* recommended: /);
    expect(few.out).not.toContain('IQ1_S');
    const all = await hearth('convert', shardedLlama, '--check', '--all');
    expect(all.out).toMatch(/\n {2}IQ1_S .*needs --imatrix\n/);
    const { outputs } = JSON.parse((await hearth('convert', shardedLlama, '--check', '--json')).out) as {
      outputs: { type: string }[];
    };
    expect(all.out.match(/^ {2}[A-Z]{1,2}\w+ +~?\d/gm)).toHaveLength(outputs.length);
  });

  it('of a quantization is the size to the byte, and measure says what it costs', async () => {
    expect((await hearth('quantize', story, '--check')).out).toMatch(/can be quantized to:\n[^]* {2}Q4_K_M /);
    const args = ['quantize', story, '--to', 'Q4_0', '--pure', '--json'];
    const checked = JSON.parse((await hearth(...args, '--check')).out) as { sizeBytes: number };
    const made = await hearth(...args, '-o', 'q4.gguf');
    const bytes = statSync(path.join(folder, 'q4.gguf')).size;
    expect([made.code, bytes]).toEqual([0, checked.sizeBytes]);
    const before = names();
    const varied = readFileSync(path.join(root, 'assets/texts/varied.txt'), 'utf8').slice(0, 4000);
    writeFileSync(path.join(folder, 'text.txt'), varied);
    const measured = await hearth('measure', story, 'q4.gguf', '--text', 'text.txt');
    expect([measured.code, measured.err]).toEqual([0, '']);
    expect(measured.out).toMatch(/\n {2}stories260K-F32 .* 0\.00 +100\.0 % +the reference\n {2}q4 .* the pick\n/);
    expect(names()).toEqual([...before, 'text.txt'].sort());
  });
});

it('leaves nothing when nobody reads its progress', async () => {
  const before = names();
  const args = ['convert', shardedLlama, '--to', 'Q4_K_M', '-o', 'unread.gguf', '--json'];
  const child = spawn(process.execPath, [program, ...args], { cwd: folder, env: env() });
  child.stdout.destroy();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect(code).toBe(141);
  // Without a line of progress before the end, the result alone finds no reader.
  expect(names().filter((name) => !name.startsWith('unread.gguf'))).toEqual(before);
});
