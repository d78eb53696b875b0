/**
 * One pass over a file in segments: one to eight connections, each with the first segment that no other has. Segments are taken in
 * file order, because the hash needs the file from its beginning and would fall behind otherwise. A failed segment goes to the next
 * free connection.
 */
import { coveredBytes } from '../byte-ranges.ts';
import type { TransferContext, TransferOrder } from '../order.ts';
import { runConnection, type PassWork } from './connection.ts';
import { connectionLimit, createPass, type Connection, type Pass, type SegmentSink } from './pass.ts';
import { progressOf } from './pass-progress.ts';
import { claimSegment, segmentBytesOf } from './segment-claim.ts';
import { createSegmentWriter } from './segment-writer.ts';
import { createSpeedSamples } from './speed-samples.ts';

const REPORT_EVERY_MS = 100;

/** Fetches every range that `sink` does not have. Throws hub.*, the reason of the order's signal, and what the sink and the order's `onProgress` throw. */
export async function fetchSegments(context: TransferContext, order: TransferOrder, sink: SegmentSink): Promise<void> {
  const pass = createPass(context.maxConnections);
  while (coveredBytes(sink.done) < order.sizeBytes) {
    order.signal.throwIfAborted();
    if ((await runConnections(context, order, sink, pass)) === 'done') return;
    order.log('The server has another version of the file than before. The download starts again.');
    pass.restarted = true;
    pass.returned = [];
    await sink.reset();
  }
}

/** Opens as many connections as the pass may have, until there is nothing left for them. */
async function runConnections(
  context: TransferContext,
  order: TransferOrder,
  sink: SegmentSink,
  pass: Pass,
): Promise<'done' | 'restart'> {
  const { sizeBytes, signal } = order;
  const { clock } = context;
  const segmentBytes = context.segmentBytes ?? segmentBytesOf(sizeBytes);
  const stop = new AbortController();
  const ended = Promise.withResolvers<void>();
  const end: { failure: { error: unknown } | null; isRestart: boolean } = { failure: null, isRestart: false };
  const report = (isLast = false): void => order.onProgress(progressOf(pass, sink, sizeBytes, isLast));
  const work: PassWork = {
    context,
    order,
    sink,
    pass,
    report,
    signal: AbortSignal.any([signal, stop.signal]),
    claim: () => claimSegment(pass, sink.done, sizeBytes, segmentBytes),
  };

  const fail = (error: unknown): void => {
    end.failure ??= { error };
    stop.abort();
  };

  const run = (connection: Connection): void => {
    pass.connections.add(connection);
    runConnection(work, connection)
      .then((outcome) => {
        if (outcome !== 'restart') return;
        end.isRestart = true;
        stop.abort();
      })
      .catch((error: unknown) => {
        if (!work.signal.aborted) fail(error);
      })
      .finally(() => {
        pass.connections.delete(connection);
        if (!work.signal.aborted) openConnections();
        if (pass.connections.size === 0) ended.resolve();
      });
  };
  const openConnections = (): void => {
    while (!work.signal.aborted && pass.connections.size < connectionLimit(pass)) {
      const segment = work.claim();
      if (segment === null) break;
      const writer = createSegmentWriter((position, bytes) => sink.write(position, bytes));
      run({ segment, atBytes: segment.start, isReceiving: false, writer });
    }
  };

  const samples = createSpeedSamples(pass, clock.elapsedMs());
  const timer = setInterval(() => {
    try {
      report();
      if (samples.take(clock.elapsedMs())) openConnections();
    } catch (error) {
      // An exception in a timer would end the process.
      fail(error);
    }
  }, REPORT_EVERY_MS);
  try {
    report();
    // The report may have ended the download, and without a connection nothing else would.
    signal.throwIfAborted();
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
