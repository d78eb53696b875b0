/**
 * How many connections one download uses: more while that makes it faster, fewer when they fail. A server that limits the speed of each
 * connection gets up to eight; where the line itself is the limit, it stays at one.
 */

export const MAX_CONNECTIONS = 8;
/** More connections are kept when they bring at least this share of a speed-up that is proportional to their number. */
const MIN_GAIN_SHARE = 0.25;
/** Pause before more connections are tried again after they brought nothing: the speed of a line changes. */
const RETRY_AFTER_MS = 20_000;

export interface ConnectionCount {
  /** How many connections may run now. */
  readonly limit: number;
  /** Reports the recent speed of all connections together, of which `active` were receiving all the time. */
  sample(nowMs: number, bytesPerSecond: number, active: number): void;
  /** Reports a failed connection. `refused`: the server asked for less (status 429 or 503). */
  failed(nowMs: number, refused: boolean): void;
}

/** `nowMs` of every call must come from one monotonic clock. */
export function createConnectionCount(max = MAX_CONNECTIONS): ConnectionCount {
  let limit = 1;
  /** The speed with fewer connections, while more are being tried; null while nothing is tried. */
  let before: { limit: number; bytesPerSecond: number } | null = { limit: 1, bytesPerSecond: 0 };
  let retryAtMs = 0;
  let step = 2;
  /** One sample showed too little gain. A second must confirm it: a machine that stalls for a moment looks the same. */
  let isDoubted = false;
  return {
    get limit() {
      return limit;
    },
    sample(nowMs, bytesPerSecond, active) {
      if (active < limit || bytesPerSecond <= 0) return;
      if (before === null) {
        if (nowMs < retryAtMs || limit >= max) return;
        // After a plateau only one connection more, to test whether the line has changed.
        before = { limit, bytesPerSecond };
        step = 1;
        limit += 1;
        return;
      }
      const ideal = limit / before.limit - 1;
      if (bytesPerSecond < before.bytesPerSecond * (1 + MIN_GAIN_SHARE * ideal)) {
        isDoubted = !isDoubted;
        if (isDoubted) return;
        limit = before.limit;
        before = null;
        retryAtMs = nowMs + RETRY_AFTER_MS;
        return;
      }
      isDoubted = false;
      if (limit >= max) {
        before = null;
        return;
      }
      before = { limit, bytesPerSecond };
      limit = Math.min(max, step === 1 ? limit + 1 : limit * step);
    },
    failed(nowMs, refused) {
      isDoubted = false;
      limit = Math.max(1, refused ? Math.floor(limit / 2) : limit - 1);
      before = null;
      retryAtMs = nowMs + RETRY_AFTER_MS;
    },
  };
}
