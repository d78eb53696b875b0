/** Which files of a checkpoint have its weights: those of the index, the one of the usual name, or the only set that there is. */
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint, unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import { findFile, readSmallJson, type CheckpointSource } from './checkpoint-source.ts';

export interface Weights {
  readonly files: readonly string[];
  /** Which file has which tensor by the index; empty without one. */
  readonly index: ReadonlyMap<string, string>;
}

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
/** The largest published index has 10 MB. */
const MAX_INDEX_BYTES = 16 * 1024 * 1024;
/** The largest published checkpoints, with scales for all their experts, have some 150,000. */
export const MAX_TENSORS = 400_000;
const MAX_SHARDS = 2000;

/**
 * Finds the files as transformers does: a model in one file goes before an index. Without both, the folder's other safetensors files are
 * taken where they are one set.
 * @throws AppError `convert.invalid` or `convert.unsupported` with `reason`; what the source throws.
 */
export async function findWeights(source: CheckpointSource): Promise<Weights> {
  if (findFile(source, SINGLE) !== null) return { files: [SINGLE], index: new Map() };
  const index = await readSmallJson(source, INDEX, MAX_INDEX_BYTES);
  if (index !== null) return readIndex(source, index);
  const sets = findSets(source);
  const [only] = sets.size === 1 ? sets.values() : [sets.get('model')];
  if (only === undefined) throw sets.size === 0 ? noWeights(source) : severalSets([...sets.keys()]);
  const missing = only.indexOf('');
  if (missing >= 0)
    throw shardMissing(`shard ${String(missing + 1)} of ${String(only.length)}`, only.find(Boolean) ?? '');
  return { files: only, index: new Map() };
}

function readIndex(source: CheckpointSource, index: Readonly<Record<string, unknown>>): Weights {
  const refuse = (detail: string): Error => invalidCheckpoint({ reason: 'bad_index', file: INDEX, detail });
  const map = index.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw refuse(`${INDEX} has no weight_map.`);
  const files = new Set<string>();
  const places = new Map<string, string>();
  for (const [tensor, file] of Object.entries(map)) {
    // Only files beside the index: no path leads out of the checkpoint.
    if (typeof file !== 'string' || !/^[^/\\\0]{1,255}\.safetensors$/.test(file))
      throw refuse(`${INDEX} names no safetensors file for the tensor ${shownName(tensor)}.`);
    places.set(tensor, file);
    if (places.size > MAX_TENSORS) throw refuse(`${INDEX} names more than ${String(MAX_TENSORS)} tensors.`);
    if (files.has(file)) continue;
    if (findFile(source, file) === null) throw shardMissing(shownName(file), INDEX);
    files.add(file);
    if (files.size > MAX_SHARDS) throw refuse(`${INDEX} names more than ${String(MAX_SHARDS)} files.`);
  }
  if (files.size === 0) throw refuse(`${INDEX} names no tensors.`);
  return { files: [...files].sort(), index: places };
}

/** The safetensors files by the beginning of their names. A set has an empty name for each shard that is not there. */
function findSets(source: CheckpointSource): Map<string, string[]> {
  const sets = new Map<string, string[]>();
  for (const { path } of source.files) {
    // Mistral's own layout lies beside the usual one; an adapter is no model.
    if (path.includes('/') || !path.endsWith('.safetensors') || /^(consolidated|adapter_model)\b/.test(path)) continue;
    const shard = /^(.+)-(\d{5})-of-(\d{5})\.safetensors$/.exec(path);
    const [number, count] = [Number(shard?.[2]), Number(shard?.[3])];
    if (!shard || count > MAX_SHARDS || number < 1 || number > count) {
      sets.set(path.slice(0, -'.safetensors'.length), [path]);
      continue;
    }
    const name = shard[1] ?? '';
    const set = sets.get(name) ?? Array.from({ length: count }, () => '');
    set[number - 1] = path;
    sets.set(name, set);
  }
  return sets;
}

const shardMissing = (what: string, namedBy: string): Error =>
  invalidCheckpoint({
    ...{ reason: 'shard_missing', file: what },
    detail: `${what} is missing, which ${shownName(namedBy)} names.`,
  });

const severalSets = (names: readonly string[]): Error =>
  invalidCheckpoint({
    ...{ reason: 'several_models', found: names.join(', ') },
    detail: `The folder has several sets of weights, and none is called model: ${names.slice(0, 10).map(shownName).join(', ')}.`,
  });

/** The error of a folder without safetensors, by what it has instead. */
function noWeights(source: CheckpointSource): Error {
  const has = (pattern: RegExp): boolean => source.files.some(({ path }) => pattern.test(path));
  if (has(/^(pytorch_model.*|consolidated.*)\.(bin|pth|pt)$/))
    return unsupportedCheckpoint({
      reason: 'pytorch_weights',
      detail: 'The weights are a pickle of PyTorch, which can run programs. A repository with safetensors is needed.',
    });
  if (has(/^adapter_model\.safetensors$/))
    return unsupportedCheckpoint({ reason: 'adapter', detail: 'This is an adapter without its base model.' });
  if (has(/^consolidated.*\.safetensors$/))
    return unsupportedCheckpoint({
      reason: 'consolidated_weights',
      detail: 'The weights have the names of Mistral’s own programs. A repository with model.safetensors is needed.',
    });
  return invalidCheckpoint({ reason: 'no_weights', detail: 'There is no safetensors file.' });
}
