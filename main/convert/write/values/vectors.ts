/** Conversions of many values at once, in memory of their own, where the processor and the runtime have vectors. */
import type { OutputType } from '../../plan/output-types.ts';
import type { PlainDtype } from './decode-values.ts';
import { encodedBytes } from './encode-values.ts';
import { vectorModule, type VectorFunction } from './vector-code.ts';

export interface Vectors {
  /** Whether there is such a conversion. */
  has(dtype: PlainDtype, output: OutputType): boolean;
  /**
   * Converts `count` values of `bytes`, whole groups of 32 and at most `VECTOR_VALUES`, into `into`. False where any of them is infinite, no
   * number, or beyond the type: the content of `into` is undefined then. Memory of `room` is used where
   * it is; any other is copied.
   */
  convert(dtype: PlainDtype, output: OutputType, bytes: Uint8Array, count: number, into: Uint8Array): boolean;
  /** Memory that needs no copy, for what is read and for what is written. Null beyond a bound. A second call takes the first's memory back. */
  room(inputBytes: number, outputBytes: number): readonly [input: Uint8Array, output: Uint8Array] | null;
}

/** Values that are converted at once, so that they stay in the processor's cache. */
export const VECTOR_VALUES = 2 ** 15;

/** The part of WebAssembly that is used. */
interface WebAssemblyHost {
  readonly Memory: new (pages: { readonly initial: number }) => WasmMemory;
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly host: { readonly memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<VectorFunction, Convert>> };
}

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

type Convert = (from: number, end: number, to: number) => number;

const PAGE_BYTES = 2 ** 16;
const AREA_BYTES = VECTOR_VALUES * 4;
/** Areas at the beginning of the memory: what is copied in, F32 between two conversions, and what is copied out. */
const [INPUT, BETWEEN, OUTPUT, ROOM] = [0, AREA_BYTES, 2 * AREA_BYTES, 3 * AREA_BYTES];
/** Rows of 2 Mi values of 8 bytes, and their results. */
const MAX_ROOM_BYTES = 32 * 2 ** 20;

/** The conversions to do, one after the other; none where values are converted otherwise. */
const conversions: Readonly<Partial<Record<`${PlainDtype} ${OutputType}`, readonly VectorFunction[]>>> = {
  'F32 F16': ['floatsToHalves'],
  'F32 BF16': ['floatsToBrains'],
  'F32 Q8_0': ['floatsToBlocks'],
  'BF16 F16': ['brainsToHalves'],
  'BF16 F32': ['brainsToFloats'],
  'BF16 Q8_0': ['brainsToFloats', 'floatsToBlocks'],
  'F16 F32': ['halvesToFloats'],
  'F16 Q8_0': ['halvesToFloats', 'floatsToBlocks'],
};

/** Null where the runtime has no WebAssembly with vectors. */
export function createVectors(): Vectors | null {
  const host = (globalThis as unknown as { readonly WebAssembly?: WebAssemblyHost }).WebAssembly;
  if (host === undefined) return null;
  try {
    const memory = new host.Memory({ initial: Math.ceil(ROOM / PAGE_BYTES) });
    return vectorsIn(memory, new host.Instance(new host.Module(vectorModule()), { host: { memory } }).exports);
  } catch {
    return null;
  }
}

function vectorsIn(memory: WasmMemory, functions: Readonly<Record<VectorFunction, Convert>>): Vectors {
  let all = new Uint8Array(memory.buffer);
  return {
    has: (dtype, output) => conversions[`${dtype} ${output}`] !== undefined,
    convert(dtype, output, bytes, count, into) {
      const [first, second] = conversions[`${dtype} ${output}`] ?? [];
      if (first === undefined) return false;
      const inputBytes = count * (dtype === 'F32' ? 4 : 2);
      const outputBytes = encodedBytes(output, count);
      const isInside = bytes.buffer === all.buffer;
      const isOutputInside = into.buffer === all.buffer;
      const from = isInside ? bytes.byteOffset : INPUT;
      const to = isOutputInside ? into.byteOffset : OUTPUT;
      if (!isInside) all.set(bytes.subarray(0, inputBytes), INPUT);
      const isWhole =
        second === undefined
          ? functions[first](from, from + inputBytes, to) === 0
          : functions[first](from, from + inputBytes, BETWEEN) === 0 &&
            functions[second](BETWEEN, BETWEEN + count * 4, to) === 0;
      if (isWhole && !isOutputInside) into.set(all.subarray(OUTPUT, OUTPUT + outputBytes));
      return isWhole;
    },
    room(inputBytes, outputBytes) {
      const start = Math.ceil(inputBytes / 64) * 64;
      if (start + outputBytes > MAX_ROOM_BYTES) return null;
      const missing = ROOM + start + outputBytes - all.byteLength;
      if (missing > 0) {
        memory.grow(Math.ceil(missing / PAGE_BYTES));
        all = new Uint8Array(memory.buffer);
      }
      return [all.subarray(ROOM, ROOM + inputBytes), all.subarray(ROOM + start, ROOM + start + outputBytes)];
    },
  };
}
