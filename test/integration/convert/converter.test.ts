/** Conversions in their child process: what they say, how they end, and what they leave. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createConverter, type Conversion, type ConversionEvent } from '../../../main/convert/child/converter.ts';
import type { CheckpointSource } from '../../../main/convert/checkpoint/checkpoint-source.ts';
import { openLocalSource } from '../../../main/convert/checkpoint/local-source.ts';
import { discardUnfinished } from '../../../main/convert/write/output-file.ts';
import { patchVerification } from '../../../main/convert/write/verification-entry.ts';
import { readGgufHeader } from '../../../main/model-file/gguf.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { convertChildren } from '../../support/convert-children.ts';

const root = path.join(import.meta.dirname, '../../..');
const sharded = path.join(root, 'test/fixtures/conversion/llama-sharded');
const converter = createConverter({ startChild: convertChildren.startConvert });
const never = new AbortController().signal;

let folder = '';
let outputPath = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-converter-'));
  mkdirSync(path.join(folder, 'out'));
  outputPath = path.join(folder, 'out/model.gguf');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const left = (): string[] => readdirSync(path.join(folder, 'out')).sort();

async function convert(
  source: Conversion['source'],
  {
    signal = never,
    onEvent = () => {},
    ...more
  }: Partial<Conversion> & { signal?: AbortSignal; onEvent?: (event: ConversionEvent) => void } = {},
) {
  const request: Conversion = {
    source,
    name: 'llama-sharded',
    outputType: 'F16',
    outputPath,
    verificationBytes: 256,
    ...more,
  };
  return await converter.convert(request, { signal, onEvent });
}

/** A copy of the sharded checkpoint, which a test may change. */
function copied(): string {
  const copy = path.join(folder, 'checkpoint');
  cpSync(sharded, copy, { recursive: true });
  return copy;
}

/** A source whose reads go through `around`. */
async function readThrough(
  from: string,
  around: (path: string, read: () => Promise<Uint8Array>) => Promise<Uint8Array>,
): Promise<CheckpointSource> {
  const source = await openLocalSource(from);
  onTestFinished(() => source.close());
  return { ...source, read: (name, start, end) => around(name, () => source.read(name, start, end)) };
}

/** The bytes that an undisturbed conversion writes. */
async function undisturbed(): Promise<Buffer> {
  const other = path.join(folder, 'undisturbed.gguf');
  rmSync(other, { force: true });
  await convert({ folder: sharded }, { outputPath: other });
  return readFileSync(other);
}

describe('a conversion', () => {
  it('says what it does and what it made', async () => {
    const events: ConversionEvent[] = [];
    const result = await convert({ folder: sharded }, { onEvent: (event) => events.push(event) });
    expect(result).toMatchObject({ architecture: 'llama', oddTensorCount: 0, resumedBytes: 0 });
    expect(readFileSync(outputPath).byteLength).toBe(result.sizeBytes);
    expect(events[0]).toMatchObject({ type: 'planned', architecture: 'llama', tensorCount: result.tensorCount });
    const last = events.at(-1);
    if (last?.type !== 'progress') throw new Error('The last event is no progress.');
    expect(last.doneBytes).toBe(last.totalBytes);
    expect(left()).toEqual(['model.gguf']);
  });

  it('writes the same bytes from a source that main reads for it', async () => {
    const source = await openLocalSource(sharded);
    await convert(source);
    await source.close();
    expect(readFileSync(outputPath).equals(await undisturbed())).toBe(true);
  });

  it('has a place for what a verification finds', async () => {
    await convert({ folder: sharded });
    const before = readFileSync(outputPath);
    await patchVerification(outputPath, '{"ok":true}');
    const after = readFileSync(outputPath);
    const read = (start: number): Promise<Uint8Array> => Promise.resolve(after.subarray(start));
    const { metadata } = await readGgufHeader(read, after.byteLength, () => Promise.resolve());
    expect(metadata.get('hearth.verification')).toBe('{"ok":true}'.padEnd(256));
    const place = after.indexOf('{"ok":true}');
    after.write(' '.repeat(11), place);
    expect(after.equals(before)).toBe(true);
    await expect(patchVerification(outputPath, 'x'.repeat(257))).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(
      patchVerification(path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf'), '{}'),
    ).rejects.toMatchObject({ code: expect.stringMatching(/not_found|disk/) as string });
  });

  it('does not write over a file, and not beside another one that writes it', async () => {
    const started = Promise.withResolvers<undefined>();
    const stall = Promise.withResolvers<undefined>();
    const source = await readThrough(sharded, async (name, read) => {
      if (name.includes('00003-of')) {
        started.resolve(undefined);
        await stall.promise;
      }
      return await read();
    });
    // The headers of all shards are read before anything is written.
    let isPlanned = false;
    const slow = await readThrough(sharded, async (name, read) =>
      isPlanned ? await source.read(name, 0, 0).then(read) : await read(),
    );
    const first = convert(slow, { onEvent: ({ type }) => (isPlanned ||= type === 'planned') });
    await started.promise;
    await expect(convert({ folder: sharded })).rejects.toMatchObject({
      code: 'busy',
      data: { reason: 'output_in_use' },
    });
    stall.resolve(undefined);
    await first;
    await expect(convert({ folder: sharded })).rejects.toMatchObject({ data: { reason: 'output_exists' } });
    expect(left()).toEqual(['model.gguf']);
  });

  it('that is killed leaves no half file, and is done by the next try', async () => {
    const stop = new AbortController();
    let isPlanned = false;
    const source = await readThrough(sharded, async (name, read) => {
      if (isPlanned && name.includes('00003-of')) stop.abort();
      return await read();
    });
    const run = convert(source, { signal: stop.signal, onEvent: ({ type }) => (isPlanned ||= type === 'planned') });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    expect(left()).not.toContain('model.gguf');
    await convert({ folder: sharded });
    expect(readFileSync(outputPath).equals(await undisturbed())).toBe(true);
    expect(left()).toEqual(['model.gguf']);
  });

  it('goes on where the network failed, and never mixes what other conversions left', async () => {
    const fail = async (outputType: Conversion['outputType']): Promise<void> => {
      let isPlanned = false;
      const source = await readThrough(sharded, async (name, read) => {
        if (isPlanned && name.includes('00003-of')) throw new AppError('hub.offline', 'The Hub is out of reach.');
        return await read();
      });
      const run = convert(source, { outputType, onEvent: ({ type }) => (isPlanned ||= type === 'planned') });
      await expect(run).rejects.toMatchObject({ code: 'hub.offline' });
      await source.close();
    };
    await fail('F16');
    expect(left()).toEqual(['model.gguf.part', 'model.gguf.part.json']);
    const read: string[] = [];
    let isPlanned = false;
    const source = await readThrough(sharded, async (name, bytes) => {
      if (isPlanned) read.push(name);
      return await bytes();
    });
    const { resumedBytes } = await convert(source, { onEvent: ({ type }) => (isPlanned ||= type === 'planned') });
    expect(resumedBytes).toBeGreaterThan(0);
    expect(read.some((name) => name.includes('00001-of'))).toBe(false);
    expect(readFileSync(outputPath).equals(await undisturbed())).toBe(true);

    rmSync(outputPath);
    await fail('BF16');
    expect((await convert({ folder: sharded })).resumedBytes).toBe(0);
    expect(readFileSync(outputPath).equals(await undisturbed())).toBe(true);

    rmSync(outputPath);
    await fail('F16');
    await discardUnfinished(outputPath);
    expect(left()).toEqual([]);
  });

  it('does not take up what was written of a checkpoint that changed since', async () => {
    const checkpoint = copied();
    let isPlanned = false;
    const failing = await readThrough(checkpoint, async (name, read) => {
      if (isPlanned && name.includes('00003-of')) throw new AppError('hub.offline', 'The Hub is out of reach.');
      return await read();
    });
    await expect(convert(failing, { onEvent: ({ type }) => (isPlanned ||= type === 'planned') })).rejects.toMatchObject(
      { code: 'hub.offline' },
    );
    await failing.close();
    utimesSync(path.join(checkpoint, 'model-00001-of-00003.safetensors'), 1, 1);
    expect((await convert({ folder: checkpoint })).resumedBytes).toBe(0);
  });

  it('ends with the name of a file that changed while it was read, and leaves nothing', async () => {
    const checkpoint = copied();
    const shard = path.join(checkpoint, 'model-00003-of-00003.safetensors');
    let isPlanned = false;
    const source = await readThrough(checkpoint, async (name, read) => {
      if (isPlanned && name.includes('00003-of')) truncateSync(shard, 20_000);
      return await read();
    });
    await expect(convert(source, { onEvent: ({ type }) => (isPlanned ||= type === 'planned') })).rejects.toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'changed', file: 'model-00003-of-00003.safetensors' },
    });
    expect(left()).toEqual([]);
  });
});

const bad = path.join(root, '../shared/fixtures/conversion-bad');

describe.runIf(existsSync(bad))('a broken checkpoint of the fixtures', () => {
  it.each([
    ['truncated-safetensors', { reason: 'cut_short', file: 'model.safetensors' }],
    ['header-longer-than-file', { reason: 'header_past_end', file: 'model.safetensors' }],
    ['overlapping-offsets', { reason: 'overlap', file: 'model.safetensors' }],
    ['shape-not-matching-bytes', { reason: 'size_mismatch', file: 'model.safetensors' }],
    ['negative-offsets', { reason: 'bad_offsets', tensor: 'model.norm.weight' }],
    ['missing-tensor', { reason: 'missing_tensor', tensor: 'model.layers.0.mlp.down_proj.weight' }],
    [
      'shape-not-matching-config',
      {
        reason: 'wrong_shape',
        tensor: 'model.layers.0.self_attn.q_proj.weight',
        expected: '32 x 32',
        found: '48 x 32',
      },
    ],
    ['unknown-architecture', { reason: 'architecture' }],
    ['missing-tokenizer', { reason: 'missing_tokenizer' }],
    ['index-names-missing-shard', { reason: 'shard_missing', file: 'model-00002-of-00002.safetensors' }],
    ['header-proto-key', { reason: 'unknown_field', tensor: '__proto__' }],
  ])('%s is refused with its cause, and leaves nothing', async (name, facts) => {
    await expect(convert({ folder: path.join(bad, name) })).rejects.toMatchObject({
      code: expect.stringMatching(/^convert\.(invalid|unsupported)$/) as string,
      data: facts,
    });
    expect(left()).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  // The child counts; the job that asked for the file drops it and fails with the first tensor.
  it.each(['F32', 'F16', 'BF16', 'Q8_0'] as const)(
    'nan-weights as %s: each tensor is named with the count of what is no number in it',
    async (outputType) => {
      const { oddTensors, oddTensorCount, tensorCount, parameterCount } = await convert(
        { folder: path.join(bad, 'nan-weights') },
        { outputType },
      );
      expect(oddTensorCount).toBe(tensorCount);
      expect(oddTensors.reduce((sum, { nan }) => sum + nan, 0)).toBe(parameterCount);
    },
  );

  it('valid is converted without a complaint', async () => {
    expect(await convert({ folder: path.join(bad, 'valid') })).toMatchObject({ oddTensorCount: 0 });
  });
});

describe('a source without rights', () => {
  it.runIf(process.getuid?.() !== 0)('is refused with the name of the file', async () => {
    const checkpoint = copied();
    const { chmodSync } = await import('node:fs');
    chmodSync(path.join(checkpoint, 'model-00002-of-00003.safetensors'), 0);
    await expect(convert({ folder: checkpoint })).rejects.toMatchObject({
      code: 'disk.denied',
      data: { reason: 'unreadable', file: 'model-00002-of-00003.safetensors' },
    });
    expect(left()).toEqual([]);
  });

  it('that is no folder is refused', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    await expect(convert({ folder: path.join(folder, 'file') })).rejects.toMatchObject({ code: 'not_found' });
  });
});
