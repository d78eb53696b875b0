/** Models whose values are holes of their files: large for what works on them, and made in a moment. */
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { layOutGguf } from '../../main/model-file/gguf-writer.ts';
import { openModel } from '../../main/convert/split/gguf-files.ts';
import { storiesPath } from './native-setup.ts';

/** The story model with matrices that are as wide as `feedForward`, all zero: 5 layers with 3 of them, 64 values a column. */
export async function writeSparseStories(file: string, feedForward: number): Promise<void> {
  const model = await openModel(storiesPath);
  const tensors = model.tensors.map(({ name, type, shape }) => ({
    ...{ name, type },
    shape: shape.map((size) => (name.includes('ffn_') && size === 172 ? feedForward : size)),
  }));
  const { header, fileBytes } = layOutGguf([], tensors, model.entries);
  await model.close();
  const key = 'llama.feed_forward_length';
  // The type of the value stands behind the key.
  const at = Buffer.from(header.buffer, header.byteOffset, header.byteLength).indexOf(key) + key.length + 4;
  new DataView(header.buffer, header.byteOffset).setUint32(at, feedForward, true);
  writeSparse(file, header, fileBytes);
}

/** Writes the beginning of a file, and a hole behind it. */
export function writeSparse(file: string, beginning: Uint8Array, sizeBytes: number): void {
  const opened = openSync(file, 'wx');
  writeSync(opened, beginning);
  closeSync(opened);
  truncateSync(file, sizeBytes);
}
