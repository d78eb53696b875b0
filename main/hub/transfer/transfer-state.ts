/**
 * What the answers of a server mean for a download in parts, without I/O: `parallel-parts.ts` asks for a part, shows the answer
 * to `judgeAnswer`, and after a failure asks `afterFailure` what to do.
 */
import type { ByteRange } from './byte-ranges.ts';

/** Why an attempt did not bring its part. */
export type TransferProblem =
  /** The connection could not be made, or broke. `cause` is a system or TLS code such as ECONNRESET. */
  | { readonly kind: 'network'; readonly cause: string; readonly host: string }
  | { readonly kind: 'stalled'; readonly stallMs: number }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly fromHub: boolean;
      readonly retryAfterMs: number | null;
    }
  /** The body ended before its end, cleanly. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'wrong_length'; readonly lengthBytes: number }
  | { readonly kind: 'wrong_range' }
  /** The Hub offers other content under the name than it listed. */
  | { readonly kind: 'changed' };

/** An answer to a request for a part. */
export interface TransferAnswer {
  readonly status: number;
  /** False for a host that the Hub sent us to. */
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

/** What is known of the file at the server. */
export interface KnownFile {
  /** The entity tag of the first answer that brought bytes, to notice that the server holds another file now. */
  readonly entityTag: string | null;
  /** Whether the file was begun again from nothing already: that is done once. */
  readonly restarted: boolean;
}

export type Judgement =
  /** The body begins at this byte of the file: the one asked for, or 0 where the server knows no ranges. */
  | { readonly act: 'receive'; readonly fromByte: number }
  /** The server holds another file than before: what is here may be of the old one. */
  | { readonly act: 'restart' }
  | { readonly act: 'fail'; readonly problem: TransferProblem };

/** What to do with an answer to the request for the bytes `asked`. */
export function judgeAnswer(plan: TransferPlan, asked: ByteRange, known: KnownFile, answer: TransferAnswer): Judgement {
  const fail = (problem: TransferProblem): Judgement => ({ act: 'fail', problem });
  if (answer.hubHash !== null && answer.hubHash !== plan.hash) return fail({ kind: 'changed' });
  // The server's file ends before what was asked for.
  if (answer.status === 416 && !known.restarted && asked.start > 0) return { act: 'restart' };
  if (answer.status !== 200 && answer.status !== 206) {
    const { status, fromHub, retryAfterMs } = answer;
    return fail({ kind: 'status', status, fromHub, retryAfterMs });
  }
  const isOther = known.entityTag !== null && answer.entityTag !== null && known.entityTag !== answer.entityTag;
  // Once only: hosts behind one name may tag the same file differently, and the hash decides in the end.
  if (isOther && !known.restarted) return { act: 'restart' };
  if (answer.status === 200) {
    if (answer.contentLength !== null && answer.contentLength !== plan.sizeBytes)
      return fail({ kind: 'wrong_length', lengthBytes: answer.contentLength });
    return { act: 'receive', fromByte: 0 };
  }
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.contentRange ?? '');
  if (range === null || Number(range[1]) !== asked.start) return fail({ kind: 'wrong_range' });
  if (range[3] !== '*' && Number(range[3]) !== plan.sizeBytes)
    return fail({ kind: 'wrong_length', lengthBytes: Number(range[3]) });
  return { act: 'receive', fromByte: asked.start };
}

/** Attempts in a row at one part, without progress, before the download is given up: about a minute. */
export const MAX_ATTEMPTS = 8;
/** A server that asks for a longer pause than this is not waited for: the user is told. */
export const LONGEST_WAIT_MS = 120_000;
/** So much must arrive for an attempt to count as progress. */
export const PROGRESS_BYTES = 64 * 1024;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/**
 * The pause before the next attempt at a part that failed `failures` times in a row, or null when it is given up. `jitter` is
 * a number of chance in [0, 1): many clients that were thrown out together shall not come back together.
 */
export function afterFailure(problem: TransferProblem, failures: number, jitter: number): number | null {
  const retryAfterMs = problem.kind === 'status' ? problem.retryAfterMs : null;
  if (failures >= MAX_ATTEMPTS || (retryAfterMs ?? 0) > LONGEST_WAIT_MS || !isTransient(problem)) return null;
  const backoffMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1)) * (0.75 + jitter / 2);
  return Math.round(Math.max(backoffMs, retryAfterMs ?? 0));
}

/** True when the server wants less of everybody, not only of this connection. */
export function isRefusal(problem: TransferProblem): boolean {
  return problem.kind === 'status' && (problem.status === 429 || problem.status === 503);
}

function isTransient(problem: TransferProblem): boolean {
  if (problem.kind !== 'status') return true;
  // Another host refuses when the address it was given by the Hub has expired; the next attempt asks the Hub for a new one.
  if (!problem.fromHub && problem.status >= 400) return true;
  return problem.status >= 500 || [408, 416, 425, 429].includes(problem.status);
}

/** `Retry-After` in milliseconds: seconds or an HTTP date. Null when it is absent or not readable. */
export function parseRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
