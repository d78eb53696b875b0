/** The bytes of tokens that are a part of a character, and so no text. */
import type { LlamaModel, Token } from 'node-llama-cpp';

/**
 * The alphabet in which vocabularies of byte-level BPE write bytes: a printable one is the character of its number, and the others are
 * the characters from U+0100 on, in the order of their numbers (GPT-2's `bytes_to_unicode`).
 */
const alphabet: ReadonlyMap<string, number> = new Map(
  ((): [string, number][] => {
    let next = 0x100;
    return Array.from({ length: 256 }, (_, byte): [string, number] => {
      const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
      return [String.fromCharCode(isPrintable ? byte : next++), byte];
    });
  })(),
);

/** The bytes of a token as the vocabulary writes them; null where it writes them as text. */
export function bytesOfEntry(entry: string): readonly number[] | null {
  const single = /^<0x([0-9A-F]{2})>$/i.exec(entry)?.[1];
  if (single !== undefined) return [Number.parseInt(single, 16)];
  const bytes = [...entry].map((character) => alphabet.get(character));
  return bytes.every((byte) => byte !== undefined) ? bytes : null;
}

/** The bytes of a token whose text behind others, `text`, is a part of a character or nothing; null for any other. */
export function bytesOf(model: LlamaModel, token: Token, text: string): readonly number[] | null {
  if (text !== '' && !text.includes('\uFFFD')) return null;
  const entry = model.fileInfo.metadata.tokenizer?.ggml?.tokens?.[token];
  return entry === undefined ? null : bytesOfEntry(entry);
}
