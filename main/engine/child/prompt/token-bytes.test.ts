import { expect, it } from 'vitest';
import { bytesOfEntry } from './token-bytes.ts';

// As Hugging Face's byte-level pre-tokenizer writes them.
it.each([
  ['Ġthe', [0x20, 0x74, 0x68, 0x65]],
  ['Ã', [0xc3]],
  ['ðŁ', [0xf0, 0x9f]],
  ['Ċ', [0x0a]],
  ['Ń', [0xad]],
  ['<0xE2>', [0xe2]],
  ['漢', null],
])('reads the bytes of %s', (entry, bytes) => {
  expect(bytesOfEntry(entry)).toEqual(bytes);
});
