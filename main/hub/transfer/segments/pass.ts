/** The state of one pass over a file, which its connections share, and what a pass writes to. */
import type { ByteRange } from '../byte-ranges.ts';
import type { TransferProgress } from '../order.ts';
import { createConnectionCount } from './connection-count.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** The target that a pass writes its bytes to. */
export interface SegmentSink {
  /** The ranges that were written. */
  readonly done: readonly ByteRange[];
  /** The ETag of the server's file that the bytes belong to; null before the first response. */
  entityTag: string | null;
  readonly phase: TransferProgress['phase'];
  /** Writes the bytes; `done` contains them afterwards. Throws file system errors. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Discards everything. */
  reset(): Promise<void>;
}

export interface Segment extends ByteRange {
  /** Failed attempts in a row without progress. */
  readonly failures: number;
}

/** One connection and the segment it is working on. */
export interface Connection {
  segment: Segment;
  /** Offset in the file: the segment's bytes before this were received. */
  atBytes: number;
  isReceiving: boolean;
  readonly writer: SegmentWriter;
}

/** The state that the connections of one pass over a file share. */
export interface Pass {
  readonly count: ReturnType<typeof createConnectionCount>;
  readonly connections: Set<Connection>;
  /** Segments that failed on one connection and wait for another one. */
  returned: Segment[];
  /** The last redirect target of the Hub; further segments are requested there directly. Contains a signature: never log it. */
  direct: string | null;
  /** The server ignores range requests and always sends the whole file. */
  isRangeless: boolean;
  /** The server answers range requests with something unusable: the whole file is requested, without a Range header. */
  asksPlainly: boolean;
  /** With a rangeless server, the only connection that goes on. */
  wholeFileConnection: Connection | null;
  /** The file was begun again once already. */
  restarted: boolean;
  receivedBytes: number;
  /** Set while the server has asked all connections to wait (Retry-After). */
  pause: Promise<void> | null;
}

/** The segment of a connection that has nothing to fetch. */
export const emptySegment: Segment = { start: 0, end: 0, failures: 0 };

export function createPass(maxConnections: number): Pass {
  return {
    count: createConnectionCount(maxConnections),
    connections: new Set(),
    returned: [],
    direct: null,
    isRangeless: false,
    asksPlainly: false,
    wholeFileConnection: null,
    restarted: false,
    receivedBytes: 0,
    pause: null,
  };
}

/** How many connections may run now. */
export function connectionLimit(pass: Pick<Pass, 'count' | 'isRangeless'>): number {
  return pass.isRangeless ? 1 : pass.count.limit;
}

/** Makes `segment` what the connection fetches next, from its beginning. */
export function assignSegment(connection: Connection, segment: Segment): void {
  connection.segment = segment;
  connection.atBytes = segment.start;
}
