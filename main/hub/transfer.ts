/**
 * Brings the bytes of one file from the Hub into a partial file: resumed by range, hashed on the way, tried again after
 * what passes, and checked before it answers. What each event means is decided in `core/transfer-state.ts`; here is only
 * the doing. A single stream for now; further streams would each run this loop over a part of the file.
 */
import { AppError } from '../../preload/contract/errors.ts';
import {
  advance,
  beginTransfer,
  parseRetryAfter,
  type TransferAnswer,
  type TransferEvent,
  type TransferProblem,
  type TransferState,
} from '../core/transfer-state.ts';
import { causeOf, networkError, type Answer, type Connection } from './connection.ts';
import { openPartialFile, type ContentHash, type PartialFile } from './partial-file.ts';

/** Time, as an argument. `sleep` throws the signal's reason when it fires. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface TransferProgress {
  /** `checking`: bytes that were there are hashed. `waiting`: another attempt comes after a pause, or another process works. */
  readonly phase: 'checking' | 'receiving' | 'waiting' | 'verifying';
  /** Bytes of the file that are here. Goes back only when what was there turned out to be of another file. */
  readonly doneBytes: number;
}

export interface TransferOrder {
  readonly repoId: string;
  /** Its path in the repository, for errors. */
  readonly path: string;
  /** Where the Hub gives the file. */
  readonly url: string;
  readonly sizeBytes: number;
  readonly hash: ContentHash;
  /** Where the bytes are put. What is there already is taken for the file's beginning. */
  readonly partialFile: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: TransferProgress) => void;
}

export interface TransferContext {
  readonly connection: Connection;
  readonly clock: Clock;
  /** A connection that brings nothing for so long is dropped and tried again. */
  readonly stallMs: number;
}

/**
 * Fetches the file. When it answers, `partialFile` holds exactly the bytes with the hash, on the disk. What came stays for
 * the next call when it throws, except after hub.hash_mismatch. Throws hub.*, the signal's reason, and what the file
 * system throws.
 */
export async function transfer(context: TransferContext, order: TransferOrder): Promise<void> {
  const plan = { sizeBytes: order.sizeBytes, hash: order.hash.hex };
  const { signal, onProgress } = order;
  const file = await openPartialFile(order.partialFile, order.sizeBytes, order.hash, (doneBytes) => {
    signal.throwIfAborted();
    onProgress({ phase: 'checking', doneBytes });
  });
  const last: { answer: Answer | null } = { answer: null };
  try {
    let state = beginTransfer(plan, file.lengthBytes);
    for (;;) {
      signal.throwIfAborted();
      switch (state.phase) {
        case 'requesting':
          if (file.lengthBytes > state.offsetBytes) await file.reset();
          onProgress({ phase: 'receiving', doneBytes: file.lengthBytes });
          state = await attempt(context, order, plan, state, file, last);
          break;
        case 'receiving':
          throw new AppError('internal', 'A transfer was left while it received.');
        case 'waiting':
          onProgress({ phase: 'waiting', doneBytes: file.lengthBytes });
          await context.clock.sleep(state.delayMs, signal);
          state = advance(plan, state, { type: 'waited' });
          break;
        case 'complete':
          onProgress({ phase: 'verifying', doneBytes: file.lengthBytes });
          if (file.matches()) {
            await file.sync();
            return;
          }
          state = advance(plan, state, { type: 'mismatched' });
          break;
        case 'failed':
          // Bytes with the wrong hash would only fail again.
          if (state.problem.kind === 'hash_mismatch') await file.reset();
          throw errorOf(context, order, state.problem, last.answer);
        default:
          state satisfies never;
      }
    }
  } finally {
    await file.close();
  }
}

/** One request and its body, until the file is complete or something is wrong. Everything taken is written when it answers. */
async function attempt(
  context: TransferContext,
  order: TransferOrder,
  plan: { sizeBytes: number; hash: string },
  from: TransferState,
  file: PartialFile,
  last: { answer: Answer | null },
): Promise<TransferState> {
  let state = from;
  const step = (event: TransferEvent): TransferState => (state = advance(plan, state, event));
  const quiet = new AbortController();
  // Fires when nothing came for `stallMs`: before the answer, and between any two pieces of it.
  const watch = setTimeout(() => quiet.abort(), context.stallMs);
  const host = new URL(order.url).host;
  let body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    const answer = await context.connection.send(order.url, {
      headers: {
        // Without this `fetch` asks for gzip, and lengths would be of something else.
        'accept-encoding': 'identity',
        ...(from.offsetBytes > 0 ? { range: `bytes=${String(from.offsetBytes)}-` } : {}),
      },
      signal: AbortSignal.any([order.signal, quiet.signal]),
    });
    last.answer = answer;
    watch.refresh();
    body = answer.response.body?.getReader();
    step({ type: 'answered', answer: describe(answer, context.clock.now()), jitter: Math.random() });

    while (state.phase === 'receiving') {
      const piece = await body?.read();
      watch.refresh();
      if (piece?.value === undefined) {
        step({ type: 'ended', jitter: Math.random() });
        break;
      }
      let chunk = piece.value;
      if (state.skipBytes > 0) {
        const skipped = Math.min(state.skipBytes, chunk.byteLength);
        step({ type: 'skipped', bytes: skipped });
        chunk = chunk.subarray(skipped);
      }
      // A body longer than the file is left where the file ends; the hash tells whether it was the file.
      chunk = chunk.subarray(0, plan.sizeBytes - file.lengthBytes);
      if (chunk.byteLength === 0) continue;
      await file.add(chunk);
      step({ type: 'stored', bytes: chunk.byteLength });
      order.onProgress({ phase: 'receiving', doneBytes: file.lengthBytes });
    }
  } catch (error) {
    order.signal.throwIfAborted();
    const problem = problemOf(error, quiet.signal.aborted, context.stallMs, host);
    if (problem === null) throw error;
    step({ type: 'broke', problem, jitter: Math.random() });
  } finally {
    clearTimeout(watch);
    // A connection with an unread rest is of no more use; one that ended is not harmed.
    await body?.cancel().catch(() => {});
    await file.flush();
  }
  return state;
}

function describe({ response, fromHub, hubHeaders }: Answer, now: number): TransferAnswer {
  const { headers } = response;
  const compressed = !['', 'identity'].includes(headers.get('content-encoding') ?? '');
  const length = headers.get('content-length');
  const linked = hubHeaders.get('x-linked-etag') ?? (fromHub ? hubHeaders.get('etag') : null);
  const hubHash = linked?.replace(/^W\//, '').replaceAll('"', '') ?? '';
  return {
    status: response.status,
    fromHub,
    hubHash: response.ok && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hubHash) ? hubHash : null,
    entityTag: headers.get('etag'),
    contentLength: length === null || compressed ? null : Number(length),
    contentRange: headers.get('content-range'),
    retryAfterMs: parseRetryAfter(headers.get('retry-after'), now),
  };
}

/** What broke the attempt; null for errors that are not the network's (the disk's, and answers that no attempt will better). */
function problemOf(error: unknown, stalled: boolean, stallMs: number, host: string): TransferProblem | null {
  if (stalled) return { kind: 'stalled', stallMs };
  if (error instanceof AppError) {
    if (error.code !== 'hub.offline' || error.data['cause'] === 'HEARTH_OFFLINE') return null;
    return { kind: 'network', cause: String(error.data['cause']), host: String(error.data['host']) };
  }
  // The file system's errors name the call that failed; those of a connection are TypeErrors around the socket's.
  if (
    error instanceof Error &&
    'syscall' in error &&
    /^(write|ftruncate|open|f?sync|fdatasync)/.test(String(error.syscall))
  )
    return null;
  return error instanceof TypeError || causeOf(error) !== 'network'
    ? { kind: 'network', cause: causeOf(error), host }
    : null;
}

function errorOf(
  context: TransferContext,
  order: TransferOrder,
  problem: TransferProblem,
  answer: Answer | null,
): AppError {
  const { repoId, path } = order;
  const host = answer?.host ?? new URL(order.url).host;
  switch (problem.kind) {
    case 'network':
      return networkError(problem.cause, problem.host);
    case 'stalled':
      return new AppError(
        'hub.offline',
        `Nothing came from ${host} for ${String(Math.round(problem.stallMs / 1000))} seconds, several times in a row.`,
        {
          host,
          cause: 'stalled',
        },
      );
    case 'status':
      // Another host's refusal says nothing about the account at the Hub.
      return problem.fromHub || problem.status === 429
        ? context.connection.errorFor(problem.status, answer?.response.headers ?? new Headers(), { repoId })
        : new AppError('hub.bad_response', `${host} does not give the file (status ${String(problem.status)}).`, {
            repoId,
            path,
            status: problem.status,
          });
    case 'cut':
      return new AppError('hub.bad_response', `${host} ended the file too early, several times in a row.`, {
        repoId,
        path,
      });
    case 'wrong_length':
      return new AppError('hub.bad_response', 'The Hub sends a file of another size than it lists.', {
        repoId,
        path,
        expectedBytes: order.sizeBytes,
        sentBytes: problem.lengthBytes,
      });
    case 'wrong_range':
      return new AppError('hub.bad_response', `${host} sends another part of the file than was asked for.`, {
        repoId,
        path,
      });
    case 'changed':
      return new AppError(
        'hub.hash_mismatch',
        'The Hub now has another file under this name than it listed. Look at the model again.',
        { repoId, path },
      );
    case 'hash_mismatch':
      return new AppError(
        'hub.hash_mismatch',
        'What was received is not the file that the Hub lists, so it was thrown away.',
        { repoId, path },
      );
    default:
      return problem satisfies never;
  }
}
