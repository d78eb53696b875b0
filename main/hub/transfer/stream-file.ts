/** One file of the Hub from its first byte to its last, over one connection, for a reader that stores nothing. */
import { createHash, type Hash } from 'node:crypto';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { causeOf, networkError, type Answer, type HubClient } from '../api/hub-client.ts';
import type { ContentHash } from './file-hasher.ts';
import type { Clock } from './order.ts';
import type { TokenBucket } from './token-bucket.ts';
import { afterFailure, parseRetryAfter, PROGRESS_BYTES, type TransferProblem } from './transfer-state.ts';
import { errorOf, sentenceOf } from './transfer-problem.ts';

export interface StreamContext {
  readonly client: HubClient;
  readonly clock: Clock;
  readonly stallMs: number;
  readonly bucket: TokenBucket;
}

export interface StreamOrder {
  readonly repoId: string;
  readonly path: string;
  /** The file's address at the Hub; it may redirect. */
  readonly url: string;
  readonly sizeBytes: number;
  readonly hash: ContentHash;
  readonly signal: AbortSignal;
  readonly onBytes?: (count: number) => void;
  /** Writes one line to the job's log. */
  readonly log?: (text: string) => void;
}

/**
 * The bytes of the file in order, each once; a broken connection is opened again where it broke. The last chunk is followed by the check of
 * the hash: what was read counts only when the stream has ended. Throws hub.*, hub.hash_mismatch, and the signal's reason.
 */
export async function* streamFile(context: StreamContext, order: StreamOrder): AsyncGenerator<Uint8Array> {
  const { sizeBytes, signal, onBytes = () => {}, log = () => {} } = order;
  const hash = hashOf(order);
  let at = 0;
  let failures = 0;
  while (at < sizeBytes) {
    const before = at;
    let problem: TransferProblem | null = null;
    let answer: Answer | null = null;
    try {
      const opened = await open(context, order, at);
      ({ problem, answer } = opened);
      for await (const chunk of opened.chunks) {
        const wanted = chunk.subarray(0, sizeBytes - at);
        await context.bucket.take(wanted.byteLength, signal);
        hash.update(wanted);
        at += wanted.byteLength;
        onBytes(wanted.byteLength);
        yield wanted;
        if (at === sizeBytes) break;
      }
      if (at < sizeBytes) problem ??= { kind: 'cut' };
    } catch (error) {
      signal.throwIfAborted();
      problem = problemOf(error, order);
    }
    if (problem === null) continue;
    failures = at - before >= PROGRESS_BYTES ? 1 : failures + 1;
    const pauseMs = afterFailure(problem, failures, Math.random());
    log(`${sentenceOf(problem)}${pauseMs === null ? '' : ` Next attempt in ${(pauseMs / 1000).toFixed(1)} s.`}`);
    if (pauseMs === null) throw errorOf(context, order, problem, answer);
    await context.clock.sleep(pauseMs, signal);
  }
  if (hash.digest('hex') !== order.hash.hex)
    throw new AppError('hub.hash_mismatch', 'The bytes are not those that the Hub lists for this file.', {
      ...{ repoId: order.repoId, path: order.path },
    });
}

function hashOf({ hash, sizeBytes }: StreamOrder): Hash {
  return hash.kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${String(sizeBytes)}\0`);
}

interface Opened {
  readonly problem: TransferProblem | null;
  readonly answer: Answer | null;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Asks for the rest of the file from `at`. A server without ranges sends it whole: then its beginning is passed over. */
async function open({ client, clock, stallMs }: StreamContext, order: StreamOrder, at: number): Promise<Opened> {
  const { sizeBytes, signal } = order;
  const stall = createStall(stallMs);
  try {
    const answer = await client.send(order.url, {
      headers: {
        'accept-encoding': 'identity',
        ...(at > 0 && { range: `bytes=${String(at)}-${String(sizeBytes - 1)}` }),
      },
      signal: AbortSignal.any([signal, stall.signal]),
    });
    const { status, headers } = answer.response;
    const fail = async (problem: TransferProblem): Promise<Opened> => {
      stall.end();
      await answer.response.body?.cancel();
      return { problem, answer, chunks: none() };
    };
    if (status !== 200 && status !== 206) {
      const retryAfterMs = parseRetryAfter(headers.get('retry-after'), clock.now());
      return await fail({ kind: 'status', status, fromHub: answer.fromHub, retryAfterMs });
    }
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
    if (range !== null && Number(range[1]) !== at) return await fail({ kind: 'wrong_range' });
    const length = headers.get('content-length');
    const starts = range === null ? 0 : at;
    if (length !== null && Number(length) !== sizeBytes - starts)
      return await fail({ kind: 'wrong_length', lengthBytes: Number(length) + starts });
    return { problem: null, answer, chunks: bodyOf(answer, stall, at - starts) };
  } catch (error) {
    stall.end();
    if (stall.signal.aborted) return { problem: { kind: 'stalled', stallMs }, answer: null, chunks: none() };
    throw error;
  }
}

async function* none(): AsyncGenerator<Uint8Array> {
  // Nothing came.
}

/** The body without its first `skipped` bytes. Ends early when no bytes come for the time of `stall`. */
async function* bodyOf({ response, host }: Answer, stall: Stall, skipped: number): AsyncGenerator<Uint8Array> {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  let passed = 0;
  try {
    for (;;) {
      stall.listen();
      const read = await reader?.read().catch((error: unknown) => {
        throw stall.signal.aborted ? networkError('stalled', host) : error;
      });
      stall.pause();
      if (read?.value === undefined) return;
      const from = Math.min(read.value.byteLength, Math.max(0, skipped - passed));
      passed += read.value.byteLength;
      if (from < read.value.byteLength) yield read.value.subarray(from);
    }
  } finally {
    stall.end();
    await reader?.cancel().catch(() => {});
  }
}

interface Stall {
  readonly signal: AbortSignal;
  listen(): void;
  /** While the reader works, silence counts for nothing. */
  pause(): void;
  end(): void;
}

function createStall(stallMs: number): Stall {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const listen = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), stallMs);
  };
  listen();
  return { signal: abort.signal, listen, pause: () => clearTimeout(timer), end: () => clearTimeout(timer) };
}

/** The problem that an error is, for another attempt. Throws errors that none can mend. */
function problemOf(error: unknown, { url }: StreamOrder): TransferProblem {
  if (!isAppError(error)) return { kind: 'network', cause: causeOf(error), host: new URL(url).host };
  const { reason, cause, host } = error.data;
  if (error.code === 'network.proxy' && (reason === 'no_answer' || reason === 'unreachable'))
    return { kind: 'proxy', error };
  if (error.code !== 'hub.offline' || cause === 'offline_mode') throw error;
  return { kind: 'network', cause: String(cause), host: String(host) };
}
