/** An engine of its own for a benchmark: one model, with the layers on the GPU that the app would plan, with a context of the needed size and no calibration. */
import type { LoadedModel, LoadSettings } from '../../preload/contract/engine.ts';
import { createEngine, defaultLoadSettings, type EngineModel, type EngineOptions } from '../engine/engine.ts';

/** A prompt or a reply to measure; one of the two counts is 0. */
export interface BenchTest {
  readonly promptTokens: number;
  readonly replyTokens: number;
  readonly threads: number;
}

export interface BenchEngine {
  readonly loaded: LoadedModel;
  /** The tokens per second of one sample. @throws AppError `engine.*`, `cancelled`. */
  sample(test: BenchTest, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

/** @throws AppError `model.*`, `engine.*`, `cancelled`. */
export async function openBenchEngine(
  machine: Pick<EngineOptions, 'spawnChild' | 'backends' | 'freeMemory'>,
  model: EngineModel,
  needs: Pick<LoadSettings, 'gpuLayers'> & { readonly contextSize: number; readonly threads: number },
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<BenchEngine> {
  const engine = createEngine({
    ...machine,
    records: recordsWith({ ...defaultLoadSettings, ...needs }),
    onChange: ([loading]) => {
      if (loading?.status === 'loading') onProgress(loading.progress);
    },
  });
  try {
    const lease = await engine.open(model, { signal });
    return {
      loaded: lease.state(),
      async sample({ promptTokens, replyTokens, threads }, stop) {
        const { promptMs, replyMs } = await lease.bench({ promptTokens, replyTokens, threads }, stop);
        return promptTokens > 0 ? (promptTokens / promptMs) * 1000 : (replyTokens / replyMs) * 1000;
      },
      async close() {
        lease[Symbol.dispose]();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Records that know these settings and nothing else, and keep nothing. */
const recordsWith = (settings: LoadSettings): NonNullable<EngineOptions['records']> => ({
  settings: () => settings,
  calibration: () => null,
  readBytesPerSecond: () => null,
  memoryBytesPerSecond: () => null,
  measured: () => null,
  saveSettings() {},
  saveCalibration() {},
  saveMemoryRate() {},
  saveMeasured() {},
});
