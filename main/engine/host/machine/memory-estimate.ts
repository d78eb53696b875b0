/** Measures this machine's memory once, so that a speed can be estimated before any model was measured. */
import { physicalCores } from '../../cores.ts';
import type { LoadRecords } from '../../../store/load-records.ts';
import type { Planner } from '../planner.ts';
import type { BusyMeter } from './busy-cores.ts';
import { measureMemoryRate } from './memory-rate.ts';

export interface MemoryEstimateOptions {
  readonly records: LoadRecords;
  readonly planner: Pick<Planner, 'machine'>;
  readonly busy: BusyMeter;
  /** Whether a model is being loaded, computes, or is leased. */
  readonly isWorking: () => boolean;
  /** Default: `measureMemoryRate`. */
  readonly measure?: (cores: number) => Promise<number | null>;
}

/** A measurement that found nothing is made again at a later call, this often in all. */
const MAX_TRIES = 3;
/** Cores that other programs may use during a measurement. */
const BUSY_CORES_LIMIT = 0.5;

/** A function that measures unless a rate is known or the machine is at work; calls during a measurement do nothing. It never throws. */
export function createMemoryEstimate(options: MemoryEstimateOptions): () => Promise<void> {
  const { records, planner, busy, isWorking } = options;
  let isOver = false;
  let tries = 0;
  const measureOnce = async (): Promise<void> => {
    const machine = await planner.machine();
    if (records.readBytesPerSecond(machine) !== null || records.memoryBytesPerSecond(machine) !== null) return;
    if (isWorking() || (await busy.cores()) >= BUSY_CORES_LIMIT) return void (isOver = false);
    const rate = await (options.measure ?? measureMemoryRate)(physicalCores());
    if (rate !== null) records.saveMemoryRate(machine, rate);
    else isOver = ++tries >= MAX_TRIES;
  };
  return async () => {
    if (isOver) return;
    isOver = true;
    await measureOnce().catch(() => {}); // A full disk, say. The next start tries again.
  };
}
