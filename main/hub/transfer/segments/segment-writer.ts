/**
 * Collects the chunks of one connection into large writes, one at a time. The bytes are copied into two buffers that alternate, so that
 * the small chunks of the network can be freed at once and memory does not grow with speed.
 */

/** Large enough to make system calls negligible, small enough for eight connections to hold 8 MiB at most. */
const WRITE_BYTES = 1 << 19;
/** On a slow line received bytes are written at least this often, so that a killed process loses little. */
const WRITE_EVERY_MS = 250;

export interface SegmentWriter {
  /** Bytes that were added and are not written yet. */
  readonly pendingBytes: number;
  /** Adds bytes at their position in the file. Waits while the disk is behind. Throws the error of this or an earlier write. */
  add(position: number, chunk: Uint8Array): Promise<void>;
  /** Waits until everything that was added is written. */
  flush(): Promise<void>;
}

/** A writer over `write`, which must not use the bytes any more when it resolves: the buffer is filled again. */
export function createSegmentWriter(write: (position: number, bytes: Uint8Array) => Promise<void>): SegmentWriter {
  let buffers: [Buffer, Buffer] | null = null;
  let startBytes = 0;
  let fillBytes = 0;
  let writingBytes = 0;
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  /** Starts writing the filled buffer, after the previous write, whose buffer is the free one then. */
  const send = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    await writing;
    if (fillBytes === 0 || buffers === null) return;
    const [full, other] = buffers;
    const [position, bytes] = [startBytes, fillBytes];
    buffers = [other, full];
    fillBytes = 0;
    writingBytes = bytes;
    writing = write(position, full.subarray(0, bytes)).then(() => void (writingBytes = 0));
    // The next caller that waits gets the error; without a handler it would count as unhandled until then.
    writing.catch(() => {});
  };
  return {
    get pendingBytes() {
      return fillBytes + writingBytes;
    },
    async add(position, chunk) {
      buffers ??= [Buffer.allocUnsafeSlow(WRITE_BYTES), Buffer.allocUnsafeSlow(WRITE_BYTES)];
      if (fillBytes > 0 && position !== startBytes + fillBytes) await send();
      let taken = 0;
      while (taken < chunk.byteLength) {
        if (fillBytes === 0) startBytes = position + taken;
        const count = Math.min(WRITE_BYTES - fillBytes, chunk.byteLength - taken);
        buffers[0].set(chunk.subarray(taken, taken + count), fillBytes);
        fillBytes += count;
        taken += count;
        if (fillBytes === WRITE_BYTES) await send();
      }
      if (fillBytes > 0) timer ??= setTimeout(() => void send().catch(() => {}), WRITE_EVERY_MS);
    },
    async flush() {
      await send();
      await writing;
    },
  };
}
