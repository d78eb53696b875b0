/** Makes archives for tests. */
import { createZipWriter } from '../../main/chat/exchange/write/zip-writer.ts';

/** An archive with these files, in this order. */
export async function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const zip = createZipWriter();
  const pieces: Buffer[] = [];
  for (const [name, content] of Object.entries(files)) pieces.push(...(await zip.entry(name, Buffer.from(content), 0)));
  return Buffer.concat([...pieces, ...zip.end()]);
}
