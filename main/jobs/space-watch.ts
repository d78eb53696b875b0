/** Checks the disk for jobs that wait for space. */
import { encodeError } from '../../preload/wire/errors.ts';
import type { JobList } from './job-list.ts';

export interface SpaceWatch {
  /** Starts or stops the checks. */
  run(isOn: boolean): void;
}

export interface SpaceWatchOptions {
  readonly everyMs: number;
  /** Called when a waiting job was queued again. */
  readonly onSpace: () => void;
}

export function createSpaceWatch(list: JobList, { everyMs, onSpace }: SpaceWatchOptions): SpaceWatch {
  let timer: NodeJS.Timeout | undefined;

  /** Queues the first job that has enough space. The next one is checked later, when the first has reserved its bytes. */
  async function look(): Promise<void> {
    for (const record of list.inOrder()) {
      const isWaiting = (): boolean => record.state === 'waiting' && record.removal === null;
      if (!isWaiting() || performance.now() < record.checkAgainAtMs) continue;
      try {
        await record.order?.checkSpace?.();
      } catch (thrown) {
        const error = encodeError(thrown);
        if (isWaiting() && error.code === 'disk.full') {
          const isNews = record.error?.data?.['freeBytes'] !== error.data?.['freeBytes'];
          record.error = error;
          if (isNews) list.changed(record);
        }
        continue;
      }
      // The job may have been paused or cancelled meanwhile.
      if (timer === undefined || !isWaiting()) continue;
      list.log(record, 'There is enough space again.');
      list.enter(record, 'queued');
      return onSpace();
    }
  }

  return {
    run(isOn) {
      if (isOn) timer ??= setInterval(() => void look(), everyMs).unref();
      else {
        clearInterval(timer);
        timer = undefined;
      }
    },
  };
}
