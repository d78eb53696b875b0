/** The latest report of the GPU in use. Reading a GPU's free memory starts a process, so one question serves all who need its answer. */
import { createSharedWork } from '../../../base/shared-work.ts';
import type { ChildBackend, DeviceReport } from '../../protocol.ts';

/** Other programs rarely take much of a GPU's memory within this time. */
const KEPT_MS = 5000;
/** How often a question is repeated because models were loaded or ended during it. */
const MAX_QUESTIONS = 3;

export interface KeptReportOptions {
  /** Asks the GPU, until the signal fires. */
  readonly ask: (backend: ChildBackend, signal: AbortSignal) => Promise<DeviceReport>;
  /** The models in memory and their sizes, as a key. A report holds for the models that were there when it was asked for. */
  readonly occupancy: () => string;
  /** A monotonic clock. */
  readonly elapsedMs: () => number;
}

export interface KeptReport {
  /**
   * The report for the models that are in memory now, at most some seconds old. A question that fails leaves the latest report for as
   * long. Askers share one question; it is ended when the signal of the last one fires.
   *
   * @throws the reason of `signal`.
   */
  get(backend: ChildBackend, signal: AbortSignal): Promise<DeviceReport | null>;
  /** Keeps a report that was asked for while the models were as `occupancy` says. */
  keep(report: DeviceReport, occupancy: string): void;
  /** The latest report, however old; null without one. */
  latest(): DeviceReport | null;
  /** Drops the report. A question under way still answers its askers, but is not kept. */
  forget(): void;
}

/** Without any report. */
export function createKeptReport({ ask, occupancy, elapsedMs }: KeptReportOptions): KeptReport {
  const share = createSharedWork<DeviceReport | null>();
  let latest: DeviceReport | null = null;
  /** Until when and for which models `latest` holds. */
  let holds: { readonly untilMs: number; readonly occupancy: string } | undefined;
  let generation = 0;

  function hold(occupied: string): void {
    holds = { untilMs: elapsedMs() + KEPT_MS, occupancy: occupied };
  }

  async function question(
    backend: ChildBackend,
    occupied: string,
    of: number,
    signal: AbortSignal,
  ): Promise<DeviceReport | null> {
    const report = await ask(backend, signal).catch(() => null);
    // The answer to a later question may have come first.
    if (of !== generation || signal.aborted || occupancy() !== occupied) return report ?? latest;
    latest = report ?? latest;
    hold(occupied);
    return latest;
  }

  return {
    async get(backend, signal) {
      for (let questions = 1; ; questions++) {
        signal.throwIfAborted();
        const occupied = occupancy();
        if (holds?.occupancy === occupied && elapsedMs() < holds.untilMs) return latest;
        const of = generation;
        const report = await share(`${backend} ${of} ${occupied}`, signal, (all) =>
          question(backend, occupied, of, all),
        );
        if (occupancy() === occupied || questions === MAX_QUESTIONS) return report;
      }
    },
    keep(report, occupied) {
      latest = report;
      hold(occupied);
    },
    latest: () => latest,
    forget() {
      generation++;
      latest = null;
      holds = undefined;
    },
  };
}
