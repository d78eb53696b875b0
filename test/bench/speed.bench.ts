/**
 * The predicted speed of generated models beside the measured one: the first is estimated from this machine's memory alone, the others
 * are predicted from the calibrations before them. Beside them, the rate at which memory is read without a model, with as many threads as the measured speed has.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeGguf } from '../hub-server/gguf-file.ts';
import { measureMemoryRate } from '../../main/engine/host/machine/memory-rate.ts';
import { serveForBench } from './served-app.ts';

const round = (value: number | null | undefined): number | null =>
  typeof value === 'number' ? Number(value.toFixed(1)) : null;

const ESTIMATE_LIMIT_MS = 90_000;

/** 190 to 550 MB. */
const shapes = [
  { name: 'm130', layers: 12, embedding: 1024, feedForward: 3072, quantization: 'Q8_0' },
  { name: 'm220', layers: 16, embedding: 1024, feedForward: 4096, quantization: 'Q8_0' },
  { name: 'm400', layers: 24, embedding: 1280, feedForward: 4096, quantization: 'Q8_0' },
] as const;

export async function run(print: (line: object) => void): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-speed-bench-'));
  try {
    const models = [];
    for (const { name, quantization, ...shape } of shapes) {
      const snapshot = path.join(folder, `cache/models--bench--${name}/snapshots`, 'b'.repeat(40));
      mkdirSync(snapshot, { recursive: true });
      const file = `${name}-${quantization}.gguf`;
      const { sizeBytes } = await writeGguf(path.join(snapshot, file), {
        shape: { ...shape, name, heads: 16, kvHeads: 4, vocabulary: 32_064, contextLength: 2048, tied: true },
        quantization,
        seed: 1,
      });
      models.push({ name, sizeBytes, modelId: `bench/${name}/${file}` });
    }
    const app = await serveForBench(folder);
    try {
      for (const { name, sizeBytes, modelId } of models) {
        const { settings } = await app.client.call('engine.settings', { modelId });
        await app.client.call('engine.saveSettings', { modelId, settings: { ...settings, contextSize: 512 } });
        let { fit } = await app.client.call('engine.settings', { modelId });
        // The memory of this machine is measured some seconds after the first start, once it is idle.
        const giveUpAtMs = performance.now() + ESTIMATE_LIMIT_MS;
        while (fit.tokensPerSecond === null && performance.now() < giveUpAtMs) {
          await setTimeout(500);
          ({ fit } = await app.client.call('engine.settings', { modelId }));
        }
        const loaded = await app.client.call('engine.load', { modelId });
        const { calibration } = loaded;
        const threads = calibration?.decodeThreads ?? 1;
        const memoryRates: number[] = [];
        for (let count = 0; count < 3; count++) memoryRates.push((await measureMemoryRate(threads)) ?? NaN);
        print({
          ...{ name, sizeBytes, predicted: round(fit.tokensPerSecond), isEstimated: fit.isSpeedEstimated },
          measured: round(calibration?.decodeTokensPerSecond),
          threads,
          gigabytesPerSecond: round((calibration?.readBytesPerSecond ?? NaN) / 1e9),
          memoryGigabytesPerSecond: round(Math.max(...memoryRates) / 1e9),
        });
        await app.client.call('engine.unload', { modelId });
      }
    } finally {
      await app.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
