/** Where the files of conversions go: `FOLDER/OWNER--NAME/NAME-TYPE.gguf`, each with a record beside it. */
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { parseShard } from '../../model-file/shards.ts';
import { quantizationFromFileName } from '../../model-file/quantization.ts';

/** The first part of the ids of models that Hearth made. */
const OWNER = 'converted';
const MAX_NUMBER = 999;
/** Names are cut, so that a number, a type and the endings of unfinished files still fit. */
const MAX_STEM = 100;

export interface OutputPlace {
  /** The folder below that of all conversions. */
  readonly folder: string;
  /** The file's name without its type and ending. */
  readonly stem: string;
}

/** The place for what is made of a repository. */
export function placeOfRepository(repoId: string): OutputPlace {
  return { folder: clean(repoId.replace('/', '--')), stem: clean(repoId.slice(repoId.indexOf('/') + 1)) };
}

/** The place for what is made of a folder on this computer, by the folder's name. */
export function placeOfFolder(folder: string): OutputPlace {
  const name = clean(path.basename(path.resolve(folder)));
  return { folder: name, stem: name };
}

/** The place for what is made of a model: beside it where Hearth made that too. */
export function placeOfModel(modelId: string): OutputPlace {
  const parts = modelId.split('/');
  return {
    folder: parts[0] === OWNER ? clean(parts[1] ?? '') : clean(parts.slice(0, 2).join('--')),
    stem: stemOfFile(parts.at(-1) ?? ''),
  };
}

/** What files that are made of a GGUF file are called: its name without the ending, the shard's number and the type. */
export function stemOfFile(fileName: string): string {
  const file = fileName.replace(/\.gguf$/i, '').replace(/-\d{5}-of-\d{5}$/, '');
  const type = quantizationFromFileName(file);
  return clean(type === null ? file : file.replace(new RegExp(`[-_.]${type}$`, 'i'), ''));
}

/** The id of the model in a file of the folder. */
export const modelIdOf = (place: Pick<OutputPlace, 'folder'>, fileName: string): string =>
  `${OWNER}/${place.folder}/${fileName}`;

/** The path of a model that Hearth made, by its id; null for any other id. */
export function pathOfModel(root: string, modelId: string): string | null {
  const [owner, folder = '', name = '', ...more] = modelId.split('/');
  return owner === OWNER && more.length === 0 && name !== '' ? path.join(root, folder, name) : null;
}

/**
 * A name that no file has and that is not in `taken`: `NAME-TYPE.gguf`, `NAME-TYPE-2.gguf` and so on. Makes the folder. `ending` stands
 * for the type.
 */
export async function freeName(
  root: string,
  place: OutputPlace,
  ending: string,
  taken: ReadonlySet<string>,
): Promise<string> {
  return await freeIn(root, place, ending, { taken, suffix: '.gguf', nameOf: (file) => file });
}

/**
 * As `freeName` for a model of several files: what their names have in common, `NAME-TYPE` without the numbers of the files and the ending.
 */
export async function freeSetName(
  root: string,
  place: OutputPlace,
  ending: string,
  taken: ReadonlySet<string>,
): Promise<string> {
  return await freeIn(root, place, ending, { taken, suffix: '', nameOf: (file) => parseShard(file)?.prefix });
}

interface TakenNames {
  /** Paths that are reserved. */
  readonly taken: ReadonlySet<string>;
  /** What stands behind the number. */
  readonly suffix: string;
  /** The name that a file of the folder takes; undefined for none. */
  readonly nameOf: (file: string) => string | undefined;
}

async function freeIn(
  root: string,
  { folder, stem }: OutputPlace,
  ending: string,
  { taken, suffix, nameOf }: TakenNames,
): Promise<string> {
  const at = path.join(root, folder);
  await mkdir(at, { recursive: true });
  const there = new Set((await readdir(at)).map((file) => nameOf(file)?.toLowerCase()));
  const free = await firstFree(`${stem}-${ending}`, (numbered) => {
    const name = `${numbered}${suffix}`;
    return !there.has(name.toLowerCase()) && !taken.has(path.join(at, name));
  });
  return `${free}${suffix}`;
}

/** The first of `NAME`, `NAME-2`, `NAME-3` and so on that is free. Throws AppError `invalid_input` with the reason `name_taken`. */
export async function firstFree(name: string, isFree: (name: string) => boolean | Promise<boolean>): Promise<string> {
  for (let number = 1; number <= MAX_NUMBER; number++) {
    const numbered = `${name}${number === 1 ? '' : `-${String(number)}`}`;
    if (await isFree(numbered)) return numbered;
  }
  throw new AppError('invalid_input', `Too many names begin with ${name}.`, { reason: 'name_taken' });
}

/** A name with only the characters that ids and every file system allow. */
function clean(name: string): string {
  const plain = name
    .toWellFormed()
    .replaceAll(/[^\w.-]/g, '_')
    .replace(/^[.-]+|[.]+$/g, '')
    .slice(0, MAX_STEM);
  return plain === '' ? 'model' : plain;
}
