/**
 * One pass over a file in segments: one to eight connections, each with the first segment that no other has. Segments are taken in
 * file order, because the hash needs the file from its beginning and would fall behind otherwise. A failed segment goes to the next
 * free connection.
 */
import { addRange, coveredBytes, missingRanges } from './byte-ranges.ts';
import { createConnectionCount } from './connection-count.ts';
import { afterFailure, isRefusal, PROGRESS_BYTES } from './transfer-state.ts';
import { attempt, type Connection, type Segment, type SegmentSink, type Pass } from './segment-attempt.ts';
import { createSegmentWriter } from './segment-writer.ts';
import { errorOf, sentenceOf } from './transfer-problem.ts';
import type { TransferContext, TransferOrder } from './order.ts';

const MIN_SEGMENT_BYTES = 1024 * 1024;
const REPORT_EVERY_MS = 100;
const SAMPLE_EVERY_MS = 300;

/** Segment size in bytes, 8 to 64 MiB: large enough to make request overhead negligible, small enough to lose little and keep the hash near. */
function segmentBytesOf(sizeBytes: number): number {
  const wanted = Math.ceil(sizeBytes / 64 / MIN_SEGMENT_BYTES) * MIN_SEGMENT_BYTES;
  return Math.min(64, Math.max(8, wanted / MIN_SEGMENT_BYTES)) * MIN_SEGMENT_BYTES;
}

/** Fetches every range that `sink` does not have. Throws hub.*, the reason of the order's signal, and what the sink throws. */
export async function fetchSegments(context: TransferContext, order: TransferOrder, sink: SegmentSink): Promise<void> {
  const pass: Pass = {
    count: createConnectionCount(context.maxConnections),
    connections: new Set(),
    returned: [],
    direct: null,
    isRangeless: false,
    wholeFileConnection: null,
    restarted: false,
    receivedBytes: 0,
    pause: null,
  };
  while (coveredBytes(sink.done) < order.sizeBytes) {
    order.signal.throwIfAborted();
    if ((await runConnections(context, order, sink, pass)) === 'done') return;
    order.log('The server has another version of the file than before. The download starts again.');
    pass.restarted = true;
    pass.returned = [];
    await sink.reset();
  }
}

async function runConnections(
  context: TransferContext,
  order: TransferOrder,
  sink: SegmentSink,
  pass: Pass,
): Promise<'done' | 'restart'> {
  const { sizeBytes, signal, log } = order;
  const segmentBytes = context.segmentBytes ?? segmentBytesOf(sizeBytes);
  const stop = new AbortController();
  const anyStop = AbortSignal.any([signal, stop.signal]);
  const ended = Promise.withResolvers<void>();
  const end: { failure: { error: unknown } | null; isRestart: boolean } = { failure: null, isRestart: false };
  const limit = (): number => (pass.isRangeless ? 1 : pass.count.limit);

  /** Takes the first missing segment that no connection works on; null when there is none. */
  const claim = (): Segment | null => {
    // A connection that receives the whole file may have covered failed segments meanwhile.
    pass.returned = pass.returned
      .flatMap((segment) => missingRanges(sink.done, segment).map((gap) => ({ ...gap, failures: segment.failures })))
      .sort((a, b) => a.start - b.start);
    let taken = sink.done;
    for (const connection of pass.connections) taken = addRange(taken, connection.segment);
    for (const segment of pass.returned) taken = addRange(taken, segment);
    const missing = missingRanges(taken, { start: 0, end: sizeBytes });
    const [fresh] = missing;
    const [back] = pass.returned;
    if (back !== undefined && (fresh === undefined || back.start < fresh.start)) {
      pass.returned.shift();
      return back;
    }
    if (fresh === undefined) return null;
    // The last segments are smaller, so that all connections end at about the same time.
    const share = Math.max(MIN_SEGMENT_BYTES, Math.ceil(coveredBytes(missing) / limit()));
    const length = pass.isRangeless ? sizeBytes : Math.min(segmentBytes, share);
    return { start: fresh.start, end: Math.min(fresh.end, fresh.start + length), failures: 0 };
  };

  const report = (isFinal = false): void => {
    const pending = [...pass.connections].reduce((sum, connection) => sum + connection.writer.pendingBytes, 0);
    const here = sink.phase === 'receiving' ? coveredBytes(sink.done) + pending : sizeBytes;
    const isWaiting =
      !isFinal && pass.connections.size > 0 && [...pass.connections].every((connection) => !connection.isReceiving);
    const percent = Math.floor((coveredBytes(sink.done) / sizeBytes) * 100);
    order.onProgress({
      phase: sink.phase === 'receiving' && isWaiting ? 'waiting' : sink.phase,
      doneBytes: here,
      segments: [...pass.connections]
        .filter(({ segment }) => segment.start < segment.end)
        .map(({ segment, atBytes }) => ({
          startBytes: segment.start,
          endBytes: segment.end,
          doneBytes: Math.max(0, atBytes - segment.start),
        })),
      detail: isWaiting ? { code: 'retrying' } : sink.phase === 'verifying' ? { code: 'comparing', percent } : null,
    });
  };

  const runConnection = async (connection: Connection): Promise<void> => {
    for (;;) {
      while (pass.pause !== null) await pass.pause;
      anyStop.throwIfAborted();
      const own = { receivedBytes: 0 };
      connection.isReceiving = true;
      const outcome = await attempt(context, order, sink, pass, connection, anyStop, own).finally(
        () => void (connection.isReceiving = false),
      );
      switch (outcome.kind) {
        case 'again':
          continue;
        case 'restart':
          end.isRestart = true;
          return stop.abort();
        case 'done':
          break;
        case 'problem': {
          anyStop.throwIfAborted();
          const { problem, answer } = outcome;
          const failures = own.receivedBytes >= PROGRESS_BYTES ? 1 : connection.segment.failures + 1;
          const delayMs = afterFailure(problem, failures, Math.random());
          log(`${sentenceOf(problem)}${delayMs === null ? '' : ` Next attempt in ${(delayMs / 1000).toFixed(1)} s.`}`);
          if (delayMs === null) throw errorOf(context, order, problem, answer);
          pass.count.failed(performance.now(), isRefusal(problem));
          pass.direct = null;
          const rest: Segment = {
            start: Math.max(connection.segment.start, connection.atBytes),
            end: connection.segment.end,
            failures,
          };
          connection.segment = rest;
          connection.atBytes = rest.start;
          const concernsAll = problem.kind === 'status' && problem.retryAfterMs !== null;
          // After its first failure a segment goes to another connection at once; after the second it waits with its own.
          const isHandedOver = !concernsAll && failures === 1 && pass.connections.size > 1 && rest.start < rest.end;
          if (isHandedOver) {
            pass.returned.push(rest);
            connection.segment = { start: 0, end: 0, failures: 0 };
            connection.atBytes = 0;
          }
          const pause = context.clock.sleep(delayMs, anyStop);
          if (concernsAll && pass.pause === null) {
            pass.pause = pause.finally(() => void (pass.pause = null));
            pass.pause.catch(() => {});
          }
          report();
          await pause;
          if (!isHandedOver && rest.start < rest.end) continue;
          break;
        }
        default:
          outcome satisfies never;
      }
      connection.segment = { start: 0, end: 0, failures: 0 };
      connection.atBytes = 0;
      if (pass.connections.size > limit()) return;
      const next = claim();
      if (next === null) return;
      connection.segment = next;
      connection.atBytes = next.start;
    }
  };

  const openConnections = (): void => {
    while (!anyStop.aborted && pass.connections.size < limit()) {
      const segment = claim();
      if (segment === null) break;
      const connection: Connection = {
        segment,
        atBytes: segment.start,
        isReceiving: false,
        writer: createSegmentWriter((position, bytes) => sink.write(position, bytes)),
      };
      pass.connections.add(connection);
      runConnection(connection)
        .catch((error: unknown) => {
          if (!stop.signal.aborted && !signal.aborted) end.failure ??= { error };
          stop.abort();
        })
        .finally(() => {
          pass.connections.delete(connection);
          if (anyStop.aborted) {
            if (pass.connections.size === 0) ended.resolve();
            return;
          }
          openConnections();
          if (pass.connections.size === 0) ended.resolve();
        });
    }
  };

  let sampledAtMs = performance.now();
  let sampledBytes = pass.receivedBytes;
  let sampledLimit = limit();
  const timer = setInterval(() => {
    report();
    const nowMs = performance.now();
    if (nowMs - sampledAtMs < SAMPLE_EVERY_MS) return;
    const bytesPerSecond = ((pass.receivedBytes - sampledBytes) * 1000) / (nowMs - sampledAtMs);
    const active = [...pass.connections].filter((connection) => connection.isReceiving).length;
    // The first sample after a change of the limit mixes two numbers of connections: it is not used.
    const isSettled = sampledLimit === limit();
    sampledLimit = limit();
    [sampledAtMs, sampledBytes] = [nowMs, pass.receivedBytes];
    if (isSettled) pass.count.sample(nowMs, bytesPerSecond, active);
    openConnections();
  }, REPORT_EVERY_MS);
  try {
    report();
    openConnections();
    await ended.promise;
  } finally {
    clearInterval(timer);
  }
  signal.throwIfAborted();
  if (end.failure !== null) throw end.failure.error;
  if (end.isRestart) return 'restart';
  report(true);
  return 'done';
}
