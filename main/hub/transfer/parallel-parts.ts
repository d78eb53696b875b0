/**
 * One pass over a file in parts: one to eight connections, each with the first part that nobody has. Parts are taken in order,
 * so that the hash, which needs the file from its beginning, is never far behind. A part that fails goes to whichever
 * connection is free next.
 */
import { addRange, coveredBytes, missingRanges } from './byte-ranges.ts';
import { createConnectionCount } from './connection-count.ts';
import { afterFailure, isRefusal, PROGRESS_BYTES } from './transfer-state.ts';
import { attempt, type Lane, type Part, type PartSink, type Pass } from './part-attempt.ts';
import { createPartWriter } from './part-writer.ts';
import { errorOf, sentenceOf } from './transfer-problem.ts';
import type { TransferContext, TransferOrder } from './order.ts';

const LEAST_PART_BYTES = 1024 * 1024;
const TELL_EVERY_MS = 100;
const SAMPLE_EVERY_MS = 300;

/** Parts of a file of that size: large enough that asking does not count, small enough that little is lost and the hash keeps up. */
function partBytesOf(sizeBytes: number): number {
  const wanted = Math.ceil(sizeBytes / 64 / LEAST_PART_BYTES) * LEAST_PART_BYTES;
  return Math.min(64, Math.max(8, wanted / LEAST_PART_BYTES)) * LEAST_PART_BYTES;
}

/** Brings everything that `sink` does not have. Throws hub.*, the order's signal's reason and what the sink throws. */
export async function fetchParts(context: TransferContext, order: TransferOrder, sink: PartSink): Promise<void> {
  const pass: Pass = {
    count: createConnectionCount(context.maxConnections),
    lanes: new Set(),
    returned: [],
    direct: null,
    isRangeless: false,
    wholeLane: null,
    restarted: false,
    receivedBytes: 0,
    pause: null,
  };
  while (coveredBytes(sink.done) < order.sizeBytes) {
    order.signal.throwIfAborted();
    if ((await runLanes(context, order, sink, pass)) === 'done') return;
    order.log('The server holds another file than before. This one is begun again.');
    pass.restarted = true;
    pass.returned = [];
    await sink.reset();
  }
}

async function runLanes(
  context: TransferContext,
  order: TransferOrder,
  sink: PartSink,
  pass: Pass,
): Promise<'done' | 'restart'> {
  const { sizeBytes, signal, log } = order;
  const partBytes = context.partBytes ?? partBytesOf(sizeBytes);
  const stop = new AbortController();
  const anyStop = AbortSignal.any([signal, stop.signal]);
  const ended = Promise.withResolvers<void>();
  const end: { failure: { error: unknown } | null; isRestart: boolean } = { failure: null, isRestart: false };
  const limit = (): number => (pass.isRangeless ? 1 : pass.count.limit);

  /** The first part that is missing and nobody's. */
  const claim = (): Part | null => {
    // What a connection that gives the whole file brought meanwhile is no longer to be fetched.
    pass.returned = pass.returned
      .flatMap((part) => missingRanges(sink.done, part).map((gap) => ({ ...gap, failures: part.failures })))
      .sort((a, b) => a.start - b.start);
    let taken = sink.done;
    for (const lane of pass.lanes) taken = addRange(taken, lane.part);
    for (const part of pass.returned) taken = addRange(taken, part);
    const missing = missingRanges(taken, { start: 0, end: sizeBytes });
    const [fresh] = missing;
    const [back] = pass.returned;
    if (back !== undefined && (fresh === undefined || back.start < fresh.start)) {
      pass.returned.shift();
      return back;
    }
    if (fresh === undefined) return null;
    // The last parts are smaller, so that all connections end together.
    const share = Math.max(LEAST_PART_BYTES, Math.ceil(coveredBytes(missing) / limit()));
    const length = pass.isRangeless ? sizeBytes : Math.min(partBytes, share);
    return { start: fresh.start, end: Math.min(fresh.end, fresh.start + length), failures: 0 };
  };

  const tell = (isFinal = false): void => {
    const pending = [...pass.lanes].reduce((sum, lane) => sum + lane.writer.pendingBytes, 0);
    const here = sink.phase === 'receiving' ? coveredBytes(sink.done) + pending : sizeBytes;
    const isWaiting = !isFinal && pass.lanes.size > 0 && [...pass.lanes].every((lane) => !lane.isReceiving);
    const percent = Math.floor((coveredBytes(sink.done) / sizeBytes) * 100);
    order.onProgress({
      phase: sink.phase === 'receiving' && isWaiting ? 'waiting' : sink.phase,
      doneBytes: here,
      parts: [...pass.lanes]
        .filter(({ part }) => part.start < part.end)
        .map(({ part, atBytes }) => ({
          startBytes: part.start,
          endBytes: part.end,
          doneBytes: Math.max(0, atBytes - part.start),
        })),
      detail: isWaiting ? { code: 'retrying' } : sink.phase === 'verifying' ? { code: 'comparing', percent } : null,
    });
  };

  const runLane = async (lane: Lane): Promise<void> => {
    for (;;) {
      while (pass.pause !== null) await pass.pause;
      anyStop.throwIfAborted();
      const own = { receivedBytes: 0 };
      lane.isReceiving = true;
      const outcome = await attempt(context, order, sink, pass, lane, anyStop, own).finally(
        () => void (lane.isReceiving = false),
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
          const failures = own.receivedBytes >= PROGRESS_BYTES ? 1 : lane.part.failures + 1;
          const delayMs = afterFailure(problem, failures, Math.random());
          log(`${sentenceOf(problem)}${delayMs === null ? '' : ` Next attempt in ${(delayMs / 1000).toFixed(1)} s.`}`);
          if (delayMs === null) throw errorOf(context, order, problem, answer);
          pass.count.failed(performance.now(), isRefusal(problem));
          pass.direct = null;
          const rest: Part = { start: Math.max(lane.part.start, lane.atBytes), end: lane.part.end, failures };
          lane.part = rest;
          lane.atBytes = rest.start;
          const isForAll = problem.kind === 'status' && problem.retryAfterMs !== null;
          // Another connection may have better luck, at once; a part that failed there too waits with its connection.
          const isMoved = !isForAll && failures === 1 && pass.lanes.size > 1 && rest.start < rest.end;
          if (isMoved) {
            pass.returned.push(rest);
            lane.part = { start: 0, end: 0, failures: 0 };
            lane.atBytes = 0;
          }
          const pause = context.clock.sleep(delayMs, anyStop);
          if (isForAll && pass.pause === null) {
            pass.pause = pause.finally(() => void (pass.pause = null));
            pass.pause.catch(() => {});
          }
          tell();
          await pause;
          if (!isMoved && rest.start < rest.end) continue;
          break;
        }
        default:
          outcome satisfies never;
      }
      lane.part = { start: 0, end: 0, failures: 0 };
      lane.atBytes = 0;
      if (pass.lanes.size > limit()) return;
      const next = claim();
      if (next === null) return;
      lane.part = next;
      lane.atBytes = next.start;
    }
  };

  const spawn = (): void => {
    while (!anyStop.aborted && pass.lanes.size < limit()) {
      const part = claim();
      if (part === null) break;
      const lane: Lane = {
        part,
        atBytes: part.start,
        isReceiving: false,
        writer: createPartWriter((position, bytes) => sink.write(position, bytes)),
      };
      pass.lanes.add(lane);
      runLane(lane)
        .catch((error: unknown) => {
          if (!stop.signal.aborted && !signal.aborted) end.failure ??= { error };
          stop.abort();
        })
        .finally(() => {
          pass.lanes.delete(lane);
          if (anyStop.aborted) {
            if (pass.lanes.size === 0) ended.resolve();
            return;
          }
          spawn();
          if (pass.lanes.size === 0) ended.resolve();
        });
    }
  };

  let sampledAtMs = performance.now();
  let sampledBytes = pass.receivedBytes;
  let sampledLimit = limit();
  const timer = setInterval(() => {
    tell();
    const nowMs = performance.now();
    if (nowMs - sampledAtMs < SAMPLE_EVERY_MS) return;
    const bytesPerSecond = ((pass.receivedBytes - sampledBytes) * 1000) / (nowMs - sampledAtMs);
    const active = [...pass.lanes].filter((lane) => lane.isReceiving).length;
    // The first moments with another number of connections say nothing yet.
    const isSettled = sampledLimit === limit();
    sampledLimit = limit();
    [sampledAtMs, sampledBytes] = [nowMs, pass.receivedBytes];
    if (isSettled) pass.count.sample(nowMs, bytesPerSecond, active);
    spawn();
  }, TELL_EVERY_MS);
  try {
    tell();
    spawn();
    await ended.promise;
  } finally {
    clearInterval(timer);
  }
  signal.throwIfAborted();
  if (end.failure !== null) throw end.failure.error;
  if (end.isRestart) return 'restart';
  tell(true);
  return 'done';
}
