/**
 * Frees the memory behind bytes that are no longer needed. The garbage collector sees only the small object and not the 64 KB behind it,
 * so at full speed hundreds of megabytes of network reads would pile up.
 */
export function releaseBuffer({ buffer, byteLength }: Uint8Array): void {
  // When the bytes are only a part of the buffer, the rest may still be in use.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
