/** A job that met a full disk waits until there is the room that it asked for. */
import { diskErrorCode } from '../../../preload/wire/disk-error.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { assertFreeBytes, diskFullError } from '../../base/disk.ts';

/** Left free, because a full disk harms more than a file that waits. */
export const SPARE_BYTES = 64 * 1024 * 1024;

const NO_ROOM = 'There is not enough room on the disk.';

export interface FullDisk {
  /** Does the work. @throws what it throws; a full disk as AppError `disk.full` with `neededBytes` and `freeBytes`. */
  during(work: () => Promise<void>): Promise<void>;
  /** @throws AppError `disk.full` while there is less room than the last run asked for. */
  check(): Promise<void>;
}

/** `folder` answers where the work writes. */
export function createFullDisk(
  freeBytes: (folder: string) => Promise<number | null>,
  folder: () => string | Promise<string>,
): FullDisk {
  let neededBytes = 0;
  return {
    async during(work) {
      try {
        await work();
      } catch (error) {
        const known = isAppError(error, 'disk.full') ? error.data['neededBytes'] : null;
        if (typeof known === 'number') neededBytes = known;
        else if (isAppError(error, 'disk.full') || diskErrorCode(error) === 'disk.full') {
          // Only small files fail without a figure.
          neededBytes = SPARE_BYTES;
          throw diskFullError(NO_ROOM, neededBytes, await freeBytes(await folder()));
        }
        throw error;
      }
    },
    async check() {
      assertFreeBytes(NO_ROOM, neededBytes, await freeBytes(await folder()));
    },
  };
}
