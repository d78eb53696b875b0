/**
 * The one model to get next on this computer: the best of the curated ones that fits and is quick, else the largest of the Hub's most
 * downloaded ones that does, else the smallest of all.
 */
import { isAppError } from '../../../preload/wire/errors.ts';
import type { HubFile, RecommendedModel } from '../../../preload/contract/hub.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { summaryLike, type FitQuestion } from '../../model-file/fit-of.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';
import { TYPICAL_CONTEXT, weightsReadPerToken } from '../../model-file/speed.ts';
import { readModel, type CatalogueContext } from '../api/catalogue.ts';
import { isOnGpu, isQuick, recommend } from '../api/recommend.ts';
import { isOutOfReach } from '../api/records.ts';
import { readRemoteSummary } from '../api/remote-header.ts';
import { searchModels } from '../api/search.ts';
import { curatedModels, type CuratedEntry } from './curated.ts';

/**
 * Bytes per second that memory is assumed to deliver in the first moments, and where it could not be measured: half of the 51.2 GB/s that
 * two channels of DDR4-3200 have at their peak.
 */
const ASSUMED_RATE = 25.6e9;
/** Models of the Hub's list that are looked at; each costs several requests. */
const MOST_LISTED = 6;

/** The answers for what is not at this Hub, or not open to all: the next one is taken. */
const CLOSED: ReadonlySet<string> = new Set(['hub.not_found', 'hub.gated', 'hub.unauthorized']);

/** Reasons whose sentences name a speed, which only a measurement gives. */
const NAMES_A_SPEED: ReadonlySet<string> = new Set(['best_with_speed', 'fastest_good']);

/** A candidate that exists, or that nothing could be asked about. */
interface Judged {
  readonly answer: RecommendedModel;
  readonly parameterCount: number;
  /** It fits and is quick. */
  readonly isSuitable: boolean;
}

/** Null when the Hub has none of them. Throws hub.rate_limited, hub.bad_response and the others of search, but not hub.offline. */
export async function recommendModel(
  context: CatalogueContext,
  signal: AbortSignal,
  curated: readonly CuratedEntry[] = curatedModels,
): Promise<RecommendedModel | null> {
  let isReachable = true;
  const judge = async (repoId: string, entry: CuratedEntry | null): Promise<Judged | null> => {
    if (isReachable)
      try {
        return await judgeAtHub(context, repoId, entry, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isAppError(error) && CLOSED.has(error.code)) return null;
        if (!isOutOfReach(error)) throw error;
        // Every further question would wait for the same answer.
        isReachable = false;
      }
    return entry && judgeByEntry(context, entry);
  };

  const others: (() => Promise<Judged | null>)[] = [];
  for (const entry of curated) {
    // What is too large by its size alone costs no request.
    if (fitOfEntry(context, entry).verdict !== 'fits') {
      others.unshift(() => judge(entry.repoId, entry));
      continue;
    }
    const judged = await judge(entry.repoId, entry);
    if (judged?.isSuitable) return judged.answer;
    if (judged) others.unshift(() => Promise.resolve(judged));
  }

  const listed = isReachable ? await judgeListed(context, (repoId) => judge(repoId, null), signal) : [];
  const suitable = listed.filter(({ isSuitable }) => isSuitable);
  const largest = suitable.toSorted((a, b) => b.parameterCount - a.parameterCount)[0];
  if (largest) return largest.answer;

  // The curated ones end with the smallest.
  for (const other of others) {
    const judged = await other();
    if (judged) return { ...judged.answer, why: 'smallest' };
  }
  const smallest = listed.toSorted((a, b) => a.answer.sizeBytes - b.answer.sizeBytes)[0];
  return smallest ? { ...smallest.answer, why: 'smallest' } : null;
}

/** The Hub's most downloaded chat models that are open to all. */
async function judgeListed(
  context: CatalogueContext,
  judge: (repoId: string) => Promise<Judged | null>,
  signal: AbortSignal,
): Promise<readonly Judged[]> {
  const any = { query: '', author: null, license: null, cursor: null };
  const page = await searchModels(
    context,
    { ...any, sort: 'downloads', library: 'gguf', task: 'text-generation' },
    signal,
  ).catch((error: unknown) => {
    if (isOutOfReach(error)) return { models: [] };
    throw error;
  });
  const found: Judged[] = [];
  for (const { repoId } of page.models.filter(({ gated }) => gated === false).slice(0, MOST_LISTED)) {
    const judged = await judge(repoId);
    if (judged) found.push(judged);
  }
  return found;
}

/** A model by the Hub's answer and the header of one of its files; null when it has no file to take. */
async function judgeAtHub(
  context: CatalogueContext,
  repoId: string,
  entry: CuratedEntry | null,
  signal: AbortSignal,
): Promise<Judged | null> {
  const model = await readModel(context, repoId, 'main', signal);
  const models = model.files.filter(({ kind }) => kind === 'model');
  const named = models.find(({ path }) => path === entry?.path) ?? models.find((file) => file.recommended !== null);
  const probe = named ?? models[0];
  if (model.gated !== false || !probe) return null;
  const summary = await readRemoteSummary(context, repoId, probe.path, model.revision, signal).then(
    (read) => read.summary,
    () => null,
  );
  signal.throwIfAborted();
  const files = models.map((file) => quickened(context, repoId, file, summary, entry));
  const chosen = recommend(files);
  const smallest = files.toSorted((a, b) => a.sizeBytes - b.sizeBytes)[0];
  const file = files.find(({ path }) => path === chosen?.path) ?? smallest;
  if (!file) return null;
  const isPredicted = file.isPredicted || isOnGpu(file.fit);
  return {
    answer: {
      repoId,
      path: file.path,
      sizeBytes: file.sizeBytes,
      quantization: file.quantization,
      license: model.license ?? entry?.license ?? null,
      fileReason: !isPredicted && chosen && NAMES_A_SPEED.has(chosen.reason) ? 'balanced' : (chosen?.reason ?? null),
      why: 'best',
      speed: speedKnown(file.fit, isPredicted),
      curated: entry?.key ?? null,
      source: 'hub',
    },
    parameterCount: model.parameterCount ?? entry?.parameterCount ?? 0,
    isSuitable: file.fit.verdict === 'fits' && (isQuick(file.fit) || isOnGpu(file.fit)),
  };
}

/** The file with the fit of its header, and with a speed also where none is predicted. */
function quickened(
  context: CatalogueContext,
  repoId: string,
  file: HubFile,
  known: ModelSummary | null,
  entry: CuratedEntry | null,
): HubFile & { readonly isPredicted: boolean } {
  const { path, sizeBytes } = file;
  const summary = known && summaryLike(known, sizeBytes);
  const readBytes = summary ? weightsReadPerToken(summary) : sizeBytes * (entry ? activeShare(entry) : 1);
  const modelId = `${repoId}/${path}`;
  const question = summary ? { modelId, sizeBytes, summary } : entry && questionOf({ ...entry, path, sizeBytes });
  const fit = question ? context.fitOf(question) : file.fit;
  const isPredicted = fit.tokensPerSecond !== null;
  const tokensPerSecond = fit.tokensPerSecond ?? assumedSpeed(readBytes, cacheBytesPerToken(fit));
  return { ...file, fit: { ...fit, tokensPerSecond }, isPredicted };
}

/** A curated model by what is known of it here, without the Hub. */
function judgeByEntry(context: CatalogueContext, entry: CuratedEntry): Judged {
  const { repoId, path, sizeBytes, quantization, license, parameterCount } = entry;
  const fit = fitOfEntry(context, entry);
  const isPredicted = fit.tokensPerSecond !== null;
  const tokensPerSecond = fit.tokensPerSecond ?? assumedSpeed(sizeBytes * activeShare(entry), cacheBytesPerToken(fit));
  return {
    answer: {
      ...{ repoId, path, sizeBytes, quantization, license, fileReason: null, why: 'best' },
      ...{ speed: speedKnown(fit, isPredicted), curated: entry.key, source: 'list' },
    },
    parameterCount,
    isSuitable: fit.verdict === 'fits' && (isQuick({ ...fit, tokensPerSecond }) || isOnGpu(fit)),
  };
}

const fitOfEntry = (context: CatalogueContext, entry: CuratedEntry): Fit => context.fitOf(questionOf(entry));

function questionOf(entry: CuratedEntry): FitQuestion {
  const { repoId, path, sizeBytes, parameterCount, contextLength } = entry;
  return {
    ...{ modelId: `${repoId}/${path}`, sizeBytes, summary: null, parameterCount, contextLength },
    weightsReadBytes: sizeBytes * activeShare(entry),
  };
}

const speedKnown = (fit: Fit, isPredicted: boolean): RecommendedModel['speed'] =>
  isPredicted ? (fit.isSpeedEstimated ? 'estimated' : 'predicted') : 'assumed';

const activeShare = ({ activeParameterCount, parameterCount }: CuratedEntry): number =>
  activeParameterCount / parameterCount;

const cacheBytesPerToken = (fit: Fit): number => fit.kvCacheBytes / Math.max(1, fit.contextSize);

function assumedSpeed(weightsReadBytes: number, cacheBytes: number): number {
  return ASSUMED_RATE / Math.max(1, weightsReadBytes + (cacheBytes * TYPICAL_CONTEXT) / 2);
}
