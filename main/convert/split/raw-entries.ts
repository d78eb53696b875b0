/** The metadata of a GGUF file as it stands there, without a look into its values. */
import type { KeptEntries } from '../../model-file/gguf-writer.ts';
import { entryPlaces } from '../write/entry-places.ts';

/**
 * The entries in `bytes`, a header from the file's start on that was found sound, without those whose key `isDropped` names.
 * @throws RangeError where the header is another one than that.
 */
export function rawEntries(bytes: Uint8Array, alignment: number, isDropped: (key: string) => boolean): KeptEntries {
  const kept = [...entryPlaces(bytes)].filter(({ key }) => !isDropped(key));
  const joined = new Uint8Array(kept.reduce((sum, { start, end }) => sum + end - start, 0));
  let to = 0;
  for (const { start, end } of kept) {
    joined.set(bytes.subarray(start, end), to);
    to += end - start;
  }
  return { count: kept.length, keys: kept.map(({ key }) => key), bytes: joined, alignment };
}
