/** Reads the header of a GGUF file at the Hub by range requests, so that its memory need is known before the download. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { assertSafePath, isCommit, repoFolder } from '../cache/cache-paths.ts';
import { readGgufHeader, type GgufHeader } from '../../model-file/gguf.ts';
import { checkModel } from '../../model-file/model-check.ts';
import { summarizeModel, type ModelSummary } from '../../model-file/model-summary.ts';
import { parsePiece, pieceSets } from '../../model-file/pieces.ts';
import { shardPaths } from '../../model-file/shards.ts';
import { createWholeModel, type WholeModel } from '../../model-file/split.ts';
import { keptModel, listWeights, type CatalogueContext } from './catalogue.ts';
import { resolveUrl } from '../cache/fetch-file.ts';
import { isFresh, isOutOfReach } from './records.ts';
import { changedFile, readRange, type RemoteRange } from './remote-range.ts';

export interface RemoteSummary {
  readonly summary: ModelSummary;
  /** HTTP requests, and bytes read of the file; both 0 when the header was cached. */
  readonly requests: number;
  readonly headerBytes: number;
}

/** The first read. It covers a later shard's whole header; of the first shard it tells how long the vocabulary is. */
const FIRST_READ_BYTES = 512 * 1024;
const FIRST_READ_OF_SHARD_BYTES = 128 * 1024;
/** Limit for what is read of one file. The longest known headers (260,000 tokens with merge rules) have some 20 MB. */
const MAX_READ_BYTES = 64 * 1024 * 1024;
/** Limit for what is read of all files of one model: that of one file, and the first read of each other. */
const MAX_READ_OF_MODEL_BYTES = 256 * 1024 * 1024;
/** Factor on the size that the parser expects, so that a third read is hardly ever needed. */
const MARGIN = 1.15;
/** Shards that are read in parallel. */
const PARALLEL_READS = 4;

/**
 * The summary of the header of `path`, over all its shards; it is cached for the commit. A typical header takes three reads at
 * most. Throws hub.*, hub.unsafe_name, model.corrupt, model.unsupported.
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
  // The header of a file that was cut into pieces is kept under its own name, which the list of files has.
  const first = parsePiece(path)?.whole ?? paths[0] ?? path;
  const seen = isCommit(revision)
    ? { commit: revision, fetchedAt: context.now() }
    : keptModel(context, repoId, revision);
  const kept = seen === null ? undefined : context.records.readHeaders(repoId, seen.commit).get(first);
  const remembered = kept === undefined ? null : { summary: kept, requests: 0, headerBytes: 0 };
  if (remembered !== null && seen !== null && (isCommit(revision) || isFresh(context, seen))) return remembered;

  const reader = createReader(context, repoId, signal);
  try {
    // The branch may move while shards are read: all are read from the commit of the first one.
    const begin = await readFirst(context, reader, { repoId, path: paths[0] ?? path, revision, signal });
    const { commit } = begin;
    const { first: header, others } =
      paths.length === 1 ? { first: begin.header, others: [] } : await readShards(reader, paths, begin);
    const summary = summarizeModel(header, others);
    checkModel(header, others);
    context.records.writeHeader(repoId, commit, first, summary);
    return { summary, requests: reader.requests(), headerBytes: reader.bytes() };
  } catch (error) {
    if (remembered !== null && isOutOfReach(error)) return remembered;
    throw error;
  }
}

/** The header of a file, and of the whole where `path` is a piece of one or the name of a file that lies in pieces at the Hub. */
async function readFirst(
  { client }: CatalogueContext,
  reader: Reader,
  { repoId, path, revision, signal }: { repoId: string; path: string; revision: string; signal: AbortSignal },
): Promise<ReadFile> {
  const piece = parsePiece(path);
  const read = (): Promise<ReadFile> => reader.read(path, revision, FIRST_READ_BYTES);
  const fromPieces = async (otherwise: () => Promise<ReadFile>): Promise<ReadFile> => {
    const listed = await listWeights(client, repoId, revision, signal);
    const pieces = pieceSets(listed.map((file) => file.path)).get(piece?.whole ?? path);
    if (pieces?.[0] === undefined) return await otherwise();
    const sizes = listed.filter((file) => pieces.includes(file.path)).map(({ sizeBytes }) => sizeBytes);
    const wholeBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
    return await reader.read(pieces[0], revision, FIRST_READ_BYTES, wholeBytes);
  };
  if (piece !== null) return await fromPieces(read);
  return await read().catch(async (error: unknown) => {
    if (!isAppError(error, 'hub.not_found')) throw error;
    return await fromPieces(() => Promise.reject(error));
  });
}

/** The headers of all shards. The first one was read. */
async function readShards(reader: Reader, paths: readonly string[], first: ReadFile): Promise<WholeModel> {
  const model = createWholeModel(paths.length);
  model.add(0, { ...first, path: paths[0] ?? '' });
  const waiting = paths.map((path, index) => ({ path, index })).slice(1);
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { path, index } = next;
      model.add(index, { ...(await reader.read(path, first.commit, FIRST_READ_OF_SHARD_BYTES)), path });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(PARALLEL_READS, waiting.length) }, work));
  } finally {
    // After a fault the other readers stop at their next file.
    waiting.length = 0;
  }
  return model.whole();
}

interface ReadFile {
  readonly header: GgufHeader;
  readonly sizeBytes: number;
  readonly commit: string;
}

interface Reader {
  /** `wholeBytes` is the size of the file that `path` is the first piece of. */
  read(path: string, revision: string, firstReadBytes: number, wholeBytes?: number): Promise<ReadFile>;
  requests(): number;
  bytes(): number;
}

function createReader({ client }: CatalogueContext, repoId: string, signal: AbortSignal): Reader {
  let requests = 0;
  let received = 0;

  const ask = (url: string, path: string, start: number, end: number): Promise<RemoteRange> =>
    readRange(client, { repoId, path, url }, start, end, {
      signal,
      onRequests: (count) => (requests += count),
      onBytes: (count) => (received += count),
    });

  return {
    requests: () => requests,
    bytes: () => received,
    async read(path, revision, firstReadBytes, wholeBytes) {
      const hubUrl = resolveUrl(client, repoId, revision, path);
      const { bytes, fileBytes, commit, directUrl } = await ask(hubUrl, path, 0, firstReadBytes);
      const found = commit ?? revision;
      if (!isCommit(found))
        throw new AppError('hub.bad_response', 'The Hub does not say which version of the file it gives.', { repoId });
      let readBytes = bytes.byteLength;
      const header = await readGgufHeader(
        async (start, neededEnd, likelyEnd) => {
          if (start === 0 && neededEnd <= bytes.byteLength) return bytes;
          const allowed = Math.min(MAX_READ_BYTES - readBytes, MAX_READ_OF_MODEL_BYTES - received);
          // Pieces have gigabytes: a header that goes on in the second one is longer than any.
          if (neededEnd - start > allowed || (wholeBytes !== undefined && neededEnd > fileBytes))
            throw new AppError('model.unsupported', 'The header of this file is longer than any model needs.', {
              ...{ reason: 'header_too_long', repoId, path },
            });
          // At least as much as all before, so that a header of unexpected length takes few reads.
          const wanted = Math.ceil(Math.max(neededEnd, likelyEnd * MARGIN, start + readBytes));
          const end = Math.min(wanted, fileBytes, start + allowed);
          const more = await ask(directUrl ?? hubUrl, path, start, end).catch((error: unknown) => {
            // The redirect target expires after a while.
            if (directUrl === null || !isAppError(error)) throw error;
            return ask(hubUrl, path, start, end);
          });
          if (more.fileBytes !== fileBytes) throw changedFile(path);
          readBytes += more.bytes.byteLength;
          return more.bytes;
        },
        wholeBytes ?? fileBytes,
        nextTurn,
      );
      return { header, sizeBytes: wholeBytes ?? fileBytes, commit: found };
    },
  };
}
