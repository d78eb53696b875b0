/**
 * Unsigned codes of 1 to 8 bits in 32-bit words, one after the other from the lowest bit. A code may lie in two words; `isWhole` tells that
 * each lies in one, and that bits at the end of a word may be unused.
 */

/** Words that `count` codes need. */
export const packedWords = (count: number, bits: number, isWhole = false): number =>
  isWhole ? Math.ceil(count / codesPerWord(bits)) : Math.ceil((count * bits) / 32);

/** Whole codes in a word. */
const codesPerWord = (bits: number): number => Math.floor(32 / bits);

/** Codes for which there is room in `wordCount` words. */
export const packedCodes = (wordCount: number, bits: number, isWhole: boolean): number =>
  isWhole ? wordCount * codesPerWord(bits) : Math.floor((wordCount * 32) / bits);

/** The code at `index`, counted from the start of word `from` of `words`; word n of the codes is at `from + n * stride`. */
export function codeAt(words: Uint32Array, index: number, bits: number, from = 0, stride = 1, isWhole = false): number {
  const unusedBits = isWhole ? Math.floor(index / codesPerWord(bits)) * (32 % bits) : 0;
  const bit = index * bits + unusedBits;
  const at = from + (bit >>> 5) * stride;
  const shift = bit & 31;
  const low = (words[at] ?? 0) >>> shift;
  const mask = (1 << bits) - 1;
  return shift + bits <= 32 ? low & mask : (low | ((words[at + stride] ?? 0) << (32 - shift))) & mask;
}

/** Writes `count` codes of `words` into `target`. */
export function readCodes(
  words: Uint32Array,
  bits: number,
  isWhole: boolean,
  count: number,
  target: Float32Array,
): void {
  if (!isWhole && 32 % bits !== 0) {
    for (let i = 0; i < count; i++) target[i] = codeAt(words, i, bits);
    return;
  }
  const mask = (1 << bits) - 1;
  for (let at = 0, i = 0; i < count; at++) {
    let word = words[at] ?? 0;
    const end = Math.min(count, i + codesPerWord(bits));
    for (; i < end; i++) {
      target[i] = word & mask;
      word >>>= bits;
    }
  }
}
