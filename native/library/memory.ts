/** Memory of C that outlives a call, such as the arrays that a struct points to. */
import koffi from 'koffi';
import type { Pointer } from './functions.ts';

export interface Arena extends Disposable {
  /** A copy of `bytes`. */
  copy(bytes: Uint8Array): Pointer;
  /** A copy of `text` in UTF-8 with a zero at its end. */
  text(text: string): Pointer;
  /** `sizeBytes` zero bytes, and a view of them. */
  zeros(sizeBytes: number): { readonly pointer: Pointer; readonly bytes: Uint8Array };
}

/** Frees all of its memory when it is disposed of. */
export function createArena(): Arena {
  const blocks: bigint[] = [];
  const zeros: Arena['zeros'] = (sizeBytes) => {
    const pointer = koffi.alloc('uint8', Math.max(sizeBytes, 1)) as bigint;
    blocks.push(pointer);
    const bytes = viewBytes(pointer, sizeBytes);
    bytes.fill(0);
    return { pointer, bytes };
  };
  const copy: Arena['copy'] = (source) => {
    const { pointer, bytes } = zeros(source.byteLength);
    bytes.set(source);
    return pointer;
  };
  return {
    zeros,
    copy,
    text: (text) => copy(Buffer.from(`${text}\0`)),
    [Symbol.dispose]() {
      for (const block of blocks.splice(0)) koffi.free(block);
    },
  };
}

/** The `sizeBytes` at an address, without a copy. They are valid as long as their owner keeps them. */
export function viewBytes(pointer: bigint, sizeBytes: number): Uint8Array {
  return new Uint8Array(koffi.view(pointer, sizeBytes));
}

/** As `viewBytes`, for numbers of 32 bits at an address that is a multiple of 4. */
export function viewFloats(pointer: bigint, count: number): Float32Array {
  return new Float32Array(koffi.view(pointer, count * 4));
}
