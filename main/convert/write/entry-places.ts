/** Where the metadata of a GGUF file stands in its bytes, without a look into the values. */
import { ggufValueTypes, LIST, STRING } from '../../model-file/gguf-value-types.ts';

/** Magic number, version, and the two counts. */
const ENTRIES_START = 24;

export interface EntryPlace {
  readonly key: string;
  readonly type: number;
  /** Offsets of the entry, of its value and behind both. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/**
 * The entries in `bytes`, the beginning of a GGUF file.
 * @throws RangeError at the first entry that does not lie within them, and for what is no entry.
 */
export function* entryPlaces(bytes: Uint8Array): Generator<EntryPlace> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const checked = (end: number): number => {
    if (end > bytes.byteLength) throw new RangeError('An entry goes on behind these bytes.');
    return end;
  };
  const count = (at: number): number => checked(Number(view.getBigUint64(at, true)));
  const endOfText = (at: number): number => checked(at + 8 + count(at));
  function endOfValue(type: number, at: number): number {
    if (type === STRING) return endOfText(at);
    if (type !== LIST) return at + widthOf(type);
    const elementType = view.getUint32(at, true);
    const length = count(at + 4);
    if (elementType !== STRING) return at + 12 + length * widthOf(elementType);
    let end = at + 12;
    for (let index = 0; index < length; index++) end = endOfText(end);
    return end;
  }

  let at = ENTRIES_START;
  const entryCount = Number(view.getBigUint64(16, true));
  for (let index = 0; index < entryCount; index++) {
    const keyEnd = endOfText(at);
    const key = decoder.decode(bytes.subarray(at + 8, keyEnd));
    const type = view.getUint32(keyEnd, true);
    const end = checked(endOfValue(type, keyEnd + 4));
    yield { key, type, start: at, valueStart: keyEnd + 4, end };
    at = end;
  }
}

function widthOf(type: number): number {
  const width = ggufValueTypes[type]?.sizeBytes ?? null;
  if (width === null) throw new RangeError('This is no type of a value with a fixed size.');
  return width;
}
