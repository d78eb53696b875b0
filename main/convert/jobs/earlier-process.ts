/** Waits for the end of a process that an earlier app left: the child of an app that was killed lives on for a moment. */
import { setTimeout as delay } from 'node:timers/promises';
import { isAppError } from '../../../preload/wire/errors.ts';

const PAUSE_MS = 250;
/** A lock whose process cannot be seen to be gone is dead after 30 seconds, and looked at for three more. */
const PATIENCE_MS = 40_000;

/** Does work on a job's own file; again while an earlier process still holds it. Throws what `work` throws, and the signal's reason. */
export async function afterEarlierProcess(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const begunMs = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isHeld = isAppError(error, 'busy') && error.data['reason'] === 'output_in_use';
      if (!isHeld || performance.now() - begunMs > PATIENCE_MS) throw error;
    }
    await delay(PAUSE_MS, undefined, { signal });
  }
}
