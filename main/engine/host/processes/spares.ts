/** The spare child: it has its libraries open and no model yet, so that a load need not wait for a process to start. */
import { AppError } from '../../../../preload/wire/errors.ts';
import type { EngineProcess } from './engine-process.ts';
import type { ChildBackend } from '../../protocol.ts';

export interface Spares {
  /** The spare child for this backend, else a child that is just starting. */
  take(backend: ChildBackend): EngineProcess;
  /** Starts a spare child for this backend unless there is one. Ends that of another backend. */
  prepare(backend: ChildBackend): void;
  /** Of the spare child, if there is one. */
  pids(): readonly number[];
  close(): Promise<void>;
}

/** With `keep` false there is never a spare child. */
export function createSpares(start: (backend: ChildBackend) => EngineProcess, keep: boolean): Spares {
  let spare: { readonly backend: ChildBackend; readonly process: EngineProcess } | undefined;
  let closed = false;
  let going: Promise<unknown> = Promise.resolve();
  const notNeeded = (): AppError => new AppError('cancelled', 'The spare engine is not needed.');

  return {
    take(backend) {
      const ready = spare;
      if (ready?.backend === backend && !ready.process.death) {
        spare = undefined;
        return ready.process;
      }
      return start(backend);
    },
    prepare(backend) {
      if (!keep || closed || (spare?.backend === backend && !spare.process.death)) return;
      going = Promise.all([going, spare?.process.kill(notNeeded())]);
      // A spare child that dies is replaced at the next load only, so that a child that cannot start is not started endlessly.
      spare = { backend, process: start(backend) };
    },
    pids: () => (spare?.process.pid === undefined ? [] : [spare.process.pid]),
    async close() {
      closed = true;
      await Promise.all([going, spare?.process.kill(notNeeded())]);
      spare = undefined;
    },
  };
}
