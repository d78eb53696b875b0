/** Which file of the Hub a reference means: one rule for the command line and for programs. */
import path from 'node:path';
import type { HubModel } from '../../../preload/contract/hub.ts';
import { parseModelReference } from '../../../preload/contract/model-reference.ts';
import { chooseFile } from '../../../preload/contract/model-tags.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';

export interface Wanted {
  readonly repoId: string;
  readonly path: string;
  readonly revision: string;
}

/** What tells which files a repository has. */
export interface ModelPages {
  readonly model: (repoId: string, revision: string, signal: AbortSignal) => Promise<Pick<HubModel, 'files'>>;
}

/**
 * The path in the repository that `reference` means; without a file or a tag the recommended one. `endpoint` is an address that is the Hub too;
 * empty for none. @throws AppError `invalid_input` for no reference and for one that means several files, `hub.not_found`, and what `model` throws.
 */
export async function choosePath(
  hub: ModelPages,
  reference: string,
  endpoint: string,
  signal: AbortSignal,
): Promise<Wanted> {
  const parsed = parseModelReference(reference, [endpoint]);
  if (!parsed)
    throw new AppError(
      'invalid_input',
      `"${reference}" does not name a model. Write OWNER/NAME:TAG or OWNER/NAME/FILE.gguf.`,
    );
  const revision = parsed.revision ?? 'main';
  if (parsed.path !== null && /\.gguf/i.test(path.basename(parsed.path)))
    return { repoId: parsed.repoId, path: parsed.path, revision };
  const model = await hub.model(parsed.repoId, revision, signal);
  const models = model.files.filter((file) => file.kind === 'model');
  const choice = chooseFile(model.files, parsed);
  if (choice.kind === 'several') throw severalFiles(parsed.repoId, choice.files);
  const chosen =
    choice.kind === 'file'
      ? choice.file
      : choice.kind === 'open'
        ? (models.find((file) => file.recommended !== null) ?? models[0])
        : undefined;
  // A file that is no model is not in the list.
  if (choice.kind === 'none' && parsed.path !== null && path.extname(parsed.path) !== '')
    return { repoId: parsed.repoId, path: parsed.path, revision };
  if (!chosen) {
    const known = [...new Set(models.flatMap((file) => file.quantization ?? []))].join(', ');
    throw new AppError(
      'hub.not_found',
      known === ''
        ? `There is no GGUF file in ${parsed.repoId}.`
        : `There is no ${parsed.tag ?? parsed.path ?? 'such'} file in ${parsed.repoId}. It has ${known}.`,
    );
  }
  return { repoId: parsed.repoId, path: chosen.path, revision };
}

/** Does `work` on a file; where the Hub has no such file, the refusal names those that it has. */
export async function orNamesOfFiles<T>(
  hub: ModelPages,
  { repoId, path: file, revision }: Wanted,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAppError(error, 'hub.not_found')) throw error;
    const { files } = await hub.model(repoId, revision, signal);
    const names = files.map((one) => one.path);
    // A shard of it is missing, or the file came in between.
    if (names.includes(file)) throw error;
    const known = names.join(', ');
    const sentence = `There is no file ${file} in ${repoId}. ${known === '' ? 'It has no GGUF file.' : `It has ${known}.`}`;
    throw new AppError('hub.not_found', sentence, error.data, { cause: error });
  }
}

/** The refusal of a reference that several files fit: it names them. */
export function severalFiles(repoId: string, files: readonly { readonly path: string }[]): AppError {
  const names = files.map(({ path: file }) => `${repoId}/${file}`).join(', ');
  return new AppError('invalid_input', `Several files of ${repoId} match. Name one of them: ${names}`);
}
