/**
 * What the responses of a server mean for a segmented download, without I/O: `judgeAnswer` decides about a response, `afterFailure`
 * about the pause before the next attempt.
 */
import type { AppError } from '../../../preload/wire/errors.ts';
import type { ByteRange } from './byte-ranges.ts';

/** Why an attempt did not bring its segment. */
export type TransferProblem =
  /** The connection could not be opened, or broke. `cause` is a system or TLS code such as ECONNRESET. */
  | { readonly kind: 'network'; readonly cause: string; readonly host: string }
  | { readonly kind: 'stalled'; readonly stallMs: number }
  /** The proxy could not be reached, or reached nobody. */
  | { readonly kind: 'proxy'; readonly error: AppError }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly fromHub: boolean;
      readonly retryAfterMs: number | null;
    }
  /** The body ended too early, without an error. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'wrong_length'; readonly lengthBytes: number }
  | { readonly kind: 'wrong_range' }
  /** The Hub now names another hash for the file than it listed. */
  | { readonly kind: 'changed' };

/** The facts of a response to a request for a segment. */
export interface TransferAnswer {
  readonly status: number;
  /** False for a host that the Hub redirected to. */
  readonly fromHub: boolean;
  /** The hash that the Hub names for the file (X-Linked-Etag, or its own ETag), or null. */
  readonly hubHash: string | null;
  /** ETag of the host that sends the bytes. */
  readonly entityTag: string | null;
  /** Null when chunked or compressed. */
  readonly contentLength: number | null;
  readonly contentRange: string | null;
  readonly retryAfterMs: number | null;
}

export interface TransferPlan {
  readonly sizeBytes: number;
  /** The sha256 or git blob id that the content must have. */
  readonly hash: string;
}

/** What earlier responses said of the server's file. */
export interface KnownFile {
  /** The ETag of the first response with bytes, to notice that the server has another version now. */
  readonly entityTag: string | null;
  /** Whether the download was restarted already: that is done once. */
  readonly restarted: boolean;
  /** Whether the whole file was requested, without a Range header. */
  readonly isPlain: boolean;
}

export type Judgement =
  /** The body is the requested range, which begins at this byte of the file. */
  | { readonly act: 'receive'; readonly fromByte: number }
  /** The body is the whole file. */
  | { readonly act: 'receive_whole' }
  /** The answer to a range cannot be used: request the whole file, without a range. */
  | { readonly act: 'ask_plainly' }
  /** The server has another version of the file: the received bytes may be of the old one. */
  | { readonly act: 'restart' }
  | { readonly act: 'fail'; readonly problem: TransferProblem };

/** What to do with the response to a request for the bytes `asked`. */
export function judgeAnswer(plan: TransferPlan, asked: ByteRange, known: KnownFile, answer: TransferAnswer): Judgement {
  const fail = (problem: TransferProblem): Judgement => ({ act: 'fail', problem });
  if (answer.hubHash !== null && answer.hubHash !== plan.hash) return fail({ kind: 'changed' });
  // The server's file ends before the requested range.
  if (answer.status === 416 && !known.restarted && asked.start > 0) return { act: 'restart' };
  if (answer.status !== 200 && answer.status !== 206) {
    const { status, fromHub, retryAfterMs } = answer;
    return fail({ kind: 'status', status, fromHub, retryAfterMs });
  }
  const isOther = known.entityTag !== null && answer.entityTag !== null && known.entityTag !== answer.entityTag;
  // Once only: servers behind one name may give the same file different ETags, and the hash decides in the end.
  if (isOther && !known.restarted) return { act: 'restart' };
  // Some mirrors send the requested range with status 200: then only Content-Range tells it from the whole file.
  if (answer.status === 200 && (known.isPlain || answer.contentRange === null)) {
    if (answer.contentLength === null || answer.contentLength === plan.sizeBytes) return { act: 'receive_whole' };
    return known.isPlain ? fail({ kind: 'wrong_length', lengthBytes: answer.contentLength }) : { act: 'ask_plainly' };
  }
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.contentRange ?? '');
  if (range === null || Number(range[1]) !== asked.start)
    return answer.status === 200 ? { act: 'ask_plainly' } : fail({ kind: 'wrong_range' });
  if (range[3] !== '*' && Number(range[3]) !== plan.sizeBytes)
    return fail({ kind: 'wrong_length', lengthBytes: Number(range[3]) });
  return { act: 'receive', fromByte: asked.start };
}

/** Attempts at one segment in a row, without progress, before the download fails: about a minute. */
export const MAX_ATTEMPTS = 8;
/** The same for a server that answers with other bytes than requested, which seldom passes: a few seconds. */
const MAX_WRONG_ANSWERS = 4;
/** Longer pauses that a server asks for are not waited for: the download fails and says so. */
export const LONGEST_WAIT_MS = 120_000;
/** Bytes that an attempt must receive to count as progress. */
export const PROGRESS_BYTES = 64 * 1024;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/**
 * Milliseconds before the next attempt at a segment that failed `failures` times in a row; null to give up. `jitter` is a random number
 * in [0, 1), so that clients that were refused together do not return together.
 */
export function afterFailure(problem: TransferProblem, failures: number, jitter: number): number | null {
  const retryAfterMs = problem.kind === 'status' ? problem.retryAfterMs : null;
  const isWrong = problem.kind === 'wrong_length' || problem.kind === 'wrong_range';
  if (failures >= (isWrong ? MAX_WRONG_ANSWERS : MAX_ATTEMPTS)) return null;
  if ((retryAfterMs ?? 0) > LONGEST_WAIT_MS || !isTransient(problem)) return null;
  const backoffMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1)) * (0.75 + jitter / 2);
  return Math.round(Math.max(backoffMs, retryAfterMs ?? 0));
}

/** True when the server asks for less load in general (429, 503), not only on this connection. */
export function isRefusal(problem: TransferProblem): boolean {
  return problem.kind === 'status' && (problem.status === 429 || problem.status === 503);
}

function isTransient(problem: TransferProblem): boolean {
  if (problem.kind !== 'status') return true;
  // A redirect target refuses when its signed address has expired; the next attempt asks the Hub for a new one.
  if (!problem.fromHub && problem.status >= 400) return true;
  return problem.status >= 500 || [408, 416, 425, 429].includes(problem.status);
}

/** The `Retry-After` header (seconds or an HTTP date) in milliseconds from `nowMs`; null when it is absent or unreadable. */
export function parseRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
