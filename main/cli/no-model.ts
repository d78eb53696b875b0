/** Why a command line names no model: what lies at that path, or which other files there are. */
import { stat } from 'node:fs/promises';
import { AppError } from '../../preload/wire/errors.ts';
import type { ModelReference } from '../../preload/contract/model-reference.ts';
import { builtInModel } from '../app/built-in.ts';
import { nearestNames } from '../base/nearest-names.ts';

/** What lies at the path `file`, which is no model; null where nothing does. */
async function nonModelAt(file: string): Promise<string | null> {
  const facts = await stat(file).catch(() => null);
  if (facts === null) return null;
  if (facts.isDirectory()) return `${file} is a folder. Name a GGUF file in it.`;
  if (facts.isFile() && facts.size === 0) return `${file} is empty.`;
  return `${file} is not a GGUF file.`;
}

/** At most so many names are suggested. */
const SUGGESTED = 3;

/** The refusal of a text that names neither a file nor a model. `names` are those of models that are here, besides the built-in one. */
export async function noModel(reference: string, names: readonly string[] = []): Promise<AppError> {
  const there = await nonModelAt(reference);
  if (there !== null) return new AppError('model.missing', there);
  const near = nearestNames(reference, [builtInModel.shortName, ...names], SUGGESTED);
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'hearth list shows the models that are here.';
  return new AppError(
    'model.missing',
    `There is no file ${reference}, and this is not the name of a model (OWNER/NAME[:TAG]). ${hint}`,
  );
}

interface KnownFile {
  readonly path: string;
  readonly quantization: string | null;
}

/** The refusal of a model's name of which nothing is here. `files` are the other files of its repository that are. */
export async function modelNotHere(
  reference: string,
  { repoId, path, tag }: ModelReference,
  files: readonly KnownFile[],
): Promise<AppError> {
  const there = await nonModelAt(reference);
  if (there !== null) return new AppError('model.missing', there);
  const names = [...new Set(files.map((file) => file.quantization ?? file.path))].join(', ');
  const wanted = path ?? tag;
  if (builtInModel.id.toLowerCase().startsWith(`${repoId.toLowerCase()}/`))
    return new AppError('model.missing', `There is no ${wanted ?? 'other'} file of the built-in model, only ${names}.`);
  const here = names === '' || wanted === null ? '' : ` Of ${repoId} there is ${names}.`;
  return new AppError(
    'model.missing',
    `${reference} is not on this computer.${here} Download it first: hearth pull ${reference}`,
  );
}
