/**
 * Frees the memory behind bytes that were copied and are not needed any more. Left to the garbage collector, which sees the small
 * object and not the 64 KB behind it, some hundred megabytes of network reads pile up at full speed.
 */
export function releaseBuffer({ buffer, byteLength }: Uint8Array): void {
  // Where the bytes are only a part of the buffer, others may still use the rest.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
