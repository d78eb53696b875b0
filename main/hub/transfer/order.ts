/** The types of a transfer: its order, its context, and the progress it reports. */
import type { open } from 'node:fs/promises';
import type { TransferDetail } from '../../../preload/contract/hub.ts';
import type { HubClient } from '../api/hub-client.ts';
import type { ContentHash } from './file-hasher.ts';
import type { TokenBucket } from './token-bucket.ts';

/** A segment that one connection is fetching; offsets within the file. */
export interface SegmentProgress {
  readonly startBytes: number;
  readonly endBytes: number;
  readonly doneBytes: number;
}

/** Time as an argument, so that tests need not wait. `sleep` throws the signal's reason when it fires. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from any fixed moment, by a clock that never goes back. */
  elapsedMs(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface TransferProgress {
  /** `waiting`: for the next attempt, or for another process that fetches this file. `verifying`: every byte was received. */
  readonly phase: 'receiving' | 'waiting' | 'verifying';
  /** Received bytes of the file. Decreases only when they turned out to be of another version of the file. */
  readonly doneBytes: number;
  /** The segments that are being fetched, one per connection. */
  readonly segments: readonly SegmentProgress[];
  /** What is unusual at the moment; null when `phase` says enough. */
  readonly detail: TransferDetail | null;
}

export interface TransferOrder {
  readonly repoId: string;
  /** The file's path in the repository, for error data. */
  readonly path: string;
  /** The file's address at the Hub; it may redirect. */
  readonly url: string;
  readonly sizeBytes: number;
  readonly hash: ContentHash;
  /** The file on disk that receives the bytes. */
  readonly partialFile: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
  /** Writes one line to the job's log. */
  readonly log: (text: string) => void;
}

export interface TransferContext {
  readonly client: HubClient;
  readonly clock: Clock;
  /** A connection without data for this long is dropped, and its segment is tried again. */
  readonly stallMs: number;
  /** The speed limit that all downloads share. */
  readonly bucket: TokenBucket;
  /** The size of a segment; null chooses it by the size of the file. */
  readonly segmentBytes: number | null;
  /** Upper limit of connections per file. */
  readonly maxConnections: number;
  readonly openFile: typeof open;
}
