/** Vectors and scores of a server elsewhere. */
import { AppError } from '../../../preload/wire/errors.ts';
import { isRefusal, type RemoteClient } from './client.ts';
import { refusalError, unreadableAnswer } from './refusals.ts';
import type { Server, ServerModel } from './server.ts';
import { parseBoundedJson } from '../../base/bounded-json.ts';
import type { Embedding } from '../provider.ts';
import { countOf } from './fields.ts';

/** Texts of one request. Servers refuse more than some hundred or thousand; the vectors of these fit into the limit of a body. */
const TEXTS_AT_ONCE = 64;
const MAX_DIMENSIONS = 65_536;

interface Context {
  readonly client: RemoteClient;
  readonly server: Server;
  readonly model: ServerModel;
  readonly signal: AbortSignal | undefined;
}

/**
 * One vector per text, in order. They are cut and normalized here, as those of this computer's models are. Throws what a refusal says, and
 * remote.bad_response.
 */
export async function embedTexts(
  { client, server, model, signal }: Context,
  texts: readonly string[],
  { dimensions, normalize = true }: { readonly dimensions?: number; readonly normalize?: boolean } = {},
): Promise<Embedding> {
  const vectors: (readonly number[])[] = [];
  let tokens = 0;
  for (let from = 0; from < texts.length; from += TEXTS_AT_ONCE) {
    const some = texts.slice(from, from + TEXTS_AT_ONCE);
    const answer = await client.json({
      url: `${server.api}/embeddings`,
      body: { model: model.name, input: some, encoding_format: 'float' },
      ...{ model: model.name, signal, headersMs: client.limits.headersMs, maxBytes: client.limits.vectorBytes },
    });
    const found = vectorsOf(answer, some.length);
    if (found === null) throw unreadableAnswer(client.facts);
    vectors.push(...found);
    const { usage } = answer as { usage?: { total_tokens?: unknown; prompt_tokens?: unknown } };
    tokens += countOf(usage?.prompt_tokens) ?? countOf(usage?.total_tokens) ?? 0;
  }
  const size = vectors[0]?.length ?? 0;
  if (vectors.some(({ length }) => length !== size)) throw unreadableAnswer(client.facts);
  if (dimensions !== undefined && dimensions > size)
    throw new AppError('invalid_input', `The vectors of this model have ${size} dimensions.`, {
      ...{ field: 'dimensions', limit: size },
    });
  return { vectors: vectors.map((vector) => shaped(vector, dimensions, normalize)), tokens };
}

function vectorsOf(answer: unknown, count: number): (readonly number[])[] | null {
  const { data } = (answer ?? {}) as { data?: unknown };
  if (!Array.isArray(data) || data.length !== count) return null;
  const vectors: (readonly number[] | undefined)[] = Array.from({ length: count });
  for (const [place, one] of data.entries()) {
    const { index, embedding } = (one ?? {}) as { index?: unknown; embedding?: unknown };
    const at = countOf(index) ?? place;
    if (!isVector(embedding) || at >= count || vectors[at] !== undefined) return null;
    vectors[at] = embedding;
  }
  return vectors.flatMap((vector) => (vector === undefined ? [] : [vector]));
}

const isVector = (value: unknown): value is readonly number[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= MAX_DIMENSIONS &&
  value.every((one) => typeof one === 'number' && Number.isFinite(one));

function shaped(vector: readonly number[], dimensions: number | undefined, normalize: boolean): readonly number[] {
  const cut = dimensions === undefined ? vector : vector.slice(0, dimensions);
  if (!normalize) return cut;
  const length = Math.hypot(...cut);
  return length === 0 ? cut : cut.map((one) => one / length);
}

/**
 * One score from 0 to 1 per document, in order: by `/v1/rerank` of Cohere's and Jina's form, else by `/rerank` of Hugging Face's. Throws
 * unsupported where the server has neither, what a refusal says, and remote.bad_response.
 */
export async function rerankDocuments(
  { client, server, model, signal }: Context,
  query: string,
  documents: readonly string[],
): Promise<readonly number[]> {
  if (documents.length === 0) return [];
  const { headersMs, jsonBytes } = client.limits;
  const urls = [`${server.api}/rerank`, `${client.address.root}/rerank`];
  for (const [place, url] of urls.entries()) {
    const answer = await client.send({
      url,
      // TEI calls the documents texts; the others pass over a field that they do not know.
      body: { model: model.name, query, documents, ...(place > 0 && { texts: documents }) },
      ...{ signal, headersMs },
    });
    if (isRefusal(answer)) {
      const isAbsent = [404, 405, 501].includes(answer.status);
      if (!isAbsent) throw refusalError(client.facts, answer, model.name);
      continue;
    }
    const scores = scoresOf(parseBoundedJson(await client.textOf(answer, jsonBytes)), documents.length);
    if (scores === null) throw unreadableAnswer(client.facts);
    return scores;
  }
  throw new AppError('unsupported', `${client.facts.name} does not score documents.`, { reason: 'remote_rerank' });
}

function scoresOf(answer: unknown, count: number): readonly number[] | null {
  const list = Array.isArray(answer) ? answer : ((answer ?? {}) as { results?: unknown }).results;
  if (!Array.isArray(list) || list.length !== count) return null;
  const scores: number[] = Array.from({ length: count }, () => Number.NaN);
  for (const one of list) {
    const { index, relevance_score: relevance, score } = (one ?? {}) as Record<string, unknown>;
    const at = countOf(index);
    const value = relevance ?? score;
    if (at === null || at >= count || typeof value !== 'number' || !Number.isFinite(value)) return null;
    scores[at] = value;
  }
  if (scores.some((score) => Number.isNaN(score))) return null;
  // Some servers give the model's own number, which the logistic function makes a probability.
  const areRaw = scores.some((score) => score < 0 || score > 1);
  return areRaw ? scores.map((score) => 1 / (1 + Math.exp(-score))) : scores;
}
