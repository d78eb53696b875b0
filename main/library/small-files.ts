/** Reads small files in which other programs describe their models. No function throws, whatever the files contain. */
import { open, readFile, stat } from 'node:fs/promises';

/** Limit for a file, which is larger than any list or settings file of these programs. */
const MAX_TEXT_BYTES = 1 << 20;

/** The content of a small text file; null when it cannot be read. */
export async function readSmall(file: string): Promise<string | null> {
  const info = await stat(file).catch(() => null);
  if (info?.isFile() !== true || info.size > MAX_TEXT_BYTES) return null;
  return await readFile(file, 'utf8').catch(() => null);
}

/** Parses a JSON object; {} for anything else. */
export function readRecord(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text ?? '') as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Whether the file begins with the magic number of GGUF. Never throws. */
export async function beginsAsGguf(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1') === 'GGUF';
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}
