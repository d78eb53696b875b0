/** A model as the API describes it: the short form of a search, the long form of one model, and single properties by `expand`. */
import { createHash } from 'node:crypto';
import { cardOf, type Card } from './card.ts';
import { wholeContent } from './content.ts';
import { ggufFacts, ggufParameters, safetensorsFacts } from './header-facts.ts';
import { commitId, identify, mainCommit, type Commit, type Repository } from './repository.ts';

/** The values of `expand`, by the API's names. */
export const expandKeys = [
  'author',
  'baseModels',
  'cardData',
  'childrenModelCount',
  'config',
  'createdAt',
  'disabled',
  'downloads',
  'downloadsAllTime',
  'evalResults',
  'gated',
  'gguf',
  'gitalyUid',
  'inference',
  'inferenceProviderMapping',
  'lastModified',
  'library_name',
  'likes',
  'mask_token',
  'model-index',
  'pipeline_tag',
  'private',
  'resourceGroup',
  'safetensors',
  'sha',
  'siblings',
  'spaces',
  'tags',
  'transformersInfo',
  'trendingScore',
  'usedStorage',
  'widgetData',
] as const;
export type ExpandKey = (typeof expandKeys)[number];

export type Json = Record<string, unknown>;

const EPOCH_OF_DATES = '2022-03-02T23:29:04.000Z';

/** The id that a repository keeps across renames: 24 hexadecimal digits. */
export function internalId(repository: Repository): string {
  return createHash('sha1').update(repository.id).digest('hex').slice(0, 24);
}

/** ISO 8601. Repositories older than the Hub's own records have one fixed date, as on the real Hub. */
export function createdAt(repository: Repository): string {
  return repository.facts.createdAt ?? EPOCH_OF_DATES;
}

export function lastModified(repository: Repository): string {
  return repository.facts.lastModified ?? mainCommit(repository).date;
}

async function siblings(commit: Commit, withBlobs: boolean): Promise<Json[]> {
  const list: Json[] = [];
  for (const path of [...commit.files.keys()].sort()) {
    const file = commit.files.get(path);
    if (file === undefined) continue;
    if (!withBlobs) {
      list.push({ rfilename: path });
      continue;
    }
    const { blobId, lfs } = await identify(file);
    const size = file.sizeBytes;
    const lfsJson = lfs === null ? {} : { lfs: { sha256: lfs.sha256, size, pointerSize: lfs.pointer.length } };
    list.push({ rfilename: path, size, blobId, ...lfsJson });
  }
  return list;
}

async function readJson(commit: Commit, path: string): Promise<Json | null> {
  const file = commit.files.get(path);
  if (file === undefined) return null;
  try {
    return JSON.parse((await wholeContent(file.content)).toString('utf8')) as Json;
  } catch {
    return null;
  }
}

async function config(commit: Commit): Promise<Json | undefined> {
  const model = await readJson(commit, 'config.json');
  if (model === null) return undefined;
  const tokenizer = await readJson(commit, 'tokenizer_config.json');
  const names = ['bos_token', 'eos_token', 'pad_token', 'unk_token', 'chat_template'];
  const kept = names.filter((name) => tokenizer?.[name] !== undefined).map((name) => [name, tokenizer?.[name]]);
  return {
    architectures: model['architectures'],
    model_type: model['model_type'],
    ...(tokenizer === null ? {} : { tokenizer_config: Object.fromEntries(kept) as Json }),
  };
}

/** A sharded model has its metadata in the first shard; adapters and projectors are ignored. */
async function gguf(commit: Commit): Promise<Json | undefined> {
  const names = [...commit.files.keys()].filter((path) => /\.gguf$/i.test(path) && !/mmproj/i.test(path)).sort();
  const first = commit.files.get(names[0] ?? '');
  if (first === undefined) return undefined;
  const facts = await ggufFacts(first.content);
  if (facts === null) return undefined;
  const shards = /^(.*)-00001-of-(\d{5})\.gguf$/.exec(first.path);
  if (shards === null) return { ...facts, totalFileSize: first.sizeBytes };
  let total = 0;
  let totalFileSize = 0;
  for (const path of names.filter((name) => name.startsWith(`${shards[1] ?? ''}-`))) {
    const file = commit.files.get(path);
    if (file === undefined) continue;
    totalFileSize += file.sizeBytes;
    total += await ggufParameters(file.content);
  }
  return { ...facts, total, totalFileSize };
}

async function safetensors(commit: Commit): Promise<unknown> {
  const files = [...commit.files.values()].filter((file) => /^model(-\d{5}-of-\d{5})?\.safetensors$/.test(file.path));
  if (files.length === 0) return undefined;
  return (await safetensorsFacts(files.map((file) => file.content))) ?? undefined;
}

async function property(
  repository: Repository,
  commit: Commit,
  card: Card,
  key: ExpandKey,
  withBlobs: boolean,
): Promise<unknown> {
  const { facts } = repository;
  switch (key) {
    case 'author':
      return repository.id.slice(0, repository.id.indexOf('/'));
    case 'baseModels': {
      const relation = card.tags
        .map((tag) => /^base_model:(quantized|finetune):(.+)$/.exec(tag))
        .find((match) => match !== null);
      return relation === undefined ? undefined : { relation: relation[1], models: [{ id: relation[2] }] };
    }
    case 'cardData':
      return card.data ?? undefined;
    case 'childrenModelCount':
      return { adapter: 0, finetune: 0, merge: 0, quantized: 0 };
    case 'config':
      return await config(commit);
    case 'createdAt':
      return createdAt(repository);
    case 'disabled':
      return false;
    case 'downloads':
      return facts.downloads ?? 0;
    case 'downloadsAllTime':
      return (facts.downloads ?? 0) * 7;
    case 'gated':
      return facts.gated ?? false;
    case 'gguf':
      return await gguf(commit);
    case 'gitalyUid':
      return createHash('sha256').update(repository.id).digest('hex');
    case 'lastModified':
      return lastModified(repository);
    case 'library_name':
      return card.library ?? undefined;
    case 'likes':
      return facts.likes ?? 0;
    case 'pipeline_tag':
      return card.pipelineTag ?? undefined;
    case 'private':
      return facts.private ?? false;
    case 'safetensors':
      return await safetensors(commit);
    case 'sha':
      return await commitId(repository, commit);
    case 'siblings':
      return await siblings(commit, withBlobs);
    case 'spaces':
      return [];
    case 'tags':
      return card.tags;
    case 'trendingScore':
      return facts.trendingScore ?? 0;
    case 'usedStorage':
      return [...commit.files.values()].reduce((sum, file) => sum + file.sizeBytes, 0);
    case 'evalResults':
    case 'inference':
    case 'inferenceProviderMapping':
    case 'mask_token':
    case 'model-index':
    case 'resourceGroup':
    case 'transformersInfo':
    case 'widgetData':
      // The API knows this property, but leaves it out for a model without it.
      return undefined;
    default:
      return key satisfies never;
  }
}

/** The given properties of a model and its two ids. Properties without a value are left out, as in the real API. */
export async function modelProperties(
  repository: Repository,
  commit: Commit,
  keys: readonly ExpandKey[],
  withBlobs = false,
): Promise<Json> {
  const card = await cardOf(repository, commit);
  const json: Json = { _id: internalId(repository), id: repository.id };
  for (const key of keys) {
    const value = await property(repository, commit, card, key, withBlobs);
    if (value !== undefined) json[key] = value;
  }
  return json;
}

const shortKeys = [
  'likes',
  'trendingScore',
  'private',
  'downloads',
  'tags',
  'pipeline_tag',
  'library_name',
  'createdAt',
] as const;
const fullKeys = ['author', 'gated', 'lastModified', 'sha', 'siblings', 'disabled'] as const;

/** One entry of a search. */
export async function searchEntry(
  repository: Repository,
  options: { full: boolean; cardData: boolean; config: boolean },
): Promise<Json> {
  const keys: ExpandKey[] = [...shortKeys, ...(options.full ? fullKeys : [])];
  if (options.cardData) keys.push('cardData');
  if (options.config) keys.push('config');
  return { ...(await modelProperties(repository, mainCommit(repository), keys)), modelId: repository.id };
}

const infoKeys = [
  ...[
    'private',
    'pipeline_tag',
    'library_name',
    'tags',
    'downloads',
    'likes',
    'author',
    'sha',
    'lastModified',
    'gated',
  ],
  ...['disabled', 'config', 'cardData', 'gguf', 'siblings', 'spaces', 'createdAt', 'safetensors', 'usedStorage'],
] as ExpandKey[];

/** The long form of one model. */
export async function modelInfo(repository: Repository, commit: Commit, withBlobs: boolean): Promise<Json> {
  return { ...(await modelProperties(repository, commit, infoKeys, withBlobs)), modelId: repository.id };
}
