/**
 * Conversions of large checkpoints by the convert child, beside `cat` of the same files into a new one, in turns in the same run; and the
 * most memory that the child takes, for 1.4 GiB and for 8 GiB with holes. It needs 13 GB on the disk of the temporary folder.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createConvertChildren } from '../../main/app/convert-children.ts';
import { checkoutLayout } from '../../main/app/layout.ts';
import { buildStale } from '../../main/app/bundles.ts';
import { createConverter } from '../../main/convert/child/converter.ts';
import type { OutputType } from '../../main/convert/plan/output-types.ts';

const GIB = 1024 ** 3;
const RUNS = 5;
const root = path.join(import.meta.dirname, '../..');
const tokenizer = path.join(root, 'test/fixtures/conversion/llama-sharded');

interface Shape {
  readonly dtype: 'F32' | 'BF16';
  readonly layers: number;
  readonly hidden: number;
  readonly feedForward: number;
  /** Whether the weights are holes in the file, which read as zeros. */
  readonly isSparse: boolean;
}

/** The tensors of a llama, with the names and shapes that its family has. */
function tensorsOf(
  { layers, hidden, feedForward }: Shape,
  vocabulary: number,
): readonly (readonly [string, readonly number[]])[] {
  const layer = (index: number): [string, number[]][] => {
    const at = `model.layers.${String(index)}`;
    return [
      [`${at}.input_layernorm.weight`, [hidden]],
      ...['q', 'k', 'v', 'o'].map((name): [string, number[]] => [
        `${at}.self_attn.${name}_proj.weight`,
        [hidden, hidden],
      ]),
      [`${at}.post_attention_layernorm.weight`, [hidden]],
      ...['gate', 'up'].map((name): [string, number[]] => [`${at}.mlp.${name}_proj.weight`, [feedForward, hidden]]),
      [`${at}.mlp.down_proj.weight`, [hidden, feedForward]],
    ];
  };
  return [
    ['model.embed_tokens.weight', [vocabulary, hidden]],
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    ['model.norm.weight', [hidden]],
    ['lm_head.weight', [vocabulary, hidden]],
  ];
}

/** Writes a checkpoint of the shape, in one file, and answers its size. */
function writeCheckpoint(folder: string, shape: Shape): number {
  mkdirSync(folder);
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json'])
    cpSync(path.join(tokenizer, name), path.join(folder, name));
  const config = JSON.parse(readFileSync(path.join(tokenizer, 'config.json'), 'utf8')) as Record<string, unknown>;
  const heads = shape.hidden / 64;
  const own = {
    num_hidden_layers: shape.layers,
    hidden_size: shape.hidden,
    intermediate_size: shape.feedForward,
    head_dim: 64,
  };
  const attention = { num_attention_heads: heads, num_key_value_heads: heads, tie_word_embeddings: false };
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ ...config, ...own, ...attention }));
  const header: Record<string, object> = {};
  const valueBytes = shape.dtype === 'F32' ? 4 : 2;
  let at = 0;
  for (const [name, dimensions] of tensorsOf(shape, Number(config['vocab_size']))) {
    const end = at + dimensions.reduce((product, length) => product * length, valueBytes);
    header[name] = { dtype: shape.dtype, shape: dimensions, data_offsets: [at, end] };
    at = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.byteLength));
  const file = openSync(path.join(folder, 'model.safetensors'), 'w');
  writeSync(file, length);
  writeSync(file, text);
  const sizeBytes = 8 + text.byteLength + at;
  if (shape.isSparse) ftruncateSync(file, sizeBytes);
  else {
    const block = weights(shape.dtype);
    for (let done = 0; done < at;) done += writeSync(file, block, 0, Math.min(block.byteLength, at - done));
  }
  closeSync(file);
  return sizeBytes;
}

/** 16 MiB of values as weights have them: small, of both signs, and none alike. */
function weights(dtype: Shape['dtype']): Uint8Array {
  const values = Float32Array.from(
    { length: 2 ** 22 },
    () => (Math.random() + Math.random() + Math.random() - 1.5) * 0.04,
  );
  if (dtype === 'F32') return new Uint8Array(values.buffer);
  return new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16).buffer);
}

/** The most memory that a process had so far; 0 when it is gone, or where the system has no /proc. */
function peakBytes(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function convert(
  folder: string,
  outputType: OutputType,
  outputPath: string,
): Promise<{ ms: number; peak: number }> {
  const layout = checkoutLayout();
  let pid: number | undefined;
  const converter = createConverter({
    startChild(writableFolder, variables) {
      const child = createConvertChildren(layout).startConvert(writableFolder, variables);
      pid = child.pid;
      return child;
    },
  });
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, peakBytes(pid))), 20);
  const start = performance.now();
  await converter.convert(
    { source: { folder }, name: 'bench', outputType, outputPath, verificationBytes: 0 },
    { signal: new AbortController().signal, onEvent: () => {} },
  );
  clearInterval(timer);
  return { ms: performance.now() - start, peak };
}

/** The times of `cat`, and of `cat` with the `sync` that makes the copy last. */
function copy(input: string, output: string): { plain: number; synced: number } {
  const start = performance.now();
  execFileSync('sh', ['-c', 'cat "$1" > "$2"', 'sh', input, output]);
  const plain = performance.now() - start;
  execFileSync('sync', [output]);
  return { plain, synced: performance.now() - start };
}

/**
 * Writes as much as a measured program will write, and deletes it. The free memory of a virtual machine may have been given back to its
 * host, and whoever needs it first waits for it.
 */
function takeMemory(file: string, bytes: number): void {
  const block = new Uint8Array(64 * 1024).fill(1);
  const opened = openSync(file, 'w');
  for (let done = 0; done < bytes; done += block.byteLength) writeSync(opened, block);
  closeSync(opened);
  rmSync(file);
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));

export async function run(print: (line: object) => void): Promise<void> {
  await buildStale(root, ['engine']);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-convert-'));
  const output = path.join(folder, 'out.gguf');
  try {
    for (const dtype of ['F32', 'BF16'] as const) {
      const checkpoint = path.join(folder, dtype);
      // 1.4 GiB in either type.
      const layers = dtype === 'F32' ? 22 : 44;
      const sizeBytes = writeCheckpoint(checkpoint, {
        dtype,
        layers,
        hidden: 1024,
        feedForward: 4096,
        isSparse: false,
      });
      const input = path.join(checkpoint, 'model.safetensors');
      for (const outputType of ['F16', 'Q8_0'] as const) {
        const copies: { plain: number; synced: number }[] = [];
        const [conversions, peaks]: [number[], number[]] = [[], []];
        for (let count = 0; count < RUNS; count++) {
          takeMemory(output, sizeBytes);
          copies.push(copy(input, output));
          rmSync(output);
          takeMemory(output, sizeBytes);
          const { ms, peak } = await convert(checkpoint, outputType, output);
          conversions.push(ms);
          peaks.push(peak);
          rmSync(output);
        }
        const ratios = conversions.map((ms, run) => ms / (copies[run]?.plain ?? NaN));
        const syncedRatios = conversions.map((ms, run) => ms / (copies[run]?.synced ?? NaN));
        print({
          ...{ what: `${dtype} to ${outputType}`, inputGiB: rounded(sizeBytes / GIB, 2) },
          ...{ convertMs: rounded(median(conversions)), catMs: rounded(median(copies.map(({ plain }) => plain))) },
          catAndSyncMs: rounded(median(copies.map(({ synced }) => synced))),
          ...{ timesOfCat: rounded(median(ratios), 2), timesOfCatAndSync: rounded(median(syncedRatios), 2) },
          allTimesOfCat: ratios.toSorted((a, b) => a - b).map((ratio) => rounded(ratio, 2)),
          ...{ peakMB: rounded(Math.max(...peaks) / 1e6), load: rounded(os.loadavg()[0] ?? 0, 1) },
        });
      }
      rmSync(checkpoint, { recursive: true });
    }
    const checkpoint = path.join(folder, 'sparse');
    const sizeBytes = writeCheckpoint(checkpoint, {
      dtype: 'F32',
      layers: 31,
      hidden: 2048,
      feedForward: 8192,
      isSparse: true,
    });
    const { ms, peak } = await convert(checkpoint, 'F16', output);
    print({
      what: 'F32 to F16, with holes',
      inputGiB: rounded(sizeBytes / GIB, 2),
      convertMs: rounded(ms),
      peakMB: rounded(peak / 1e6),
      outputGiB: rounded(statSync(output).size / GIB, 2),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
