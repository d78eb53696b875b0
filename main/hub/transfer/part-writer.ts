/**
 * Gathers what one connection brings into large writes, one at a time behind the network. The bytes are copied into two
 * buffers that take turns: the small pieces of the network are garbage at once then, and memory does not grow with speed.
 */

/** Large enough that system calls do not count, small enough that eight connections together hold little. */
const WRITE_BYTES = 1 << 19;
/** On a slow line what came is written at least this often, so that a kill loses little. */
const WRITE_EVERY_MS = 250;

export interface PartWriter {
  /** Taken and not written yet. */
  readonly pendingBytes: number;
  /** Takes bytes at their place in the file. Waits while the disk is behind. Throws what an earlier or this write throws. */
  add(position: number, chunk: Uint8Array): Promise<void>;
  /** Waits until everything taken is written. */
  flush(): Promise<void>;
}

/** A writer onto `write`, which gets bytes for a position and must be done with them when it answers. */
export function createPartWriter(write: (position: number, bytes: Uint8Array) => Promise<void>): PartWriter {
  let buffers: [Buffer, Buffer] | null = null;
  let startBytes = 0;
  let fillBytes = 0;
  let writingBytes = 0;
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  /** Hands the filled buffer over. The other one is free when the write before is done, which this waits for. */
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
    // Whoever waits next gets the error; nobody may wait before the process looks for unhandled ones.
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
