/**
 * How many connections one download uses: more while that makes it faster, fewer when they fail. Servers that limit each
 * connection are answered with eight; one connection stays one where the line itself is the limit.
 */

export const MAX_CONNECTIONS = 8;
/** Of the growth that further connections would bring if each had its own speed, so much must come for them to be kept. */
const WORTH = 0.25;
/** After growing brought nothing it is tried again so much later: lines change. */
const LOOK_AGAIN_MS = 20_000;

export interface ConnectionCount {
  /** How many may run now. */
  readonly limit: number;
  /** The speed of the last moments, all connections together, `active` of them at work all the while. */
  sample(nowMs: number, bytesPerSecond: number, active: number): void;
  /** A connection failed. `refused`: the server said that it is too much. */
  failed(nowMs: number, refused: boolean): void;
}

/** `nowMs` of every call is of one clock that never jumps. */
export function createConnectionCount(max = MAX_CONNECTIONS): ConnectionCount {
  let limit = 1;
  /** What was reached with fewer connections, while it is found out whether more are worth it. */
  let before: { limit: number; bytesPerSecond: number } | null = { limit: 1, bytesPerSecond: 0 };
  let lookAgainAtMs = 0;
  let step = 2;
  /** One look said that more are not worth it: a machine that stood still for a moment looks the same. */
  let isDoubted = false;
  return {
    get limit() {
      return limit;
    },
    sample(nowMs, bytesPerSecond, active) {
      if (active < limit || bytesPerSecond <= 0) return;
      if (before === null) {
        if (nowMs < lookAgainAtMs || limit >= max) return;
        // From a plateau only one step up: it is a question, not a hope.
        before = { limit, bytesPerSecond };
        step = 1;
        limit += 1;
        return;
      }
      const ideal = limit / before.limit - 1;
      if (bytesPerSecond < before.bytesPerSecond * (1 + WORTH * ideal)) {
        isDoubted = !isDoubted;
        if (isDoubted) return;
        limit = before.limit;
        before = null;
        lookAgainAtMs = nowMs + LOOK_AGAIN_MS;
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
      lookAgainAtMs = nowMs + LOOK_AGAIN_MS;
    },
  };
}
