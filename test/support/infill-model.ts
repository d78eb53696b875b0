/** A small model whose vocabulary has the tokens for filling in the middle of a text. */
import { readFileSync, writeFileSync } from 'node:fs';
import { tinyShape, writeGguf } from '../hub-server/gguf-file.ts';

/** Three words of the vocabulary become the infill tokens that llama.cpp recognizes by their text. */
const marks = [
  ['▁ba', '<PRE>'],
  ['▁da', '<SUF>'],
  ['▁fa', '<MID>'],
] as const;

/** Writes the model, with a context of 256 tokens. */
export async function writeInfillModel(file: string): Promise<void> {
  await writeGguf(file, { shape: { ...tinyShape, contextLength: 256 }, quantization: 'F16', seed: 2 });
  const bytes = readFileSync(file);
  for (const [word, mark] of marks) {
    const length = Buffer.from(BigUint64Array.of(5n).buffer);
    bytes.write(mark, bytes.indexOf(Buffer.concat([length, Buffer.from(word)])) + 8);
  }
  writeFileSync(file, bytes);
}
