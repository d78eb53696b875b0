/**
 * The course of one download, without I/O: what each answer of the server means and what to do next. The driver
 * (`hub/transfer.ts`) reads `phase`, does what it says, and reports what happened with `advance`.
 *
 *     requesting ──answer──> receiving ──all bytes──> complete ──verify──> (the driver checks the hash)
 *         ^                      |                        |
 *         └──── waiting <────────┴── problem ─────────────┴──> failed
 *
 * `offsetBytes` is always the number of bytes that are on disk and hashed. It goes back to 0 at most once, when what is
 * there turns out to belong to another file.
 */

/** Why an attempt did not bring the file. */
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
  | { readonly kind: 'changed' }
  | { readonly kind: 'hash_mismatch' };

interface Progress {
  readonly offsetBytes: number;
  /** Failed attempts in a row without progress. */
  readonly failures: number;
  /** Whether the file was begun again from nothing. */
  readonly restarted: boolean;
  /** Whether the bytes come from more than one answer, or lay there before. */
  readonly pieced: boolean;
  /** The entity tag of the first answer that brought bytes, to notice that the server holds another file now. */
  readonly entityTag: string | null;
}

export type TransferState = Progress &
  (
    | { readonly phase: 'requesting' }
    /** `skipBytes` of the body are to be thrown away first: the server sent the file from its beginning. */
    | { readonly phase: 'receiving'; readonly skipBytes: number; readonly receivedBytes: number }
    | { readonly phase: 'waiting'; readonly delayMs: number; readonly problem: TransferProblem }
    | { readonly phase: 'complete' }
    | { readonly phase: 'failed'; readonly problem: TransferProblem }
  );

/** An answer to a request for the bytes from `offsetBytes` on. */
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

export type TransferEvent =
  | { readonly type: 'answered'; readonly answer: TransferAnswer; readonly jitter: number }
  /** So many more bytes of the file are on disk. */
  | { readonly type: 'stored'; readonly bytes: number }
  | { readonly type: 'skipped'; readonly bytes: number }
  | { readonly type: 'ended'; readonly jitter: number }
  | { readonly type: 'broke'; readonly problem: TransferProblem; readonly jitter: number }
  | { readonly type: 'waited' }
  | { readonly type: 'mismatched' };

export interface TransferPlan {
  readonly sizeBytes: number;
  /** The sha256 or git blob id that the content must have. */
  readonly hash: string;
}

/** Attempts in a row without progress before it is given up. */
export const MAX_ATTEMPTS = 5;
/** A server that asks for a longer pause than this is not waited for: the user is told. */
export const LONGEST_WAIT_MS = 120_000;
const FIRST_DELAY_MS = 500;
/** So much must arrive for an attempt to count as progress. */
const PROGRESS_BYTES = 64 * 1024;

/** The state before the first request, with `presentBytes` of the file on disk and hashed. */
export function beginTransfer(plan: TransferPlan, presentBytes: number): TransferState {
  const progress = {
    offsetBytes: presentBytes,
    failures: 0,
    restarted: false,
    pieced: presentBytes > 0,
    entityTag: null,
  };
  return presentBytes === plan.sizeBytes ? { ...progress, phase: 'complete' } : { ...progress, phase: 'requesting' };
}

/** The state after `event`. Events that make no sense in the phase leave it as it is. */
export function advance(plan: TransferPlan, state: TransferState, event: TransferEvent): TransferState {
  switch (event.type) {
    case 'answered':
      return state.phase === 'requesting' ? onAnswer(plan, state, event.answer, event.jitter) : state;
    case 'skipped':
      return state.phase === 'receiving' ? { ...state, skipBytes: state.skipBytes - event.bytes } : state;
    case 'stored': {
      if (state.phase !== 'receiving') return state;
      const offsetBytes = state.offsetBytes + event.bytes;
      const receivedBytes = state.receivedBytes + event.bytes;
      if (offsetBytes >= plan.sizeBytes) return { ...progressOf(state), offsetBytes, failures: 0, phase: 'complete' };
      return { ...state, offsetBytes, receivedBytes, failures: receivedBytes >= PROGRESS_BYTES ? 0 : state.failures };
    }
    case 'ended':
      return state.phase === 'receiving' ? afterProblem(state, { kind: 'cut' }, event.jitter) : state;
    case 'broke':
      return state.phase === 'receiving' || state.phase === 'requesting'
        ? afterProblem(state, event.problem, event.jitter)
        : state;
    case 'waited':
      return state.phase === 'waiting' ? { ...progressOf(state), phase: 'requesting' } : state;
    case 'mismatched':
      if (state.phase !== 'complete') return state;
      // Bytes of one answer are what the server has: asking again brings the same. Pieces may be of different files.
      return state.pieced && !state.restarted
        ? { ...restart(state), phase: 'requesting' }
        : { ...progressOf(state), phase: 'failed', problem: { kind: 'hash_mismatch' } };
    default:
      return event satisfies never;
  }
}

function onAnswer(plan: TransferPlan, state: TransferState, answer: TransferAnswer, jitter: number): TransferState {
  if (answer.hubHash !== null && answer.hubHash !== plan.hash) return afterProblem(state, { kind: 'changed' }, jitter);

  if (answer.status === 416 && !state.restarted && state.offsetBytes > 0)
    return { ...restart(state), phase: 'requesting' };
  if (answer.status !== 200 && answer.status !== 206) {
    const { status, fromHub, retryAfterMs } = answer;
    return afterProblem(state, { kind: 'status', status, fromHub, retryAfterMs }, jitter);
  }

  const isOther = state.entityTag !== null && answer.entityTag !== null && state.entityTag !== answer.entityTag;
  if (isOther && !state.restarted && state.offsetBytes > 0) return { ...restart(state), phase: 'requesting' };

  const receiving = {
    ...progressOf(state),
    phase: 'receiving',
    pieced: state.offsetBytes > 0,
    entityTag: answer.entityTag ?? state.entityTag,
    skipBytes: 0,
    receivedBytes: 0,
  } as const;
  if (answer.status === 200) {
    if (answer.contentLength !== null && answer.contentLength !== plan.sizeBytes) {
      return afterProblem(state, { kind: 'wrong_length', lengthBytes: answer.contentLength }, jitter);
    }
    return { ...receiving, skipBytes: state.offsetBytes };
  }
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.contentRange ?? '');
  if (range === null || Number(range[1]) !== state.offsetBytes)
    return afterProblem(state, { kind: 'wrong_range' }, jitter);
  if (range[3] !== '*' && Number(range[3]) !== plan.sizeBytes) {
    return afterProblem(state, { kind: 'wrong_length', lengthBytes: Number(range[3]) }, jitter);
  }
  return receiving;
}

/** Waits and tries again, or gives up. */
function afterProblem(state: TransferState, problem: TransferProblem, jitter: number): TransferState {
  const failures = state.failures + 1;
  const progress = { ...progressOf(state), failures };
  const retryAfterMs = problem.kind === 'status' ? problem.retryAfterMs : null;
  const tooLong = retryAfterMs !== null && retryAfterMs > LONGEST_WAIT_MS;
  if (failures >= MAX_ATTEMPTS || tooLong || !isTransient(problem)) return { ...progress, phase: 'failed', problem };
  const backoffMs = FIRST_DELAY_MS * 2 ** (failures - 1) * (0.75 + jitter / 2);
  return { ...progress, phase: 'waiting', problem, delayMs: Math.round(Math.max(backoffMs, retryAfterMs ?? 0)) };
}

function isTransient(problem: TransferProblem): boolean {
  if (problem.kind !== 'status') return problem.kind !== 'hash_mismatch';
  // Another host refuses when the address it was given by the Hub has expired; the next attempt asks the Hub for a new one.
  if (!problem.fromHub && problem.status >= 400) return true;
  return problem.status >= 500 || [408, 416, 425, 429].includes(problem.status);
}

function restart(state: TransferState): Progress {
  return { ...progressOf(state), offsetBytes: 0, restarted: true, pieced: false, entityTag: null };
}

function progressOf({ offsetBytes, failures, restarted, pieced, entityTag }: TransferState): Progress {
  return { offsetBytes, failures, restarted, pieced, entityTag };
}

/** `Retry-After` in milliseconds: seconds or an HTTP date. Null when it is absent or not readable. */
export function parseRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
