/** Tunes loaded models: fits their threads to the free cores, and measures them when the user asks or after their load. */
import type { Calibration } from '../../../../preload/contract/engine.ts';
import { AppError, isAppError } from '../../../../preload/wire/errors.ts';
import { physicalCores } from '../../cores.ts';
import { BUSY_CORES_LIMIT, freeCores, type BusyMeter } from './busy-cores.ts';
import { whyUnmeasured } from './calibration.ts';
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
  /** Limits the threads to the cores that other programs leave, unless the user chose their number. */
  fitThreads(instance: UsableInstance): Promise<void>;
  /**
   * Measures the model and stores the fastest settings. Calls during a measurement share its result.
   *
   * @throws AppError `busy` while the model writes, `unsupported` for one that takes too long or writes nothing.
   */
  calibrate(instance: UsableInstance): Promise<Calibration>;
  /** Measures models that were not measured in their load, as small ones are not, while they and the machine are idle. Never throws. */
  calibrateUnused(): Promise<void>;
}

const unmeasured = (weightsBytes: number): AppError => {
  const reason = whyUnmeasured(weightsBytes);
  const sentence = {
    too_large_to_measure: 'This model is too large to be measured within seconds. It uses all cores.',
    nothing_to_measure: 'The speed of this model cannot be measured. It keeps the threads that it has.',
  }[reason];
  return new AppError('unsupported', sentence, { reason });
};

export function createTuning({ residents, planner, busy, records, now }: TuningOptions): Tuning {
  const measuring = new Map<Instance, Promise<Calibration>>();

  async function measure(instance: UsableInstance): Promise<Calibration> {
    // The child may have ended since the caller opened it.
    const { child, model, settings, loaded } = usable(instance);
    if (instance.running > 0)
      throw new AppError('busy', 'The model is writing. Measure it when it is done.', { reason: 'model_writing' });
    const order = {
      weightsBytes: model.weightsBytes,
      readModel: loaded.info.gpuLayers === 0 ? (model.summary ?? null) : null,
      settings,
      now,
      cores: physicalCores(),
    };
    const end = residents.work(instance);
    try {
      const found = await calibrate(child, order, loaded.info.batchSize);
      if (found === null) throw unmeasured(model.weightsBytes);
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
  }

  const tuning: Tuning = {
    async fitThreads(instance) {
      const { settings, loaded, state, child } = instance;
      // A measurement sets the threads that it measures.
      if (settings.threads !== 'auto' || measuring.has(instance)) return;
      const best = loaded.calibration ?? loaded.plan;
      // One thread is never too many, so that a small model waits for no reading.
      const isSingle = Math.max(best.decodeThreads, best.promptThreads) === 1;
      const most = isSingle ? 1 : freeCores(physicalCores(), await busy.cores());
      const decodeThreads = Math.min(best.decodeThreads, most);
      if (decodeThreads === state.threads) return;
      const promptThreads = Math.min(best.promptThreads, most);
      await child.client.call('setTuning', { decodeThreads, promptThreads, batchSize: loaded.tunedBatchSize });
      residents.change(instance, { threads: decodeThreads });
    },

    calibrate(instance) {
      const running = measuring.get(instance);
      if (running) return running;
      const measured = measure(instance).finally(() => measuring.delete(instance));
      measuring.set(instance, measured);
      return measured;
    },

    async calibrateUnused() {
      for (const instance of residents.instances()) {
        if (records === null || (await busy.cores()) >= BUSY_CORES_LIMIT) return;
        const { loaded } = instance;
        if (!loaded || instance.ending || isUsed(instance) || isWorking(instance)) continue;
        const computes = loaded.info.gpuLayers < loaded.info.layerCount;
        if (loaded.calibration !== null || loaded.isUnmeasurable || !computes) continue;
        try {
          await tuning.calibrate(usable(instance));
        } catch (error) {
          // A model that was used meanwhile is measured by a later sweep. Any other failure would occur again.
          loaded.isUnmeasurable = !isAppError(error, 'busy');
        }
      }
    },
  };
  return tuning;
}
