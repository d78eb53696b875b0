/** The progress of a job with several steps: its phases, what each is at, and its share of the bytes. */
import type { ConversionPhase } from '../../../preload/contract/jobs.ts';
import type { TransferContext, WorkView } from '../../base/work.ts';

/** A phase, and the bytes that it reads or writes: what the job's progress is counted in. */
export interface PlannedPhase {
  readonly phase: ConversionPhase;
  readonly bytes: number;
}

export interface JobProgress {
  /** Sets the phases, as soon as their bytes are known. What earlier phases have done stays done. */
  plan(phases: readonly PlannedPhase[]): void;
  /** The job is in this phase now; the phases before it are done. */
  enter(phase: ConversionPhase): void;
  /** What the phase is at. `doneBytes` counts from the phase's beginning. */
  report(state: {
    readonly doneBytes?: number;
    readonly name?: string;
    readonly index?: number;
    readonly count?: number;
  }): void;
  /** Everything is done. */
  finish(): void;
  numbers(): Pick<WorkView, 'doneBytes' | 'totalBytes'>;
}

/** Reports to the context that `context` gives, which is another one in each run; null between runs. */
export function createJobProgress(context: () => TransferContext | null): JobProgress {
  let phases: readonly PlannedPhase[] = [];
  let at = 0;
  let doneBytes = 0;
  let state = { name: null as string | null, index: 0, count: 0 };

  function tell(): void {
    const phase = phases[at]?.phase;
    if (phase !== undefined)
      context()?.detail({ code: 'conversion', phase, phases: phases.map((one) => one.phase), ...state });
  }
  const sumBefore = (end: number): number => phases.slice(0, end).reduce((sum, { bytes }) => sum + bytes, 0);

  return {
    plan(planned) {
      const current = phases[at]?.phase;
      phases = planned;
      at = Math.max(
        0,
        planned.findIndex(({ phase }) => phase === current),
      );
      tell();
    },
    enter(phase) {
      at = Math.max(
        0,
        phases.findIndex((one) => one.phase === phase),
      );
      doneBytes = 0;
      state = { name: null, index: 0, count: 0 };
      tell();
    },
    report({ doneBytes: done = doneBytes, name = state.name, index = state.index, count = state.count }) {
      if (done > doneBytes) context()?.received(done - doneBytes);
      doneBytes = done;
      state = { name, index, count };
      tell();
    },
    finish() {
      at = phases.length;
      doneBytes = 0;
    },
    numbers: () => ({
      doneBytes: Math.min(sumBefore(at + 1), sumBefore(at) + doneBytes),
      totalBytes: sumBefore(phases.length),
    }),
  };
}
