/** A warm child that has its libraries open and no model yet, so that a load does not wait for a process to start. */
import { AppError } from '../../../../preload/wire/errors.ts';
import type { EngineProcess } from './engine-process.ts';
import type { ChildBackend } from '../../protocol.ts';

export interface Spares {
  /** The warm child of this kind when there is one, else one that is just starting. */
  take(backend: ChildBackend): EngineProcess;
  /** Starts a warm child of this kind unless one is there; another kind's goes. */
  prepare(backend: ChildBackend): void;
  close(): Promise<void>;
}

/** With `keep` false every child is started when it is needed. */
export function createSpares(start: (backend: ChildBackend) => EngineProcess, keep: boolean): Spares {
  let spare: { readonly backend: ChildBackend; readonly process: EngineProcess } | undefined;
  let closed = false;
  const notNeeded = (): AppError => new AppError('cancelled', 'The spare engine is not needed.');

  return {
    take(backend) {
      const warm = spare;
      if (warm?.backend === backend && !warm.process.death) {
        spare = undefined;
        return warm.process;
      }
      return start(backend);
    },
    prepare(backend) {
      if (!keep || closed || (spare?.backend === backend && !spare.process.death)) return;
      void spare?.process.kill(notNeeded());
      // One that dies stays dead until the next load: a child that cannot start must not be started for ever.
      spare = { backend, process: start(backend) };
    },
    async close() {
      closed = true;
      await spare?.process.kill(notNeeded());
      spare = undefined;
    },
  };
}
