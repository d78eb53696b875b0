/** The threads of loaded models: fitted to what other programs leave, and measured anew when the user asks. */
import type { Calibration } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { physicalCores } from '../cores.ts';
import { freeCores, type BusyMeter } from './busy-cores.ts';
import type { UsableInstance } from './instance.ts';
import { calibrate } from './load.ts';
import type { EngineRecords, Planner } from './planner.ts';
import type { Residents } from './residents.ts';

export interface TuningOptions {
  readonly residents: Pick<Residents, 'change' | 'run'>;
  readonly planner: Pick<Planner, 'machine'>;
  readonly busy: BusyMeter;
  readonly records: EngineRecords | null;
  readonly now: () => number;
}

export interface Tuning {
  /** As many threads as other programs leave cores for, unless the user chose their number. */
  fitThreads(instance: UsableInstance): Promise<void>;
  /** Measures and keeps what was fastest. @throws AppError `busy` while the model writes, `unsupported` for one that takes too long. */
  calibrate(instance: UsableInstance): Promise<Calibration>;
}

export function createTuning({ residents, planner, busy, records, now }: TuningOptions): Tuning {
  return {
    async fitThreads(instance) {
      const { settings, loaded, state, child } = instance;
      if (settings.threads !== 'auto') return;
      const best = loaded.calibration ?? loaded.plan;
      const most = freeCores(physicalCores(), busy.cores());
      const decodeThreads = Math.min(best.decodeThreads, most);
      if (decodeThreads === state.threads) return;
      const promptThreads = Math.min(best.promptThreads, most);
      await child.client.call('setTuning', { decodeThreads, promptThreads, batchSize: loaded.tunedBatchSize });
      residents.change(instance, { threads: decodeThreads });
    },

    async calibrate(instance) {
      const { child, model, settings, loaded } = instance;
      if (instance.running > 0) throw new AppError('busy', 'The model is writing. Measure it when it is done.');
      const order = {
        weightsBytes: model.weightsBytes,
        settings,
        now,
        busyCores: 0,
        facts: { cores: physicalCores() },
      };
      const end = residents.run(instance);
      try {
        const found = await calibrate(child, order, loaded.info.batchSize);
        if (found === null)
          throw new AppError(
            'unsupported',
            'This model is too large to be measured within seconds. It uses all cores.',
          );
        loaded.calibration = found.calibration;
        loaded.tunedBatchSize = found.batchSize;
        records?.saveCalibration(model.modelId, await planner.machine(), found.calibration);
        residents.change(instance, { calibration: found.calibration, threads: found.decodeThreads });
        return found.calibration;
      } catch (thrown) {
        throw await child.explain(thrown);
      } finally {
        end();
      }
    },
  };
}
