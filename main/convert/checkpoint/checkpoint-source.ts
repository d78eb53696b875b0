/** The files of a checkpoint, wherever they lie: a folder on this computer or a repository at the Hub. */
import { parseBoundedJson } from '../../base/bounded-json.ts';
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import { assertNoLfsPointer } from '../../model-file/lfs-pointer.ts';

export interface SourceFile {
  /** From the checkpoint's folder, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Null where it isn't known. */
  readonly sha256: string | null;
  /** Null where the source has none, as the Hub. */
  readonly modifiedAtMs: number | null;
}

/** Reads files without changing them. A source that changes while it is read gives an error, never mixed content. */
export interface CheckpointSource {
  /** In the order of their paths. */
  readonly files: readonly SourceFile[];
  /** The commit at the Hub; null for a folder. */
  readonly commit: string | null;
  /** The folder on this computer that has all files under their paths, where there is one. */
  readonly localFolder?: string;
  /** True where the bytes of a file are proven to be right only by `assertUnchanged`, which reads it to its end. No read of it follows. */
  readonly provesAtEnd?: boolean;
  /**
   * Exactly the bytes from `start` to `end` of a file of the list, in `into` where that is given and has room for them.
   * @throws AppError `convert.invalid` (`reason: 'changed'`) for a file that is another now, `disk.denied`, or an error of the network.
   */
  read(path: string, start: number, end: number, into?: Uint8Array): Promise<Uint8Array>;
  /** @throws AppError `convert.invalid` (`reason: 'changed'`) where the file is another than when the source was opened, `hub.hash_mismatch`. */
  assertUnchanged(path: string): Promise<void>;
  close(): Promise<void>;
}

/** The largest published config.json has some hundred KB, and the largest tokenizer_config.json some megabytes. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;

export function findFile(source: CheckpointSource, path: string): SourceFile | null {
  return source.files.find((file) => file.path === path) ?? null;
}

/** A whole small file; null where there is none. @throws AppError `convert.invalid` (`file_too_large`, `lfs_pointer`), and as `read`. */
export async function readSmallFile(
  source: CheckpointSource,
  path: string,
  maxBytes = MAX_TEXT_BYTES,
): Promise<Uint8Array | null> {
  const file = findFile(source, path);
  if (file === null) return null;
  if (file.sizeBytes > maxBytes)
    throw invalidCheckpoint({
      ...{ reason: 'file_too_large', file: path, expected: maxBytes, found: file.sizeBytes },
      detail: `${shownName(path)} has ${String(file.sizeBytes)} bytes; at most ${String(maxBytes)} are read.`,
    });
  const bytes = await source.read(path, 0, file.sizeBytes);
  assertNoLfsPointer(path, bytes);
  return bytes;
}

/** The text of a small file; null where there is none. @throws as `readSmallFile`; `not_text` where it is not UTF-8. */
export async function readSmallText(
  source: CheckpointSource,
  path: string,
  maxBytes = MAX_TEXT_BYTES,
): Promise<string | null> {
  const bytes = await readSmallFile(source, path, maxBytes);
  if (bytes === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidCheckpoint({ reason: 'not_text', file: path, detail: `${shownName(path)} is not UTF-8 text.` });
  }
}

/** The object in a JSON file; null where there is no such file. @throws as `readSmallText`; `not_json` where it is no JSON object. */
export async function readSmallJson(
  source: CheckpointSource,
  path: string,
  maxBytes = MAX_TEXT_BYTES,
): Promise<Readonly<Record<string, unknown>> | null> {
  const text = await readSmallText(source, path, maxBytes);
  if (text === null) return null;
  const value = parseBoundedJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidCheckpoint({ reason: 'not_json', file: path, detail: `${shownName(path)} is not a JSON object.` });
  return value as Readonly<Record<string, unknown>>;
}
