/**
 * Repeats requests for metadata (search, model, file list, paths, HEAD, headers of files), so that one bad moment does not end a download
 * before it began. A person may wait for the answer: the end comes sooner than for the bytes of a file.
 */
import { isAppError } from '../../../preload/wire/errors.ts';

const MAX_ATTEMPTS = 4;
/** A server that did not answer in time seldom does so the next time. */
const MAX_TIMEOUTS = 3;
const FIRST_PAUSE_MS = 500;
/** The Hub's limits last up to five minutes. Who waits for a search wants to be told. */
const LONGEST_METADATA_PAUSE_MS = 20_000;

/** Broken connections, and lookups that the resolver itself calls temporary. */
const passing = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);
const passingStatus = new Set([408, 425, 500, 502, 503, 504]);

/** The pause in milliseconds before the next attempt; null to give up. `jitter` is a random number in [0, 1). */
function pauseBeforeRetry(error: unknown, failures: number, jitter: number): number | null {
  if (!isAppError(error) || failures >= MAX_ATTEMPTS) return null;
  const { data } = error;
  const askedMs = typeof data['retryAfterMs'] === 'number' ? data['retryAfterMs'] : 0;
  if (askedMs > LONGEST_METADATA_PAUSE_MS) return null;
  const isPassing =
    error.code === 'hub.rate_limited' ||
    (error.code === 'hub.bad_response' && passingStatus.has(Number(data['status']))) ||
    (error.code === 'hub.offline' && passing.has(String(data['cause']))) ||
    (error.code === 'network.proxy' && data['reason'] === 'no_answer');
  if (!isPassing || (data['cause'] === 'ETIMEDOUT' && failures >= MAX_TIMEOUTS)) return null;
  return Math.round(Math.max(askedMs, FIRST_PAUSE_MS * 2 ** (failures - 1) * (0.75 + jitter / 2)));
}

export interface RetryTools {
  /** Throws the signal's reason when it fires. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The result of `attempt`, which is called again after errors that pass. Throws its last error, and the signal's reason. */
export async function withRetries<T>(tools: RetryTools, signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const pauseMs = pauseBeforeRetry(error, failures, Math.random());
      if (pauseMs === null) throw error;
      await tools.sleep(pauseMs, signal);
      signal.throwIfAborted();
    }
  }
}

export interface Deadline {
  readonly signal: AbortSignal;
  /** The response has begun: its body has `bodyMs` from now on. */
  begun(bodyMs: number): void;
  end(): void;
}

/** A signal that fires when no response came within `responseMs`. */
export function createDeadline(responseMs: number): Deadline {
  const late = new AbortController();
  let timer = setTimeout(() => late.abort(), responseMs);
  return {
    signal: late.signal,
    begun(bodyMs) {
      clearTimeout(timer);
      timer = setTimeout(() => late.abort(), bodyMs);
    },
    end: () => clearTimeout(timer),
  };
}
