/** Which files are models, and which are auxiliary files that work only together with one: by their header, else by their name. */
import type { ModelFileKind } from '../../preload/contract/model.ts';
import type { GgufHeader, GgufValue } from './gguf.ts';
import { quantizationFromFileName } from './quantization.ts';

export type AuxiliaryKind = Exclude<ModelFileKind, 'model'>;

/** Architectures of files that only draft tokens for another model, such as `qwen3_mtp`, `eagle3`, `dflash` and `gemma4-assistant`. */
const DRAFT_ARCHITECTURE = /(?:^|[-_])(?:mtp|eagle3?|draft|nextn|dflash|assistant)$/;
/** The decoders of speech models, which turn codes into sound. */
const VOCODER_ARCHITECTURE = /^(?:wavtokenizer-dec|vocoder|audiodecoder)$/;

/** The kind of an auxiliary file by its header; null for a model, and for a header that does not tell. */
export function auxiliaryKindOf({ metadata, tensors }: Pick<GgufHeader, 'metadata' | 'tensors'>): AuxiliaryKind | null {
  const text = (key: string): string => {
    const value = metadata.get(key);
    return typeof value === 'string' ? value : '';
  };
  const [type, architecture] = [text('general.type'), text('general.architecture')];
  const has = (prefix: string): boolean => [...metadata.keys()].some((key) => key.startsWith(prefix));
  if (type === 'adapter' || has('adapter.')) return 'adapter';
  // Projectors written before `general.type` existed have only their architecture or the keys of it.
  if (type === 'mmproj' || type === 'clip-vision' || architecture === 'clip' || has('clip.')) return 'projector';
  if (type === 'imatrix' || architecture === 'imatrix' || has('imatrix.')) return 'imatrix';
  if (type === 'vocoder' || VOCODER_ARCHITECTURE.test(architecture)) return 'vocoder';
  if (DRAFT_ARCHITECTURE.test(architecture)) return 'draft';
  const blocks = wholeNumber(metadata.get(`${architecture}.block_count`));
  const heads = wholeNumber(metadata.get(`${architecture}.nextn_predict_layers`));
  return heads > 0 && blocks > 0 && hasOnlyBlocksFrom(blocks - heads, tensors) ? 'draft' : null;
}

/** Whether every block with tensors is one of the last, which predict several tokens at once. */
function hasOnlyBlocksFrom(first: number, tensors: GgufHeader['tensors']): boolean {
  if (first <= 0) return true;
  const blocks = tensors.flatMap(({ name }) => /^blk\.(\d{1,5})\./.exec(name)?.[1] ?? []);
  return blocks.length > 0 && blocks.every((block) => Number(block) >= first);
}

function wholeNumber(value: GgufValue | undefined): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : 0;
}

/**
 * The kinds of a repository's files by their names, in the same order. A name marks a draft (`MTP/…`, `mtp-…`, `…-draft`) only beside a
 * model without the mark, because there are repositories whose models all have it.
 */
export function kindsByName(files: readonly { readonly path: string; readonly sizeBytes: number }[]): ModelFileKind[] {
  const kinds = files.map(({ path }) => kindByName(path));
  const marks = files.map(({ path }) => draftMark(path));
  const plain = files.filter((_file, index) => kinds[index] === 'model' && marks[index] === null);
  const largest = Math.max(0, ...plain.map(({ sizeBytes }) => sizeBytes));
  return kinds.map((kind, index) => {
    const mark = marks[index] ?? null;
    if (kind !== 'model' || mark === null || plain.length === 0) return kind;
    return mark === 'sure' || (files[index]?.sizeBytes ?? 0) < largest * MAX_HEAD_SHARE ? 'draft' : 'model';
  });
}

/** A head that predicts several tokens has a small share of its model's size; a model that has it built in has all. */
const MAX_HEAD_SHARE = 0.25;

/** The kind of one file by its name; a draft cannot be told without its neighbors. */
export function kindByName(path: string): Exclude<ModelFileKind, 'draft'> {
  const name = baseOf(path);
  if (/mmproj|projector|^clip[-_.]|(?:vision|image|audio)[-_.]?(?:encoder|tower)/i.test(name)) return 'projector';
  if (/(^|[-_.])(lora|adapter)([-_.]|$)/i.test(name)) return 'adapter';
  // Quantizations made with an importance matrix may have the word in their names.
  if (/imatrix/i.test(name) && quantizationFromFileName(name) === null) return 'imatrix';
  return /^(vocoder|audiodecoder|wavtokenizer)[-_.]|[-_.]vocoder([-_.]|$)/i.test(name) ? 'vocoder' : 'model';
}

/** `sure` where the mark begins or ends the name or is its folder; in the middle it is also in names of models with built-in heads. */
function draftMark(path: string): 'sure' | 'unsure' | null {
  const stem = baseOf(path)
    .replace(/\.gguf$/i, '')
    .replace(/-\d{5}-of-\d{5}$/, '');
  if (/(^|\/)(mtp|nextn|eagle3|dflash|drafts?|drafters?)\//i.test(path)) return 'sure';
  if (
    /^(mtp|nextn|eagle3|dflash|draft|drafter)[-_.]|[-_.](mtp|nextn|eagle3|dflash)$|[-_.](draft|drafter)([-_.]|$)/i.test(
      stem,
    )
  )
    return 'sure';
  return /[-_.](mtp|nextn|eagle3|dflash)[-_.]|[-_.]assistant([-_.]|$)/i.test(stem) ? 'unsure' : null;
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
