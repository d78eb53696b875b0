/** One connection: the segments that it fetches one after the other, and what follows when a request fails. */
import { afterFailure, isRefusal, PROGRESS_BYTES, type TransferProblem } from '../transfer-state.ts';
import { errorOf, sentenceOf } from '../transfer-problem.ts';
import type { TransferContext, TransferOrder } from '../order.ts';
import {
  assignSegment,
  connectionLimit,
  emptySegment,
  type Connection,
  type Pass,
  type Segment,
  type SegmentSink,
} from './pass.ts';
import { attempt, type Outcome } from './segment-attempt.ts';

/** What the connections of a pass work with. */
export interface PassWork {
  readonly context: TransferContext;
  readonly order: TransferOrder;
  readonly sink: SegmentSink;
  readonly pass: Pass;
  /** Fires when the order is aborted, or when the pass ends early. */
  readonly signal: AbortSignal;
  /** The next segment for a free connection; null when there is none. */
  readonly claim: () => Segment | null;
  readonly report: () => void;
}

/** What follows a failed request for a segment. */
export interface Retry {
  /** Failed attempts in a row, this one included. */
  readonly failures: number;
  /** The pause before the next attempt; null to give up. */
  readonly delayMs: number | null;
  /** The server asks every connection to wait, and not this one alone. */
  readonly concernsAll: boolean;
  /** The rest of the segment goes to another connection at once, and does not wait with its own. */
  readonly isHandedOver: boolean;
}

/** The facts of a failed request. */
export interface FailedAttempt {
  readonly problem: TransferProblem;
  /** What the attempt received before it failed. */
  readonly receivedBytes: number;
  readonly segment: Segment;
  /** The segment's bytes from here on are missing. */
  readonly atBytes: number;
  /** How many connections the pass has. */
  readonly connections: number;
}

/** `jitter` is a random number in [0, 1); see `afterFailure`. */
export function planRetry(failed: FailedAttempt, jitter: number): Retry {
  const { problem, segment } = failed;
  const failures = failed.receivedBytes >= PROGRESS_BYTES ? 1 : segment.failures + 1;
  const concernsAll = problem.kind === 'status' && problem.retryAfterMs !== null;
  const hasRest = Math.max(segment.start, failed.atBytes) < segment.end;
  return {
    failures,
    delayMs: afterFailure(problem, failures, jitter),
    concernsAll,
    // After its first failure a segment goes to another connection; after the second it waits with its own.
    isHandedOver: !concernsAll && failures === 1 && failed.connections > 1 && hasRest,
  };
}

/**
 * Fetches the connection's segment, and then others until there is none for it. 'restart': the server has another version of the file.
 * Throws hub.*, the signal's reason, and what the sink throws.
 */
export async function runConnection(work: PassWork, connection: Connection): Promise<'done' | 'restart'> {
  const { context, order, sink, pass, signal } = work;
  for (;;) {
    while (pass.pause !== null) await pass.pause;
    signal.throwIfAborted();
    const own = { receivedBytes: 0 };
    connection.isReceiving = true;
    const outcome = await attempt(context, order, sink, pass, connection, signal, own).finally(
      () => void (connection.isReceiving = false),
    );
    switch (outcome.kind) {
      case 'again':
        continue;
      case 'restart':
        return 'restart';
      case 'done':
        break;
      case 'problem':
        signal.throwIfAborted();
        if (await waitForRetry(work, connection, outcome, own.receivedBytes)) continue;
        break;
      default:
        outcome satisfies never;
    }
    assignSegment(connection, emptySegment);
    if (pass.connections.size > connectionLimit(pass)) return 'done';
    const next = work.claim();
    if (next === null) return 'done';
    assignSegment(connection, next);
  }
}

/** Waits as long as the problem asks for. True when the connection then goes on with its segment. Throws hub.* to give up. */
async function waitForRetry(
  { context, order, pass, signal, report }: PassWork,
  connection: Connection,
  { problem, answer }: Extract<Outcome, { kind: 'problem' }>,
  receivedBytes: number,
): Promise<boolean> {
  const { segment, atBytes } = connection;
  const failed = { problem, receivedBytes, segment, atBytes, connections: pass.connections.size };
  const { failures, delayMs, concernsAll, isHandedOver } = planRetry(failed, Math.random());
  order.log(`${sentenceOf(problem)}${delayMs === null ? '' : ` Next attempt in ${(delayMs / 1000).toFixed(1)} s.`}`);
  if (delayMs === null) throw errorOf(context, order, problem, answer);
  pass.count.failed(context.clock.elapsedMs(), isRefusal(problem));
  pass.direct = null;
  const rest: Segment = { start: Math.max(segment.start, atBytes), end: segment.end, failures };
  if (isHandedOver) pass.returned.push(rest);
  assignSegment(connection, isHandedOver ? emptySegment : rest);
  const pause = context.clock.sleep(delayMs, signal);
  if (concernsAll && pass.pause === null) {
    pass.pause = pause.finally(() => void (pass.pause = null));
    pass.pause.catch(() => {});
  }
  report();
  await pause;
  return !isHandedOver && rest.start < rest.end;
}
