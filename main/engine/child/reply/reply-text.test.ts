import type { LlamaModel, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { createDetokenizer } from './reply-text.ts';

/** One character of the alphabet of byte-level BPE (GPT-2's `bytes_to_unicode`) for each byte from 0x80 to 0xFF, as far as used here. */
const written: Readonly<Record<number, string>> = {
  ...{ 0xe2: 'â', 0x82: 'Ĥ', 0xac: '¬', 0xef: 'ï', 0xbf: '¿', 0xbd: '½', 0xf0: 'ð', 0x9f: 'Ł', 0x98: 'ĺ', 0x80: 'Ģ' },
};

/** A vocabulary of these tokens: bytes as byte-level BPE or as `<0x..>` writes them, or the name of a special token. */
function textOf(tokens: readonly (readonly number[] | string)[], style: 'letters' | 'numbers' = 'letters'): string[] {
  const entryOf = (bytes: readonly number[]): string =>
    style === 'numbers'
      ? `<0x${Buffer.from(bytes).toString('hex').toUpperCase()}>`
      : bytes.map((byte) => written[byte] ?? String.fromCodePoint(byte)).join('');
  const model = {
    detokenize: (ids: readonly Token[]) =>
      Buffer.concat(ids.map((id) => Buffer.from(typeof tokens[id] === 'string' ? [] : (tokens[id] ?? [])))).toString(),
    isSpecialToken: (id: Token) => typeof tokens[id] === 'string',
    fileInfo: {
      metadata: {
        tokenizer: { ggml: { tokens: tokens.map((one) => (typeof one === 'string' ? one : entryOf(one))) } },
      },
    },
  } as unknown as LlamaModel;
  const detokenizer = createDetokenizer(model, [], new Map());
  return [...tokens.map((_, id) => detokenizer.push(id as Token)), detokenizer.end()];
}

describe('the end of a detokenized reply', () => {
  it.each([
    ['of byte-level BPE', 'letters'],
    ['of bytes by number', 'numbers'],
  ] as const)('leaves out the bytes of a character that it was cut in: %s', (_, style) => {
    expect(textOf([[0x61], [0xe2], [0x82]], style)).toEqual(['a', '', '', '']);
    expect(textOf([[0x61], [0xf0], [0x9f], [0x98]], style)).toEqual(['a', '', '', '', '']);
    expect(textOf([[0xe2], [0x82], [0xac]], style)).toEqual(['', '', '€', '']);
  });
  it('keeps the text before them in one token, and looks behind a special token', () => {
    expect(textOf([[0x61, 0x62, 0xe2]])).toEqual(['', 'ab']);
    expect(textOf([[0xe2, 0x82], '<end>'])).toEqual(['', '', '']);
  });
  it('keeps a replacement character that the model wrote, and what was never a character', () => {
    expect(textOf([[0xef, 0xbf, 0xbd]])).toEqual(['', '\uFFFD']);
    expect(textOf([[0xef], [0xbf], [0xbd], [0xe2]])).toEqual(['', '', '', '', '\uFFFD']);
    expect(textOf([[0x80]])).toEqual(['', '\uFFFD']);
  });
});
