/**
 * Requests of one connection are answered one after another. HTTP/1.1 allows a caller to send them ahead of the answers (pipelining), and
 * Node hands them over as fast as they come: a thousand of them would be a thousand answers in memory that nobody reads.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';

/** Browsers and HTTP libraries send no request ahead. The rest is room for tools that send a few. */
export const MAX_WAITING = 16;
/** An answer of which nothing is taken for so long is read by nobody. */
const UNREAD_MS = 60_000;

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Runs `answer`, which never rejects, for each request once the answer before it on its connection was sent. A connection with more than
 * `MAX_WAITING` requests in line is cut, as is one whose caller takes nothing of an answer for a minute.
 */
export function answerInTurn(answer: Answer, unreadMs = UNREAD_MS): Answer {
  const lines = new WeakMap<Socket, { waiting: number; last: Promise<void> }>();

  async function answerNow(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    if (socket.destroyed) return;
    // Counted from the last byte that came or went. A call that has no answer yet may take its time.
    response.setTimeout(unreadMs, () => response.headersSent && !response.writableFinished && socket.destroy());
    await answer(request, response);
    if (!response.writableFinished) await finished(response).catch(() => {});
  }

  return async (request, response) => {
    const { socket } = request;
    const line = lines.get(socket) ?? { waiting: 0, last: Promise.resolve() };
    lines.set(socket, line);
    if (line.waiting >= MAX_WAITING) return void socket.destroy();
    line.waiting++;
    line.last = line.last.then(() => answerNow(request, response)).finally(() => line.waiting--);
    await line.last;
  };
}
