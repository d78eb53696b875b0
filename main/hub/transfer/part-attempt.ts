/** One request for a part of a file, from the asking to the last byte of the body, and what its connections share. */
import { AppError } from '../../../preload/wire/errors.ts';
import { missingRanges, type ByteRange } from './byte-ranges.ts';
import type { createConnectionCount } from './connection-count.ts';
import { judgeAnswer, parseRetryAfter, type TransferAnswer, type TransferProblem } from './transfer-state.ts';
import { causeOf, type Answer } from '../api/connection.ts';
import type { PartWriter } from './part-writer.ts';
import type { TransferContext, TransferOrder, TransferProgress } from './order.ts';

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

export interface Part extends ByteRange {
  /** Failed attempts in a row without progress. */
  readonly failures: number;
}

/** One connection and what it is at. */
export interface Lane {
  part: Part;
  /** Everything of the part before this was received. */
  atBytes: number;
  isReceiving: boolean;
  readonly writer: PartWriter;
}

/** What came of one request. */
export type Outcome =
  | { readonly kind: 'done' }
  /** To be asked for again at once: the address that the Hub gave has expired. */
  | { readonly kind: 'again' }
  | { readonly kind: 'restart' }
  | { readonly kind: 'problem'; readonly problem: TransferProblem; readonly answer: Answer | null };

/** What the connections of one pass over a file share. */
export interface Pass {
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

/** One request and its body. Everything taken is written when it answers. Throws what the sink throws, and errors that no attempt will better. */
export async function attempt(
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
