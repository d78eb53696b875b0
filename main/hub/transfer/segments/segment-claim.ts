/** Which segment a free connection fetches next. */
import { addRange, coveredBytes, missingRanges, type ByteRange } from '../byte-ranges.ts';
import { connectionLimit, type Pass, type Segment } from './pass.ts';

const MIN_SEGMENT_BYTES = 1024 * 1024;

/** Segment size in bytes, 8 to 64 MiB: large enough to make request overhead negligible, small enough to lose little and keep the hash near. */
export function segmentBytesOf(sizeBytes: number): number {
  const wanted = Math.ceil(sizeBytes / 64 / MIN_SEGMENT_BYTES) * MIN_SEGMENT_BYTES;
  return Math.min(64, Math.max(8, wanted / MIN_SEGMENT_BYTES)) * MIN_SEGMENT_BYTES;
}

/**
 * Takes the first segment that is not in `done` and that no connection of the pass works on; null when there is none. A segment that
 * another connection returned is given out before any that lies behind it.
 */
export function claimSegment(
  pass: Pass,
  done: readonly ByteRange[],
  sizeBytes: number,
  segmentBytes: number,
): Segment | null {
  // A connection that receives the whole file may have covered failed segments meanwhile.
  pass.returned = pass.returned
    .flatMap((segment) => missingRanges(done, segment).map((gap) => ({ ...gap, failures: segment.failures })))
    .sort((a, b) => a.start - b.start);
  let taken = done;
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
  const share = Math.max(MIN_SEGMENT_BYTES, Math.ceil(coveredBytes(missing) / connectionLimit(pass)));
  const length = pass.isRangeless ? sizeBytes : Math.min(segmentBytes, share);
  return { start: fresh.start, end: Math.min(fresh.end, fresh.start + length), failures: 0 };
}
