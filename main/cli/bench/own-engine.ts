/** Hearth's own engine, loaded with one model for a benchmark as llama-bench loads it: a context of the needed size, and no calibration. */
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { checkoutLayout } from '../../app/layout.ts';
import { createEngine, defaultLoadSettings, type EngineModel, type EngineOptions } from '../../engine/engine.ts';
import { createSpawnChild } from '../../process/spawn-child.ts';
import type { BenchTest } from './tests.ts';

export interface OwnEngine {
  readonly loaded: LoadedModel;
  /** The tokens per second of one sample. @throws AppError `engine.*`, `cancelled`. */
  sample(test: BenchTest, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

/** @throws AppError `model.*`, `engine.*`, `cancelled`. */
export async function openOwnEngine(
  model: EngineModel,
  needs: { readonly contextSize: number; readonly threads: number },
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<OwnEngine> {
  const layout = checkoutLayout();
  const engine = createEngine({
    spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
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
