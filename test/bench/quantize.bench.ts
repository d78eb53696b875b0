/**
 * Quantizing as Hearth does it (the plan, a child with its checks, the synced and renamed file) beside the library called directly in a
 * process of its own, one after the other in each round. Both times have the start of their process.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildStale } from '../../main/app/bundles.ts';
import { checkoutLayout, checkoutRoot } from '../../main/app/layout.ts';
import { createQuantizer } from '../../main/convert/quantize/quantize.ts';
import { createSpawnChild } from '../../main/process/spawn-child.ts';
import { writeRandomModel } from '../support/random-model.ts';

const ROUNDS = 5;
const types = [
  ['Q8_0', 7],
  ['Q4_K_M', 15],
] as const;

async function time(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function quantizeDirectly(...args: readonly string[]): Promise<void> {
  const file = path.join(import.meta.dirname, 'direct-quantize.ts');
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'ignore', 'ignore'] });
  const code = await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  if (code !== 0) throw new Error(`llama_model_quantize failed (${String(code)}).`);
}

const median = (values: readonly number[]): number =>
  Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN);
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

export async function run(print: (line: object) => void): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-quantize-bench-'));
  try {
    const inputPath = writeRandomModel(path.join(folder, 'model.gguf'), {
      ...{ layers: 16, embedding: 1024, feedForward: 4096, heads: 16, kvHeads: 4, experts: 0 },
      ...{ type: 'F16', seed: 1, repeats: true },
    });
    // The app runs its children from their build.
    await buildStale(checkoutRoot, ['engine']);
    const layout = checkoutLayout();
    const quantizer = createQuantizer({
      startChild: (writableFolder) => createSpawnChild(layout.nodePath, layout.nativeChildPath, writableFolder)(),
    });
    const threads = os.availableParallelism();
    for (const [fileType, number] of types) {
      const [outputPath, direct] = [path.join(folder, 'hearth.gguf'), path.join(folder, 'direct.gguf')];
      const request = { inputPath, outputPath, fileType, threads };
      const own: number[] = [];
      const library: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        own.push(
          await time(async () => {
            for await (const _ of quantizer.quantize(request, new AbortController().signal));
          }),
        );
        library.push(await time(() => quantizeDirectly(inputPath, direct, String(number), String(threads))));
      }
      const ratios = own.map((ms, round) => ms / (library[round] ?? NaN)).sort((a, b) => a - b);
      print({
        ...{ fileType, threads, inputBytes: statSync(inputPath).size, outputBytes: statSync(outputPath).size },
        ...{ hearthMs: median(own), libraryMs: median(library), rounds: ROUNDS },
        ratio: Number((ratios[Math.floor(ROUNDS / 2)] ?? NaN).toFixed(3)),
        leastRatio: Number((Math.min(...own) / Math.min(...library)).toFixed(3)),
        isSame: sha256(outputPath) === sha256(direct),
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
