/**
 * One pass over a file in parts: one to eight connections, each with the first part that nobody has. Parts are taken in order,
 * so that the hash, which needs the file from its beginning, is never far behind. A part that fails goes to whichever
 * connection is free next.
 */
import { AppError } from '../../preload/contract/errors.ts';
import { addRange, coveredBytes, missingRanges, type ByteRange } from '../core/byte-ranges.ts';
import { createConnectionCount } from '../core/connection-count.ts';
import {
  afterFailure,
  isRefusal,
  judgeAnswer,
  parseRetryAfter,
  PROGRESS_BYTES,
  type TransferAnswer,
  type TransferProblem,
} from '../core/transfer-state.ts';
import { causeOf, networkError, type Answer } from './connection.ts';
import { createPartWriter, type PartWriter } from './part-writer.ts';
import type { TransferContext, TransferOrder, TransferProgress } from './transfer.ts';

/** A part under way; bytes within the file. */
export interface PartView {
  readonly startBytes: number;
  readonly endBytes: number;
  readonly doneBytes: number;
}

/** What takes the bytes of a pass. */
export interface PartSink {
  /** What it has. */
  readonly done: readonly ByteRange[];
  /** Of the server's file that the bytes are of. */
  entityTag: string | null;
  readonly phase: TransferProgress['phase'];
  /** Afterwards `done` holds them. Throws what the file system throws. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Throws everything away. */
  reset(): Promise<void>;
}

interface Part extends ByteRange {
  /** Failed attempts in a row without progress. */
  readonly failures: number;
}

interface Lane {
  part: Part;
  /** Everything of the part before this was received. */
  atBytes: number;
  isReceiving: boolean;
  readonly writer: PartWriter;
}

type Outcome =
  | { readonly kind: 'done' }
  /** To be asked for again at once: the address that the Hub gave has expired. */
  | { readonly kind: 'again' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'problem'; readonly problem: TransferProblem; readonly answer: Answer | null };

const LEAST_PART_BYTES = 1024 * 1024;
const TELL_EVERY_MS = 100;
const SAMPLE_EVERY_MS = 300;

/** Parts of a file of that size: large enough that asking does not count, small enough that little is lost and the hash keeps up. */
function partBytesOf(sizeBytes: number): number {
  const wanted = Math.ceil(sizeBytes / 64 / LEAST_PART_BYTES) * LEAST_PART_BYTES;
  return Math.min(64, Math.max(8, wanted / LEAST_PART_BYTES)) * LEAST_PART_BYTES;
}

/** Brings everything that `sink` does not have. Throws hub.*, the order's signal's reason and what the sink throws. */
export async function fetchParts(context: TransferContext, order: TransferOrder, sink: PartSink): Promise<void> {
  const pass: Pass = {
    count: createConnectionCount(context.maxConnections),
    lanes: new Set(),
    returned: [],
    direct: null,
    isRangeless: false,
    wholeLane: null,
    restarted: false,
    receivedBytes: 0,
    pause: null,
  };
  while (coveredBytes(sink.done) < order.sizeBytes) {
    order.signal.throwIfAborted();
    if ((await runLanes(context, order, sink, pass)) === 'done') return;
    order.log('The server holds another file than before. This one is begun again.');
    pass.restarted = true;
    pass.returned = [];
    await sink.reset();
  }
}

interface Pass {
  readonly count: ReturnType<typeof createConnectionCount>;
  readonly lanes: Set<Lane>;
  /** Parts that failed at one connection, for another. */
  returned: Part[];
  /** Where the Hub sent us last: parts are asked for there while it answers. Holds a signature. */
  direct: string | null;
  /** The server gives the whole file whatever part is asked for. */
  isRangeless: boolean;
  /** The connection that brings the whole file then. */
  wholeLane: Lane | null;
  restarted: boolean;
  receivedBytes: number;
  /** The server wants everybody to wait. */
  pause: Promise<void> | null;
}

async function runLanes(
  context: TransferContext,
  order: TransferOrder,
  sink: PartSink,
  pass: Pass,
): Promise<'done' | 'restart'> {
  const { sizeBytes, signal, log } = order;
  const partBytes = context.partBytes ?? partBytesOf(sizeBytes);
  const stop = new AbortController();
  const anyStop = AbortSignal.any([signal, stop.signal]);
  const ended = Promise.withResolvers<void>();
  const end: { failure: { error: unknown } | null; isRestart: boolean } = { failure: null, isRestart: false };
  const limit = (): number => (pass.isRangeless ? 1 : pass.count.limit);

  /** The first part that is missing and nobody's. */
  const claim = (): Part | null => {
    // What a connection that gives the whole file brought meanwhile is no longer to be fetched.
    pass.returned = pass.returned
      .flatMap((part) => missingRanges(sink.done, part).map((gap) => ({ ...gap, failures: part.failures })))
      .sort((a, b) => a.start - b.start);
    let taken = sink.done;
    for (const lane of pass.lanes) taken = addRange(taken, lane.part);
    for (const part of pass.returned) taken = addRange(taken, part);
    const missing = missingRanges(taken, { start: 0, end: sizeBytes });
    const [fresh] = missing;
    const [back] = pass.returned;
    if (back !== undefined && (fresh === undefined || back.start < fresh.start)) {
      pass.returned.shift();
      return back;
    }
    if (fresh === undefined) return null;
    // The last parts are smaller, so that all connections end together.
    const share = Math.max(LEAST_PART_BYTES, Math.ceil(coveredBytes(missing) / limit()));
    const length = pass.isRangeless ? sizeBytes : Math.min(partBytes, share);
    return { start: fresh.start, end: Math.min(fresh.end, fresh.start + length), failures: 0 };
  };

  const tell = (isFinal = false): void => {
    const pending = [...pass.lanes].reduce((sum, lane) => sum + lane.writer.pendingBytes, 0);
    const here = sink.phase === 'receiving' ? coveredBytes(sink.done) + pending : sizeBytes;
    const isWaiting = !isFinal && pass.lanes.size > 0 && [...pass.lanes].every((lane) => !lane.isReceiving);
    const percent = Math.floor((coveredBytes(sink.done) / sizeBytes) * 100);
    order.onProgress({
      phase: sink.phase === 'receiving' && isWaiting ? 'waiting' : sink.phase,
      doneBytes: here,
      parts: [...pass.lanes]
        .filter(({ part }) => part.start < part.end)
        .map(({ part, atBytes }) => ({
          startBytes: part.start,
          endBytes: part.end,
          doneBytes: Math.max(0, atBytes - part.start),
        })),
      detail: isWaiting
        ? 'The connection failed, trying again soon'
        : sink.phase === 'verifying'
          ? `The hash is wrong: comparing with the Hub, ${String(percent)} %`
          : null,
    });
  };

  const runLane = async (lane: Lane): Promise<void> => {
    for (;;) {
      while (pass.pause !== null) await pass.pause;
      anyStop.throwIfAborted();
      const own = { receivedBytes: 0 };
      lane.isReceiving = true;
      const outcome = await attempt(context, order, sink, pass, lane, anyStop, own).finally(
        () => void (lane.isReceiving = false),
      );
      switch (outcome.kind) {
        case 'again':
          continue;
        case 'restart':
          end.isRestart = true;
          return stop.abort();
        case 'done':
          break;
        case 'problem': {
          anyStop.throwIfAborted();
          const { problem, answer } = outcome;
          const failures = own.receivedBytes >= PROGRESS_BYTES ? 1 : lane.part.failures + 1;
          const delayMs = afterFailure(problem, failures, Math.random());
          log(`${sentenceOf(problem)}${delayMs === null ? '' : ` Next attempt in ${(delayMs / 1000).toFixed(1)} s.`}`);
          if (delayMs === null) throw errorOf(context, order, problem, answer);
          pass.count.failed(performance.now(), isRefusal(problem));
          pass.direct = null;
          const rest: Part = { start: Math.max(lane.part.start, lane.atBytes), end: lane.part.end, failures };
          lane.part = rest;
          lane.atBytes = rest.start;
          const isForAll = problem.kind === 'status' && problem.retryAfterMs !== null;
          // Another connection may have better luck, at once; a part that failed there too waits with its connection.
          const isMoved = !isForAll && failures === 1 && pass.lanes.size > 1 && rest.start < rest.end;
          if (isMoved) {
            pass.returned.push(rest);
            lane.part = { start: 0, end: 0, failures: 0 };
            lane.atBytes = 0;
          }
          const pause = context.clock.sleep(delayMs, anyStop);
          if (isForAll && pass.pause === null) {
            pass.pause = pause.finally(() => void (pass.pause = null));
            pass.pause.catch(() => {});
          }
          tell();
          await pause;
          if (!isMoved && rest.start < rest.end) continue;
          break;
        }
        default:
          outcome satisfies never;
      }
      lane.part = { start: 0, end: 0, failures: 0 };
      lane.atBytes = 0;
      if (pass.lanes.size > limit()) return;
      const next = claim();
      if (next === null) return;
      lane.part = next;
      lane.atBytes = next.start;
    }
  };

  const spawn = (): void => {
    while (!anyStop.aborted && pass.lanes.size < limit()) {
      const part = claim();
      if (part === null) break;
      const lane: Lane = {
        part,
        atBytes: part.start,
        isReceiving: false,
        writer: createPartWriter((position, bytes) => sink.write(position, bytes)),
      };
      pass.lanes.add(lane);
      runLane(lane)
        .catch((error: unknown) => {
          if (!stop.signal.aborted && !signal.aborted) end.failure ??= { error };
          stop.abort();
        })
        .finally(() => {
          pass.lanes.delete(lane);
          if (anyStop.aborted) {
            if (pass.lanes.size === 0) ended.resolve();
            return;
          }
          spawn();
          if (pass.lanes.size === 0) ended.resolve();
        });
    }
  };

  let sampledAtMs = performance.now();
  let sampledBytes = pass.receivedBytes;
  let sampledLimit = limit();
  const timer = setInterval(() => {
    tell();
    const nowMs = performance.now();
    if (nowMs - sampledAtMs < SAMPLE_EVERY_MS) return;
    const bytesPerSecond = ((pass.receivedBytes - sampledBytes) * 1000) / (nowMs - sampledAtMs);
    const active = [...pass.lanes].filter((lane) => lane.isReceiving).length;
    // The first moments with another number of connections say nothing yet.
    const isSettled = sampledLimit === limit();
    sampledLimit = limit();
    [sampledAtMs, sampledBytes] = [nowMs, pass.receivedBytes];
    if (isSettled) pass.count.sample(nowMs, bytesPerSecond, active);
    spawn();
  }, TELL_EVERY_MS);
  try {
    tell();
    spawn();
    await ended.promise;
  } finally {
    clearInterval(timer);
  }
  signal.throwIfAborted();
  if (end.failure !== null) throw end.failure.error;
  if (end.isRestart) return 'restart';
  tell(true);
  return 'done';
}

/** One request and its body. Everything taken is written when it answers. Throws what the sink throws, and errors that no attempt will better. */
async function attempt(
  context: TransferContext,
  order: TransferOrder,
  sink: PartSink,
  pass: Pass,
  lane: Lane,
  signal: AbortSignal,
  own: { receivedBytes: number },
): Promise<Outcome> {
  const { sizeBytes } = order;
  const plan = { sizeBytes, hash: order.hash.hex };
  const asked = lane.part;
  const quiet = new AbortController();
  let isListening = true;
  // Fires when nothing came for `stallMs`: before the answer, and between any two pieces of it.
  const watch = setTimeout(() => {
    if (isListening) quiet.abort();
    else watch.refresh();
  }, context.stallMs);
  const direct = pass.direct;
  const url = direct ?? order.url;
  const host = new URL(url).host;
  const problemOf = (error: unknown): Outcome => {
    signal.throwIfAborted();
    if (quiet.signal.aborted)
      return { kind: 'problem', problem: { kind: 'stalled', stallMs: context.stallMs }, answer: null };
    if (error instanceof AppError) {
      if (error.code !== 'hub.offline' || error.data['cause'] === 'HEARTH_OFFLINE') throw error;
      const problem = {
        kind: 'network',
        cause: String(error.data['cause']),
        host: String(error.data['host']),
      } as const;
      return { kind: 'problem', problem, answer: null };
    }
    return { kind: 'problem', problem: { kind: 'network', cause: causeOf(error), host }, answer: null };
  };
  let body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    const isWhole = asked.start === 0 && asked.end === sizeBytes;
    let answer: Answer;
    try {
      answer = await context.connection.send(url, {
        headers: {
          // Without this an answer may be compressed, and lengths would be of something else.
          'accept-encoding': 'identity',
          ...(isWhole ? {} : { range: `bytes=${String(asked.start)}-${String(asked.end - 1)}` }),
        },
        signal: AbortSignal.any([signal, quiet.signal]),
      });
    } catch (error) {
      return problemOf(error);
    }
    watch.refresh();
    body = answer.response.body?.getReader();
    const facts = describe(answer, context.clock.now());
    const judgement = judgeAnswer(plan, asked, { entityTag: sink.entityTag, restarted: pass.restarted }, facts);
    if (judgement.act === 'restart') return { kind: 'restart' };
    if (judgement.act === 'fail') {
      const { problem } = judgement;
      // The address that the Hub gave for another part is no longer good: the Hub gives a new one.
      if (direct !== null && problem.kind === 'status' && problem.status >= 400 && problem.status < 500) {
        if (problem.status !== 429) {
          pass.direct = null;
          return { kind: 'again' };
        }
      }
      return { kind: 'problem', problem, answer };
    }
    if (facts.entityTag !== null) sink.entityTag = facts.entityTag;
    if (!answer.fromHub) pass.direct = answer.url;
    const isRangeless = !isWhole && facts.status === 200;
    if (isRangeless) {
      if (!pass.isRangeless) order.log('The server gives no parts, so the file comes in one piece.');
      pass.isRangeless = true;
      // Others would each fetch the whole file, too: only the first goes on.
      if (pass.wholeLane !== null) {
        pass.returned.push(asked);
        lane.part = { start: 0, end: 0, failures: 0 };
        return { kind: 'done' };
      }
      pass.wholeLane = lane;
      lane.part = { ...asked, end: sizeBytes };
    }
    const endBytes = isRangeless ? sizeBytes : asked.end;

    let at = judgement.fromByte;
    while (at < endBytes) {
      isListening = true;
      watch.refresh();
      let piece: { readonly value?: Uint8Array | undefined } | undefined;
      try {
        piece = await body?.read();
      } catch (error) {
        return problemOf(error);
      }
      isListening = false;
      if (piece?.value === undefined) {
        signal.throwIfAborted();
        return { kind: 'problem', problem: { kind: 'cut' }, answer };
      }
      // A body longer than the part is left where the part ends.
      const chunk = piece.value.subarray(0, endBytes - at);
      await context.bucket.take(chunk.byteLength, signal);
      if (isRangeless) {
        for (const gap of missingRanges(sink.done, { start: at, end: at + chunk.byteLength })) {
          await lane.writer.add(gap.start, chunk.subarray(gap.start - at, gap.end - at));
          own.receivedBytes += gap.end - gap.start;
          pass.receivedBytes += gap.end - gap.start;
        }
      } else {
        await lane.writer.add(at, chunk);
        own.receivedBytes += chunk.byteLength;
        pass.receivedBytes += chunk.byteLength;
      }
      at += chunk.byteLength;
      lane.atBytes = Math.max(lane.atBytes, at);
      letGo(piece.value);
    }
    // The connection serves for the next part when the answer was read to its end.
    if (facts.contentLength === endBytes - judgement.fromByte) {
      isListening = true;
      const rest = await body?.read().catch(() => undefined);
      if (rest?.done === true) body = undefined;
    }
    return { kind: 'done' };
  } finally {
    clearTimeout(watch);
    if (pass.wholeLane === lane) pass.wholeLane = null;
    await body?.cancel().catch(() => {});
    await lane.writer.flush();
  }
}

/**
 * Frees the memory of a piece that was copied. Left to the collector, which looks at the small objects and not at the 64 KB
 * behind each, some 100 MB of them lie around at full speed.
 */
function letGo({ buffer, byteLength }: Uint8Array): void {
  // A view onto a part of a buffer is not the only one.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
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

/** What went wrong, for the log. */
function sentenceOf(problem: TransferProblem): string {
  switch (problem.kind) {
    case 'network':
      return `The connection to ${problem.host} failed (${problem.cause}).`;
    case 'stalled':
      return `Nothing came for ${String(Math.round(problem.stallMs / 1000))} s.`;
    case 'status':
      return `${problem.fromHub ? 'The Hub' : 'The server'} answered with status ${String(problem.status)}.`;
    case 'cut':
      return 'The answer ended too early.';
    case 'wrong_length':
      return `The server's file has ${String(problem.lengthBytes)} bytes, another number than listed.`;
    case 'wrong_range':
      return 'The server sent another part than was asked for.';
    case 'changed':
      return 'The Hub names another hash for the file than it listed.';
    default:
      return problem satisfies never;
  }
}

function errorOf(
  context: TransferContext,
  order: TransferOrder,
  problem: TransferProblem,
  answer: Answer | null,
): AppError {
  const { repoId, path } = order;
  const host = answer?.host ?? new URL(order.url).host;
  const about = { repoId, path };
  switch (problem.kind) {
    case 'network':
      return networkError(problem.cause, problem.host);
    case 'stalled': {
      const seconds = String(Math.round(problem.stallMs / 1000));
      const sentence = `Nothing came from ${host} for ${seconds} seconds, several times in a row.`;
      return new AppError('hub.offline', sentence, { host, cause: 'stalled' });
    }
    case 'status': {
      // Another host's refusal says nothing about the account at the Hub.
      if (problem.fromHub || problem.status === 429)
        return context.connection.errorFor(problem.status, answer?.response.headers ?? new Headers(), { repoId });
      const sentence = `${host} does not give the file (status ${String(problem.status)}).`;
      return new AppError('hub.bad_response', sentence, { ...about, status: problem.status });
    }
    case 'cut':
      return new AppError('hub.bad_response', `${host} ended the file too early, several times in a row.`, about);
    case 'wrong_length': {
      const expectation = { expectedBytes: order.sizeBytes, sentBytes: problem.lengthBytes };
      return new AppError('hub.bad_response', 'The Hub sends a file of another size than it lists.', {
        ...about,
        ...expectation,
      });
    }
    case 'wrong_range':
      return new AppError('hub.bad_response', `${host} sends another part of the file than was asked for.`, about);
    case 'changed':
      return new AppError(
        'hub.hash_mismatch',
        'The Hub now has another file under this name than it listed. Look at the model again.',
        about,
      );
    default:
      return problem satisfies never;
  }
}
