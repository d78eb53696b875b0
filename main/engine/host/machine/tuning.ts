/** The threads of loaded models: fitted to what other programs leave, measured when the user asks, and for small models after their load. */
import type { Calibration } from '../../../../preload/contract/engine.ts';
import { AppError } from '../../../../preload/wire/errors.ts';
import { physicalCores } from '../../cores.ts';
import { freeCores, type BusyMeter } from './busy-cores.ts';
import { isMeasuredLater } from './calibration.ts';
import { isUsed, isWorking, usable, type Instance, type UsableInstance } from '../instance.ts';
import { calibrate } from '../load.ts';
import type { Planner } from '../planner.ts';
import type { LoadRecords } from '../../../store/load-records.ts';
import type { Residents } from '../residents.ts';

export interface TuningOptions {
  readonly residents: Pick<Residents, 'change' | 'work' | 'instances'>;
  readonly planner: Pick<Planner, 'machine'>;
  readonly busy: BusyMeter;
  readonly records: LoadRecords | null;
  readonly now: () => number;
}

export interface Tuning {
  /** As many threads as other programs leave cores for, unless the user chose their number. */
  fitThreads(instance: UsableInstance): Promise<void>;
  /** Measures and keeps what was fastest. @throws AppError `busy` while the model writes, `unsupported` for one that takes too long. */
  calibrate(instance: UsableInstance): Promise<Calibration>;
  /** Measures small models, which are loaded without, while nobody uses them and other programs leave the machine alone. Never throws. */
  calibrateUnused(): Promise<void>;
}

/** Of the cores: with more in use by other programs a measurement tells little. */
const QUIET_CORES = 0.5;

export function createTuning({ residents, planner, busy, records, now }: TuningOptions): Tuning {
  const measuring = new Set<Instance>();
  const tuning: Tuning = {
    async fitThreads(instance) {
      const { settings, loaded, state, child } = instance;
      // A measurement sets the threads that it measures.
      if (settings.threads !== 'auto' || measuring.has(instance)) return;
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
      if (instance.running > 0 || measuring.has(instance))
        throw new AppError('busy', 'The model is writing. Measure it when it is done.', { reason: 'model_writing' });
      const order = {
        weightsBytes: model.weightsBytes,
        settings,
        now,
        busyCores: 0,
        facts: { cores: physicalCores() },
      };
      const end = residents.work(instance);
      measuring.add(instance);
      try {
        const found = await calibrate(child, order, loaded.info.batchSize);
        if (found === null)
          throw new AppError(
            'unsupported',
            'This model is too large to be measured within seconds. It uses all cores.',
            { reason: 'too_large_to_measure' },
          );
        loaded.calibration = found.calibration;
        loaded.tunedBatchSize = found.batchSize;
        records?.saveCalibration(model.modelId, await planner.machine(), found.calibration);
        residents.change(instance, { calibration: found.calibration, threads: found.decodeThreads });
        return found.calibration;
      } catch (thrown) {
        throw await child.explain(thrown);
      } finally {
        measuring.delete(instance);
        end();
      }
    },

    async calibrateUnused() {
      for (const instance of residents.instances()) {
        const { model, loaded } = instance;
        if (records === null || busy.cores() >= QUIET_CORES) return;
        if (!loaded || instance.ending || isUsed(instance) || isWorking(instance)) continue;
        const computes = loaded.info.gpuLayers < loaded.info.layerCount;
        // What fails is tried again at the next look: the model was asked for something, or has ended.
        if (loaded.calibration === null && computes && isMeasuredLater(model.weightsBytes))
          await tuning.calibrate(usable(instance)).catch(() => {});
      }
    },
  };
  return tuning;
}
