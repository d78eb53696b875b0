/** What a pass reports of itself. */
import { coveredBytes } from '../byte-ranges.ts';
import type { TransferProgress } from '../order.ts';
import type { Pass, SegmentSink } from './pass.ts';

/** The progress at this moment. The last report of a pass, with no connection left, is never `waiting`. */
export function progressOf(
  pass: Pick<Pass, 'connections'>,
  sink: Pick<SegmentSink, 'done' | 'phase'>,
  sizeBytes: number,
  isLast: boolean,
): TransferProgress {
  const connections = [...pass.connections];
  const pendingBytes = connections.reduce((sum, connection) => sum + connection.writer.pendingBytes, 0);
  const coveredByNow = coveredBytes(sink.done);
  const isWaiting = !isLast && connections.length > 0 && connections.every((connection) => !connection.isReceiving);
  const percent = Math.floor((coveredByNow / sizeBytes) * 100);
  return {
    phase: sink.phase === 'receiving' && isWaiting ? 'waiting' : sink.phase,
    doneBytes: sink.phase === 'receiving' ? coveredByNow + pendingBytes : sizeBytes,
    segments: connections
      .filter(({ segment }) => segment.start < segment.end)
      .map(({ segment, atBytes }) => ({
        startBytes: segment.start,
        endBytes: segment.end,
        doneBytes: Math.max(0, atBytes - segment.start),
      })),
    detail: isWaiting ? { code: 'retrying' } : sink.phase === 'verifying' ? { code: 'comparing', percent } : null,
  };
}
