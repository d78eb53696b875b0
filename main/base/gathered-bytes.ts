/** Bytes that come in pieces. Kept one by one, pieces of a single byte would take four hundred times their size. */
export interface GatheredBytes {
  add(piece: Uint8Array): void;
  size(): number;
  /** All bytes so far. */
  bytes(): Buffer<ArrayBuffer>;
}

const FIRST_ROOM = 16 * 1024;

export function gatherBytes(): GatheredBytes {
  let room = Buffer.allocUnsafe(FIRST_ROOM);
  let size = 0;
  return {
    add(piece) {
      const needed = size + piece.length;
      if (needed > room.length) {
        const larger = Buffer.allocUnsafe(Math.max(room.length * 2, needed));
        room.copy(larger, 0, 0, size);
        room = larger;
      }
      room.set(piece, size);
      size = needed;
    },
    size: () => size,
    bytes: () => room.subarray(0, size),
  };
}
