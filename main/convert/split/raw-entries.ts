/** The metadata of a GGUF file as it stands there, without a look into its values. */
import type { KeptEntries } from '../../model-file/gguf-writer.ts';
import { ggufValueTypes, LIST, STRING } from '../../model-file/gguf-value-types.ts';

/** Magic number, version, and the two counts. */
const ENTRIES_START = 24;

/**
 * The entries in `bytes`, a header from the file's start on that was found sound, without those whose key `isDropped` names.
 * @throws RangeError where the header is another one than that.
 */
export function rawEntries(bytes: Uint8Array, alignment: number, isDropped: (key: string) => boolean): KeptEntries {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  let at = ENTRIES_START;
  function u32(): number {
    at += 4;
    return view.getUint32(at - 4, true);
  }
  function count(): number {
    at += 8;
    const value = Number(view.getBigUint64(at - 8, true));
    if (value > bytes.byteLength) throw new RangeError('The header was changed.');
    return value;
  }
  function passText(): void {
    const length = count();
    at += length;
  }
  function pass(type: number): void {
    if (type === STRING) return passText();
    if (type !== LIST) {
      at += ggufValueTypes[type]?.sizeBytes ?? bytes.byteLength;
      return;
    }
    const elementType = u32();
    const length = count();
    const width = ggufValueTypes[elementType]?.sizeBytes ?? null;
    if (width !== null) at += length * width;
    else if (elementType === STRING) for (let i = 0; i < length; i++) passText();
    else throw new RangeError('The header was changed.');
  }

  const entryCount = Number(view.getBigUint64(16, true));
  const kept: Uint8Array[] = [];
  const keys: string[] = [];
  for (let i = 0; i < entryCount; i++) {
    const start = at;
    const length = count();
    const key = decoder.decode(bytes.subarray(at, at + length));
    at += length;
    pass(u32());
    if (at > bytes.byteLength) throw new RangeError('The header was changed.');
    if (isDropped(key)) continue;
    kept.push(bytes.subarray(start, at));
    keys.push(key);
  }
  const joined = new Uint8Array(kept.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let to = 0;
  for (const part of kept) {
    joined.set(part, to);
    to += part.byteLength;
  }
  return { count: keys.length, keys, bytes: joined, alignment };
}
