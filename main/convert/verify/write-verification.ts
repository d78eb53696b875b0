/** What a verification found, in the metadata of the model itself: the file says it wherever it goes. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { isAppError } from '../../../preload/wire/errors.ts';
import type { Verification } from '../../../preload/contract/convert.ts';
import { sha256OfFile } from '../../hub/hub.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import { shardPaths } from '../../model-file/shards.ts';
import { patchVerification } from '../write/verification-entry.ts';

export interface VerifiedFile {
  /** Of several shards, the first. */
  readonly path: string;
  readonly readHeader: (path: string) => Promise<Pick<GgufHeader, 'dataOffsetBytes'>>;
  readonly source: string;
  /** The commit of the source, where it is a repository. */
  readonly revision: string | null;
  readonly converterVersion: string;
  readonly sourceFiles: readonly { readonly path: string; readonly sha256: string | null }[];
}

const MAX_NAME_CHARS = 200;

/**
 * Writes the finding into the place that the file has for it (see write/verification-entry.ts); a file without such a place, or
 * with too small a one, stays as it is.
 * @throws file system errors, and the signal's reason.
 */
export async function writeVerification(file: VerifiedFile, found: Verification, signal: AbortSignal): Promise<void> {
  const text = verificationText(file, found, await hashOfTensors(file, signal));
  try {
    await patchVerification(file.path, text);
  } catch (error) {
    const hasNoPlace = isAppError(error, 'not_found') || isAppError(error, 'invalid_input');
    if (!hasNoPlace) throw error;
  }
}

/** Of several shards over lines of `sha256  name`, as `sourceFilesSha256`. */
async function hashOfTensors({ path: first, readHeader }: VerifiedFile, signal: AbortSignal): Promise<string> {
  const shards = [];
  for (const file of shardPaths(first))
    shards.push({
      path: path.basename(file),
      sha256: await sha256OfFile(file, signal, (await readHeader(file)).dataOffsetBytes),
    });
  const [only, ...others] = shards;
  return only !== undefined && others.length === 0 ? only.sha256 : hashOfList(shards);
}

/** Over lines of `sha256  path`, as sha256sum writes them, sorted. */
function hashOfList(files: VerifiedFile['sourceFiles']): string {
  const lines = files.map(({ path: name, sha256 }) => `${sha256 ?? '-'}  ${name}\n`).toSorted();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** One line of JSON of less than 2000 bytes. The files of the source are in one hash, because some have hundreds. */
function verificationText(
  file: VerifiedFile,
  { result, tokenizer, generated, error, at }: Verification,
  tensors: string,
): string {
  return JSON.stringify({
    result,
    tokenizer: tokenizer && {
      texts: tokenizer.textCount,
      mismatches: tokenizer.mismatchCount,
      knownDifferences: tokenizer.knownDifferences?.length ?? 0,
    },
    generatedTokens: generated?.tokenCount ?? null,
    error: error?.code ?? null,
    at: new Date(at).toISOString(),
    source: file.source.slice(0, MAX_NAME_CHARS),
    revision: file.revision,
    converter: `hearth ${file.converterVersion}`,
    sourceFilesSha256: file.sourceFiles.length === 0 ? null : hashOfList(file.sourceFiles),
    tensorDataSha256: tensors,
  });
}
