/** What the tag of a reference means among the files of a repository: one rule for the command line, the page and the API. */
import type { ModelReference } from './model-reference.ts';

/** A model of a repository; of a sharded one the first shard stands for it. */
export interface TaggedFile {
  readonly path: string;
  /** `model`, or the kind of an auxiliary file. A quantization never means an auxiliary file. */
  readonly kind: string;
  /** By the name of the quantization table; null where it is unknown. */
  readonly quantization: string | null;
  /** The files that the model consists of. Without it the file is the model. */
  readonly shards?: readonly { readonly path: string }[];
}

export type FileChoice<T> =
  /** The reference names no file: the caller's own choice. */
  | { readonly kind: 'open' }
  | { readonly kind: 'file'; readonly file: T }
  /** Several files fit, and nothing in the reference tells them apart. */
  | { readonly kind: 'several'; readonly files: readonly T[] }
  | { readonly kind: 'none' };

/** Marks before a quantization that make it another one: unsloth's dynamic mixes, and files made with an importance matrix. */
const PREFIX = '(?:UD|i1)[-_]';
/** Ollama's tag for the file that a repository offers by itself. */
const DEFAULT_TAG = 'latest';

/** Other spellings of names in the quantization table. */
const synonyms: Readonly<Record<string, string>> = {
  FP32: 'F32',
  FP16: 'F16',
  HALF: 'F16',
  BFLOAT16: 'BF16',
  FLOAT16: 'F16',
  FLOAT32: 'F32',
  MXFP4_MOE: 'MXFP4',
  Q3_K: 'Q3_K_M',
  Q4_K: 'Q4_K_M',
  Q5_K: 'Q5_K_M',
};

/** The quantization table's spelling of `q4_k_m`, `UD-Q4-K-XL`, `i1-IQ2_M` or `fp16`. An unknown name only becomes upper case. */
export function tableSpelling(text: string): string {
  const upper = text
    .replace(new RegExp(`^${PREFIX}`, 'i'), '')
    .toUpperCase()
    .replaceAll('-', '_');
  return (Object.hasOwn(synonyms, upper) ? synonyms[upper] : upper) ?? upper;
}

/**
 * The file of `files` that `reference` names, by its path, by the folder that it alone lies in, or by its tag. A tag is compared as it is spelled first, then as the
 * quantization that it spells; `UD-Q4_K_M` never means `Q4_K_M`. Upper and lower case are the same.
 */
export function chooseFile<T extends TaggedFile>(
  files: readonly T[],
  reference: Pick<ModelReference, 'path' | 'tag'>,
): FileChoice<T> {
  const { path, tag } = reference;
  if (path !== null) {
    const file = files.find((one) => one.path === path || one.shards?.some((shard) => shard.path === path) === true);
    return file === undefined ? choiceIn(inFolder(files, path)) : { kind: 'file', file };
  }
  if (tag === null) return { kind: 'open' };
  const choice = choiceIn(filesOfTag(files, tag));
  return choice.kind === 'none' && tag.toLowerCase() === DEFAULT_TAG ? { kind: 'open' } : choice;
}

function choiceIn<T>(named: readonly T[]): FileChoice<T> {
  const [file, ...others] = named;
  if (file === undefined) return { kind: 'none' };
  return others.length === 0 ? { kind: 'file', file } : { kind: 'several', files: named };
}

/** The models in a folder of the repository; its other files where it has no model. */
function inFolder<T extends TaggedFile>(files: readonly T[], folder: string): readonly T[] {
  const inside = files.filter(({ path }) => path.startsWith(`${folder}/`));
  const models = inside.filter(({ kind }) => kind === 'model');
  return models.length > 0 ? models : inside;
}

/** The files that the first rule with any file accepts. */
function filesOfTag<T extends TaggedFile>(files: readonly T[], tag: string): readonly T[] {
  const models = files.filter(({ kind }) => kind === 'model');
  const quantization = tableSpelling(tag);
  const prefix = prefixOf(tag);
  const rules: readonly (() => readonly T[])[] = [
    () => files.filter((file) => isFileName(file, tag)),
    () => files.filter((file) => isFileName(file, tag, 'any case')),
    () => models.filter(({ path }) => endsWithTag(path, tag)),
    () => models.filter(({ path }) => hasTag(path, tag)),
    () => models.filter((file) => file.quantization === quantization && prefixIn(file.path) === prefix),
    // A name without a prefix also means the one file that has one: the repositories with importance matrices have no other.
    () => (prefix === null ? models.filter((file) => file.quantization === quantization) : []),
  ];
  for (const rule of rules) {
    const found = rule();
    if (found.length > 0) return found;
  }
  return [];
}

function isFileName(
  { path, shards }: TaggedFile,
  tag: string,
  letters: 'same case' | 'any case' = 'same case',
): boolean {
  const spell = (text: string): string => (letters === 'any case' ? text.toLowerCase() : text);
  const wanted = spell(tag);
  const paths = [path, ...(shards ?? []).map((shard) => shard.path)];
  return (
    paths.some((one) => [one, baseOf(one)].some((name) => spell(name) === wanted)) ||
    [stemOf(path), baseOf(path).replace(/\.gguf$/i, '')].some((name) => spell(name) === wanted)
  );
}

/** Whether the name, or the folder that it lies in, ends with the tag, without a prefix before it that the tag has not. */
function endsWithTag(path: string, tag: string): boolean {
  const folder = path.split('/').at(-2) ?? '';
  return (
    new RegExp(`(?<![A-Za-z0-9_])(?<!${PREFIX})${escaped(tag)}$`, 'i').test(stemOf(path)) ||
    folder.toLowerCase() === tag.toLowerCase()
  );
}

function hasTag(path: string, tag: string): boolean {
  return new RegExp(`(?<![A-Za-z0-9_])(?<!${PREFIX})${escaped(tag)}(?![A-Za-z0-9_])`, 'i').test(stemOf(path));
}

function prefixOf(text: string): string | null {
  return new RegExp(`^${PREFIX}`, 'i').exec(text)?.[0].slice(0, -1).toLowerCase() ?? null;
}

/** The prefix before the quantization in a name, or in its folder's. */
function prefixIn(path: string): string | null {
  const text = `${path.split('/').at(-2) ?? ''}/${stemOf(path)}`;
  return (
    new RegExp(`(?<![A-Za-z0-9])${PREFIX}(?=I?Q|TQ|BF|F|MXFP|NVFP)`, 'i').exec(text)?.[0].slice(0, -1).toLowerCase() ??
    null
  );
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The name without folders, extension and shard number. */
function stemOf(path: string): string {
  return baseOf(path)
    .replace(/\.gguf$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '');
}

function escaped(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_]/g, '\\$&');
}
