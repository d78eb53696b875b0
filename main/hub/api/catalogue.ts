/** The details of one repository at the Hub: its runnable files and their fit, its card, and possible conversions. */
import type { ListFileEntry } from '@huggingface/hub';
import { loadHubLibrary } from './hub-library.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { HubFile, HubFileState, HubModel } from '../../../preload/contract/hub.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { isCommit, isSafePath } from '../cache/cache-paths.ts';
import { summaryLike, type FitOf } from '../../model-file/fit-of.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';
import { kindsByName } from '../../model-file/auxiliary.ts';
import { parsePiece, pieceSets } from '../../model-file/pieces.ts';
import { modelNameInFile, quantizationFromFileName } from '../../model-file/quantization.ts';
import { parseShard, shardPaths } from '../../model-file/shards.ts';
import { accessTo } from './account.ts';
import { unreadable, type HubClient } from './hub-client.ts';
import { safetensorsOf, type ListedFile } from './conversions.ts';
import { resolveUrl } from '../cache/fetch-file.ts';
import { detailFields, detailOf, repositoryFacts, summaryOf, type Facts } from './facts.ts';
import { recommend } from './recommend.ts';
import { answerKey, isOutOfReach, remembered, type Memory } from './records.ts';

export interface CatalogueContext extends Memory {
  readonly client: HubClient;
  readonly fitOf: FitOf;
  readonly fileState: (repoId: string, path: string) => HubFileState;
}

/** The Hub's answer about one version of a repository, as it is cached. */
interface ModelAnswer {
  readonly found: Facts;
  readonly commit: string;
  readonly files: readonly ListedFile[];
  readonly card: string | null;
}

/** More files than any model has; longer lists are cut. */
const MAX_FILES = 20_000;
const MAX_CARD_BYTES = 1024 * 1024;

/**
 * One model with all its GGUF files that can be stored; the shards of a model are one file. The fit comes from a file's header where it
 * was read before, else from its size. While the Hub is out of reach, the last answer is used. Throws hub.*.
 */
export async function readModel(
  context: CatalogueContext,
  repoId: string,
  revision: string,
  signal: AbortSignal,
): Promise<HubModel> {
  const { client } = context;
  const key = answerKey('model', client.endpoint, `${repoId} ${revision}`);
  const { answer, cachedAt } = await remembered(context, key, () => askForModel(context, repoId, revision, signal));
  const { found, commit } = answer;
  const { gguf, safetensors, baseModel, chatTemplate } = detailOf(found);
  const headers = context.records.readHeaders(found.id, commit);
  const parameterCount = gguf.total ?? safetensors.total;
  const summary = summaryOf(found);
  const isAsked = summary.gated !== false && cachedAt === null;
  return {
    ...summary,
    // Asked at each call, because another token may have been saved since the rest was.
    access: summary.gated === false ? 'open' : isAsked ? await accessTo(client, found.id, signal) : 'unknown',
    revision: commit,
    parameterCount,
    architecture: gguf.architecture,
    contextLength: gguf.context_length,
    baseModel,
    tags: found.tags,
    files: filesOf(context, found.id, answer.files, {
      parameterCount,
      contextLength: gguf.context_length,
      headers,
    }),
    card: answer.card,
    pageUrl: `${client.endpoint}/${found.id}`,
    chatTemplate,
    safetensors: safetensorsOf(
      {
        task: found.pipeline_tag,
        tags: found.tags,
        files: answer.files,
        parameterCount: safetensors.total,
        dtypes: safetensors.parameters,
      },
      (sizeBytes) =>
        context.fitOf({
          modelId: found.id,
          sizeBytes,
          summary: null,
          parameterCount: safetensors.total,
          contextLength: gguf.context_length,
        }),
    ),
    cachedAt,
  };
}

/** The cached answer about a model: its facts, the commit of the revision, and the time of the answer; null when there is none. */
export function keptModel(
  { records, client }: Pick<CatalogueContext, 'records' | 'client'>,
  repoId: string,
  revision: string,
): { readonly found: Facts; readonly commit: string; readonly fetchedAt: number } | null {
  const kept = records.readAnswer(answerKey('model', client.endpoint, `${repoId} ${revision}`));
  if (kept === undefined) return null;
  const { found, commit } = kept.answer as ModelAnswer;
  return { found, commit, fetchedAt: kept.fetchedAt };
}

async function askForModel(
  context: CatalogueContext,
  repoId: string,
  revision: string,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const { client } = context;
  const found = await repositoryFacts(client, repoId, revision, detailFields, signal);
  const commit = typeof found['sha'] === 'string' && isCommit(found['sha']) ? found['sha'] : null;
  if (commit === null)
    throw new AppError('hub.bad_response', 'The Hub does not say which version of the model it shows.', { repoId });
  const [files, card] = await Promise.all([
    listWeights(client, found.id, commit, signal),
    readCard(client, found.id, commit, signal),
  ]);
  if (revision === 'main') context.records.writeHeads(new Map([[found.id, commit]]), context.now());
  return { found, commit, files, card };
}

/** The GGUF and safetensors files, and the pieces of GGUF files, whose names can be stored safely. */
export async function listWeights(
  client: HubClient,
  repoId: string,
  commit: string,
  signal: AbortSignal,
): Promise<ListedFile[]> {
  const files: ListedFile[] = [];
  let seen = 0;
  try {
    for await (const entry of (await loadHubLibrary()).listFiles({
      repo: repoId,
      revision: commit,
      recursive: true,
      hubUrl: client.endpoint,
      fetch: client.api({ repoId }, signal),
    })) {
      const { type, path, size } = entry as Partial<ListFileEntry>;
      const isWeights =
        type === 'file' &&
        typeof path === 'string' &&
        (/\.(gguf|safetensors)$/i.test(path) || parsePiece(path) !== null);
      if (isWeights && isSafePath(path) && typeof size === 'number' && Number.isSafeInteger(size) && size >= 0)
        files.push({ path, sizeBytes: size });
      if (++seen >= MAX_FILES) break;
    }
  } catch (error) {
    throw unreadable(error, signal, repoId);
  }
  return files;
}

interface Known {
  readonly parameterCount: number | null;
  readonly contextLength: number | null;
  /** By path. */
  readonly headers: ReadonlyMap<string, ModelSummary>;
}

function filesOf(context: CatalogueContext, repoId: string, listed: readonly ListedFile[], known: Known): HubFile[] {
  const sizes = new Map<string, number>();
  for (const { path, sizeBytes } of listed) {
    if (/\.gguf$/i.test(path)) sizes.set(path, sizeBytes);
  }
  const models: Pick<HubFile, 'path' | 'shards' | 'sizeBytes'>[] = [];
  for (const path of sizes.keys()) {
    if ((parseShard(path)?.number ?? 1) !== 1) continue;
    const shards = shardPaths(path).map((shard) => ({ path: shard, sizeBytes: sizes.get(shard) ?? NaN }));
    const sizeBytes = shards.reduce((sum, shard) => sum + shard.sizeBytes, 0);
    // NaN: a shard is missing, so the model cannot run.
    if (Number.isNaN(sizeBytes)) continue;
    models.push({ path, shards, sizeBytes });
  }
  const pieceSizes = new Map(listed.map(({ path, sizeBytes }) => [path, sizeBytes]));
  for (const [path, pieces] of pieceSets([...pieceSizes.keys()])) {
    if (sizes.has(path)) continue;
    const shards = pieces.map((piece) => ({ path: piece, sizeBytes: pieceSizes.get(piece) ?? 0 }));
    models.push({ path, shards, sizeBytes: shards.reduce((sum, piece) => sum + piece.sizeBytes, 0) });
  }
  const kinds = kindsByName(models);
  const fitOfFile = (
    file: {
      repoId: string;
      path: string;
      sizeBytes: number;
      parameterCount: number | null;
      contextLength: number | null;
    },
    header: ModelSummary | undefined,
    like: ModelSummary | undefined,
  ): Fit => {
    const summary = header ?? (like && summaryLike(like, file.sizeBytes)) ?? null;
    const fit = context.fitOf({ ...file, modelId: `${repoId}/${file.path}`, summary });
    return header === undefined && fit.basis === 'header' ? { ...fit, basis: 'file_size' } : fit;
  };
  /** Headers by the model's name in the file: another quantization of it has the same layers and cache. */
  const likes = new Map([...known.headers].map(([path, header]) => [modelNameInFile(path), header]));
  const files = models.map(({ path, shards, sizeBytes }, index): HubFile => {
    const kind = kinds[index] ?? 'model';
    const ofModel = kind === 'model';
    const header = known.headers.get(path);
    const like = ofModel && header === undefined ? likes.get(modelNameInFile(path)) : undefined;
    const parameterCount = ofModel ? (header?.parameterCount ?? known.parameterCount) : null;
    const contextLength = ofModel ? known.contextLength : null;
    return {
      path,
      shards,
      sizeBytes,
      quantization: quantizationFromFileName(path) ?? header?.quantization ?? null,
      bitsPerWeight: parameterCount === null ? null : Math.round((sizeBytes * 800) / parameterCount) / 100,
      kind,
      fit: fitOfFile({ repoId, path, sizeBytes, parameterCount, contextLength }, header, like),
      recommended: null,
      state: context.fileState(repoId, path),
      modelId: `${repoId}/${path}`,
    };
  });
  const order = { model: 0, projector: 1, adapter: 2, draft: 3, vocoder: 4, imatrix: 5 } as const;
  files.sort((a, b) => order[a.kind] - order[b.kind] || a.sizeBytes - b.sizeBytes || (a.path < b.path ? -1 : 1));
  const chosen = recommend(files);
  return files.map((file) => (file.path === chosen?.path ? { ...file, recommended: chosen.reason } : file));
}

/**
 * README.md without its front matter; null when there is none or it may not be read. Long cards are cut. Throws when the Hub does
 * not answer, so that an answer without its card is not cached.
 */
async function readCard(
  client: HubClient,
  repoId: string,
  commit: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const response = await client.api({ repoId }, signal)(resolveUrl(client, repoId, commit, 'README.md'));
    const bytes = new Uint8Array(await response.arrayBuffer()).subarray(0, MAX_CARD_BYTES);
    return withoutFrontMatter(new TextDecoder().decode(bytes));
  } catch (error) {
    signal.throwIfAborted();
    // A model can be shown without its card.
    if (isAppError(error) && !isOutOfReach(error) && !isAppError(error, 'hub.rate_limited')) return null;
    throw error;
  }
}

/** Removes the YAML block at the head of a model card. */
export function withoutFrontMatter(text: string): string {
  return text.replace(/^\uFEFF?---[ \t]*\r?\n(?:[\s\S]*?\r?\n)?---[ \t]*(?:\r?\n|$)/, '').trimStart();
}
