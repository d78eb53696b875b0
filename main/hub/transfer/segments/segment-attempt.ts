/** One request for a segment of a file, from its headers to the last byte of its body. */
import { AppError } from '../../../../preload/wire/errors.ts';
import { releaseBuffer } from '../../../base/release-buffer.ts';
import { causeOf, type Answer } from '../../api/hub-client.ts';
import { missingRanges } from '../byte-ranges.ts';
import type { TransferContext, TransferOrder } from '../order.ts';
import { judgeAnswer, parseRetryAfter, type TransferAnswer, type TransferProblem } from '../transfer-state.ts';
import { emptySegment, type Connection, type Pass, type SegmentSink } from './pass.ts';

/** The result of one request. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Ask again at once: the redirect target that the Hub gave has expired. */
  | { readonly kind: 'again' }
  /** The server holds another version of the file: begin again from nothing. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'problem'; readonly problem: TransferProblem; readonly answer: Answer | null };

/**
 * Sends one request and writes its body. Received bytes are written before it resolves, however the request ended. Throws what the sink
 * throws, and errors that another attempt cannot mend.
 */
export async function attempt(
  context: TransferContext,
  order: TransferOrder,
  sink: SegmentSink,
  pass: Pass,
  connection: Connection,
  signal: AbortSignal,
  own: { receivedBytes: number },
): Promise<Outcome> {
  const { sizeBytes } = order;
  const plan = { sizeBytes, hash: order.hash.hex };
  const asked = connection.segment;
  const stalled = new AbortController();
  let isListening = true;
  // Fires after `stallMs` without data: before the response, and between any two chunks of its body.
  const watch = setTimeout(() => {
    if (isListening) stalled.abort();
    else watch.refresh();
  }, context.stallMs);
  const direct = pass.direct;
  const url = direct ?? order.url;
  const host = new URL(url).host;
  const problemOf = (error: unknown): Outcome => {
    signal.throwIfAborted();
    if (stalled.signal.aborted)
      return { kind: 'problem', problem: { kind: 'stalled', stallMs: context.stallMs }, answer: null };
    if (error instanceof AppError) {
      const { reason } = error.data;
      if (error.code === 'network.proxy' && (reason === 'no_answer' || reason === 'unreachable'))
        return { kind: 'problem', problem: { kind: 'proxy', error }, answer: null };
      if (error.code !== 'hub.offline' || error.data['cause'] === 'offline_mode') throw error;
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
    const isPlain = pass.asksPlainly || (asked.start === 0 && asked.end === sizeBytes);
    let answer: Answer;
    try {
      answer = await context.client.send(url, {
        headers: {
          // A compressed body would have another length than the file.
          'accept-encoding': 'identity',
          ...(isPlain ? {} : { range: `bytes=${String(asked.start)}-${String(asked.end - 1)}` }),
        },
        signal: AbortSignal.any([signal, stalled.signal]),
      });
    } catch (error) {
      return problemOf(error);
    }
    watch.refresh();
    body = answer.response.body?.getReader();
    const facts = describe(answer, context.clock.now());
    const known = { entityTag: sink.entityTag, restarted: pass.restarted, isPlain };
    const judgement = judgeAnswer(plan, asked, known, facts);
    if (judgement.act === 'restart') return { kind: 'restart' };
    if (judgement.act === 'ask_plainly') {
      pass.asksPlainly = true;
      return { kind: 'again' };
    }
    if (judgement.act === 'fail') {
      const { problem } = judgement;
      // The redirect target of an earlier segment has expired: the Hub gives a new one.
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
    const isRangeless = judgement.act === 'receive_whole' && (asked.start > 0 || asked.end < sizeBytes);
    if (isRangeless) {
      if (!pass.isRangeless)
        order.log('The server does not support range requests: the file is fetched over one connection.');
      pass.isRangeless = true;
      // Every other connection would fetch the whole file as well: only the first one goes on.
      if (pass.wholeFileConnection !== null) {
        pass.returned.push(asked);
        connection.segment = emptySegment;
        return { kind: 'done' };
      }
      pass.wholeFileConnection = connection;
      connection.segment = { ...asked, end: sizeBytes };
    }
    const endBytes = isRangeless ? sizeBytes : asked.end;

    const fromByte = judgement.act === 'receive_whole' ? 0 : judgement.fromByte;
    let at = fromByte;
    while (at < endBytes) {
      isListening = true;
      watch.refresh();
      let chunkRead: { readonly value?: Uint8Array | undefined } | undefined;
      try {
        chunkRead = await body?.read();
      } catch (error) {
        return problemOf(error);
      }
      isListening = false;
      if (chunkRead?.value === undefined) {
        signal.throwIfAborted();
        // The body may have been the requested range, with status 200 and without a length.
        pass.asksPlainly ||= isRangeless;
        return { kind: 'problem', problem: { kind: 'cut' }, answer };
      }
      // A body that is longer than the segment is cut at the segment's end.
      const chunk = chunkRead.value.subarray(0, endBytes - at);
      await context.bucket.take(chunk.byteLength, signal);
      if (isRangeless) {
        for (const gap of missingRanges(sink.done, { start: at, end: at + chunk.byteLength })) {
          await connection.writer.add(gap.start, chunk.subarray(gap.start - at, gap.end - at));
          own.receivedBytes += gap.end - gap.start;
          pass.receivedBytes += gap.end - gap.start;
        }
      } else {
        await connection.writer.add(at, chunk);
        own.receivedBytes += chunk.byteLength;
        pass.receivedBytes += chunk.byteLength;
      }
      at += chunk.byteLength;
      connection.atBytes = Math.max(connection.atBytes, at);
      releaseBuffer(chunkRead.value);
    }
    // The socket can be reused only when the body was read to its end.
    if (facts.contentLength === endBytes - fromByte) {
      isListening = true;
      const rest = await body?.read().catch(() => undefined);
      if (rest?.done === true) body = undefined;
    }
    return { kind: 'done' };
  } finally {
    clearTimeout(watch);
    if (pass.wholeFileConnection === connection) pass.wholeFileConnection = null;
    await body?.cancel().catch(() => {});
    await connection.writer.flush();
  }
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
