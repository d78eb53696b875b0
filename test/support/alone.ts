import type { TransferContext } from '../../main/base/work.ts';

/** For work without progress and cancellation. */
export const alone: TransferContext = {
  signal: new AbortController().signal,
  progress: () => {},
  received: () => {},
  phase: () => {},
  keep: () => {},
  detail: () => {},
  log: () => {},
};
