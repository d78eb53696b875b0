/** What a transfer is asked for, what it works with, and what it tells on the way. */
import type { open } from 'node:fs/promises';
import type { TransferDetail } from '../../../preload/contract/hub.ts';
import type { Connection } from '../api/connection.ts';
import type { ContentHash } from './file-hasher.ts';
import type { TokenBucket } from './token-bucket.ts';

/** A part under way; bytes within the file. */
export interface PartView {
  readonly startBytes: number;
  readonly endBytes: number;
  readonly doneBytes: number;
}

/** Time, as an argument. `sleep` throws the signal's reason when it fires. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface TransferProgress {
  /** `waiting`: another attempt comes after a pause, or another process works. `verifying`: every byte is here. */
  readonly phase: 'receiving' | 'waiting' | 'verifying';
  /** Bytes of the file that are here. Goes back only when what was there turned out to be of another file. */
  readonly doneBytes: number;
  /** What is under way, each over its own connection. */
  readonly parts: readonly PartView[];
  /** What is unusual; null when the phase says all. */
  readonly detail: TransferDetail | null;
}

export interface TransferOrder {
  readonly repoId: string;
  /** Its path in the repository, for errors. */
  readonly path: string;
  /** Where the Hub gives the file. */
  readonly url: string;
  readonly sizeBytes: number;
  readonly hash: ContentHash;
  /** Where the bytes are put. */
  readonly partialFile: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
  /** One line for the job's log. */
  readonly log: (text: string) => void;
}

export interface TransferContext {
  readonly connection: Connection;
  readonly clock: Clock;
  /** A connection that brings nothing for so long is dropped and its part tried again. */
  readonly stallMs: number;
  /** The speed limit of everything together. */
  readonly bucket: TokenBucket;
  /** The size of a part; null leaves it to the size of the file. */
  readonly partBytes: number | null;
  /** Connections per file, at most. */
  readonly maxConnections: number;
  readonly openFile: typeof open;
}
