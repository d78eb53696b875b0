/** The header of a GGUF file at the Hub, read by range requests: what the file would take is known before it is fetched. */
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { assertSafePath, isCommit, repoFolder } from '../cache/cache-paths.ts';
import { parseGgufHeader, type GgufHeader } from '../../model-file/gguf.ts';
import { summarizeModel, type ModelSummary } from '../../model-file/model-summary.ts';
import { shardPaths } from '../../model-file/shards.ts';
import { keptModel, type CatalogueContext } from './catalogue.ts';
import { API_TIMEOUT_MS, causeOf, networkError } from './hub-client.ts';
import { resolveUrl } from '../cache/fetch-file.ts';
import { isFresh, isOutOfReach } from './records.ts';

export interface RemoteSummary {
  readonly summary: ModelSummary;
  /** HTTP requests and bytes of the file that it took; both 0 when it was remembered. */
  readonly requests: number;
  readonly headerBytes: number;
}

/** The first read: all of a later shard's header, and of others what tells how long the vocabulary will be. */
const FIRST_READ_BYTES = 512 * 1024;
const FIRST_READ_OF_SHARD_BYTES = 128 * 1024;
/** The longest headers, of vocabularies of 260,000 tokens with merge rules, have some 20 MB. */
const MAX_HEADER_BYTES = 64 * 1024 * 1024;
/** What a second guess adds to what the parser expects, so that a third is hardly ever needed. */
const MARGIN = 1.15;
/** Shards that are read at once. */
const AT_ONCE = 4;

/**
 * What the header of `path` says, of all shards where it is one of several; kept for every later question about the same
 * commit. A usual header takes three reads at most. Throws hub.*, hub.unsafe_name, model.corrupt, model.unsupported.
 */
export async function readRemoteSummary(
  context: CatalogueContext,
  repoId: string,
  path: string,
  revision: string,
  signal: AbortSignal,
): Promise<RemoteSummary> {
  repoFolder(repoId);
  assertSafePath(path);
  const paths = shardPaths(path);
  const first = paths[0] ?? path;
  const seen = isCommit(revision)
    ? { commit: revision, fetchedAt: context.now() }
    : keptModel(context, repoId, revision);
  const kept = seen === null ? undefined : context.records.readHeaders(repoId, seen.commit).get(first);
  const remembered = kept === undefined ? null : { summary: kept, requests: 0, headerBytes: 0 };
  if (remembered !== null && seen !== null && (isCommit(revision) || isFresh(context, seen))) return remembered;

  const reader = createReader(context, repoId, signal);
  try {
    // The branch may move while shards are read: the commit that the first one came from holds for all.
    const { header, commit } = await reader.read(first, revision, FIRST_READ_BYTES);
    const others: GgufHeader[] = [];
    const waiting = paths.slice(1).map((part, index) => ({ part, index }));
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        others[next.index] = (await reader.read(next.part, commit, FIRST_READ_OF_SHARD_BYTES)).header;
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, waiting.length) }, work));
    const summary = summarizeModel(header, others);
    context.records.writeHeader(repoId, commit, first, summary);
    return { summary, requests: reader.requests(), headerBytes: reader.bytes() };
  } catch (error) {
    if (remembered !== null && isOutOfReach(error)) return remembered;
    throw error;
  }
}

interface Reader {
  read(path: string, revision: string, firstReadBytes: number): Promise<{ header: GgufHeader; commit: string }>;
  requests(): number;
  bytes(): number;
}

interface Range {
  readonly bytes: Uint8Array;
  readonly fileBytes: number;
  readonly commit: string | null;
  /** Where the Hub sent us, for the next range: it needs neither the Hub nor its token again. */
  readonly directUrl: string | null;
}

function createReader({ client }: CatalogueContext, repoId: string, signal: AbortSignal): Reader {
  let requests = 0;
  let received = 0;

  /** Bytes from `start` to `end` (exclusive), fewer where the file ends before. */
  async function readRange(url: string, path: string, start: number, end: number): Promise<Range> {
    const timeout = AbortSignal.timeout(API_TIMEOUT_MS);
    const headers = { range: `bytes=${String(start)}-${String(end - 1)}`, 'accept-encoding': 'identity' };
    const answer = await client.send(url, { headers, signal, timeout });
    requests += answer.requests;
    const { response } = answer;
    if (response.status !== 206 && response.status !== 200) {
      await response.body?.cancel();
      if (response.status === 416) throw corrupt(path);
      throw client.errorFor(response.status, answer.fromHub ? response.headers : new Headers(), { repoId });
    }
    const size = sizeOf(response, start);
    if (size === null) {
      await response.body?.cancel();
      throw new AppError('hub.bad_response', 'The Hub does not say how large this file is.', { repoId, path });
    }
    // A server that knows no ranges sends the file from its beginning.
    const skipped = response.status === 206 ? 0 : start;
    const wanted = Math.min(end, size) - start;
    try {
      const all = await readSome(response, skipped + wanted, (count) => (received += count));
      if (all.byteLength !== skipped + wanted) throw corrupt(path);
      return {
        bytes: all.subarray(skipped),
        fileBytes: size,
        commit: answer.hubHeaders.get('x-repo-commit'),
        directUrl: answer.fromHub ? null : answer.url,
      };
    } catch (error) {
      if (isAppError(error)) throw error;
      signal.throwIfAborted();
      throw networkError(timeout.aborted ? 'ETIMEDOUT' : causeOf(error), answer.host);
    }
  }

  return {
    requests: () => requests,
    bytes: () => received,
    async read(path, revision, firstReadBytes) {
      const hubUrl = resolveUrl(client, repoId, revision, path);
      const { bytes, fileBytes, commit, directUrl } = await readRange(hubUrl, path, 0, firstReadBytes);
      const found = commit ?? revision;
      if (!isCommit(found))
        throw new AppError('hub.bad_response', 'The Hub does not say which version of the file it gives.', { repoId });
      let head = bytes;
      for (;;) {
        const parsed = parseGgufHeader(head, fileBytes);
        if ('header' in parsed) return { header: parsed.header, commit: found };
        if (parsed.needBytes > MAX_HEADER_BYTES)
          throw new AppError('model.unsupported', 'The header of this file is longer than any model needs.', {
            repoId,
            path,
          });
        const likely = Math.max(parsed.needBytes, parsed.likelyBytes * MARGIN, head.byteLength * 2);
        const end = Math.min(fileBytes, MAX_HEADER_BYTES, Math.ceil(likely));
        const start = head.byteLength;
        const more = await readRange(directUrl ?? hubUrl, path, start, end).catch((error: unknown) => {
          // The address that the Hub gave holds for a while only.
          if (directUrl === null || !isAppError(error)) throw error;
          return readRange(hubUrl, path, start, end);
        });
        if (more.fileBytes !== fileBytes) throw corrupt(path);
        const joined = new Uint8Array(end);
        joined.set(head);
        joined.set(more.bytes, start);
        head = joined;
      }
    },
  };
}

/** The whole file's size, as an answer to a range from `start` tells it; null when it does not, or is about another range. */
function sizeOf(response: Response, start: number): number | null {
  const length = response.headers.get('content-length');
  if (response.status === 200) return length !== null && /^\d+$/.test(length) ? Number(length) : null;
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return range !== null && Number(range[1]) === start ? Number(range[2]) : null;
}

/** The first `wanted` bytes of a body; the rest is not asked for. */
async function readSome(response: Response, wanted: number, onBytes: (count: number) => void): Promise<Uint8Array> {
  const bytes = new Uint8Array(wanted);
  let filled = 0;
  const body = response.body as ReadableStream<Uint8Array> | null;
  // Leaving the loop ends the transfer.
  for await (const part of body ?? []) {
    onBytes(part.byteLength);
    const used = part.subarray(0, wanted - filled);
    bytes.set(used, filled);
    filled += used.byteLength;
    if (filled === wanted) break;
  }
  return bytes.subarray(0, filled);
}

function corrupt(path: string): AppError {
  return new AppError('model.corrupt', 'This file is shorter than its header says, or changed while it was read.', {
    field: path,
  });
}
