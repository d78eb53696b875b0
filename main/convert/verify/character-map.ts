/**
 * The table of characters of a SentencePiece model (`precompiled_charsmap`): the length in bytes of a double array (darts-clone), the array, and
 * the texts that take a character's place. Format: sentencepiece's normalizer.cc and darts.h.
 */
export interface CharacterMap {
  /** Whether the table has something in the place of this text, which begins with no shorter entry. */
  has(text: string): boolean;
}

const nothing: CharacterMap = { has: () => false };

/** Reads the table. A damaged one maps nothing. */
export function readCharacterMap(bytes: Uint8Array): CharacterMap {
  if (bytes.byteLength < 8) return nothing;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.floor(Math.min(view.getUint32(0, true), bytes.byteLength - 4) / 4);
  const unitAt = (at: number): number => (at < count ? view.getUint32(4 + 4 * at, true) : 0);
  return {
    has(text) {
      let at = offsetOf(unitAt(0));
      for (const byte of new TextEncoder().encode(text)) {
        at = (at ^ byte) >>> 0;
        const unit = unitAt(at);
        // The label; the highest bit marks a value.
        if ((unit & 0x80_00_00_ff) >>> 0 !== byte) return false;
        at = (at ^ offsetOf(unit)) >>> 0;
        if ((unit & 0x1_00) !== 0) return true;
      }
      return false;
    },
  };
}

const offsetOf = (unit: number): number => ((unit >>> 10) << ((unit & 0x2_00) >>> 6)) >>> 0;
