/** Looks for room on the disk on behalf of the jobs that wait for it. */
import { encodeError } from '../../preload/wire/errors.ts';
import type { JobList } from './job-list.ts';

export interface RoomWatch {
  /** Looks again and again, or not any more. */
  run(isOn: boolean): void;
}

export interface RoomWatchOptions {
  readonly everyMs: number;
  /** A job that waited is in the queue again. */
  readonly onRoom: () => void;
}

export function createRoomWatch(list: JobList, { everyMs, onRoom }: RoomWatchOptions): RoomWatch {
  let timer: NodeJS.Timeout | undefined;

  /** Lets the first job that has room go on. The next one is looked at when that one has its claim. */
  async function look(): Promise<void> {
    for (const record of list.inOrder()) {
      const isWaiting = (): boolean => record.state === 'waiting' && record.removal === null;
      if (!isWaiting() || performance.now() < record.lookAgainAtMs) continue;
      try {
        await record.order?.findRoom?.();
      } catch (thrown) {
        const error = encodeError(thrown);
        if (isWaiting() && error.code === 'disk.full') {
          const isNews = record.error?.data?.['freeBytes'] !== error.data?.['freeBytes'];
          record.error = error;
          if (isNews) list.changed(record);
        }
        continue;
      }
      // Somebody may have paused or cancelled it meanwhile.
      if (timer === undefined || !isWaiting()) continue;
      list.log(record, 'There is room again.');
      list.enter(record, 'queued');
      return onRoom();
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
