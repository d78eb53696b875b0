/** The body of a request, within a size and a time. */
import type { IncomingMessage } from 'node:http';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { gatherBytes } from '../base/gathered-bytes.ts';

/** The largest body takes a minute over a connection of two megabits per second. */
const BODY_LIMIT_MS = 120_000;

/** The body as UTF-8 text; `onBytes` may refuse what comes. @throws AppError `invalid_input` for one of more than `maxBytes`; what `onBytes` throws. */
export async function readText(
  request: AsyncIterable<unknown>,
  maxBytes: number,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const gathered = gatherBytes();
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (gathered.size() + chunk.length > maxBytes)
      throw new AppError('invalid_input', 'The body is too large.', { maxBytes });
    onBytes?.(chunk.length);
    gathered.add(chunk);
  }
  return gathered.bytes().toString('utf8');
}

/** Waits for a body that is being read, and cuts the connection when it is not there in time. @throws as `unlessGone` words it. */
export async function withinBodyLimit<T>(request: IncomingMessage, body: Promise<T>): Promise<T> {
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), BODY_LIMIT_MS);
  try {
    return await body;
  } catch (error) {
    throw unlessGone(request, error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `cancelled` in place of what reading a body throws when its caller is gone: that is no defect. A refusal stays what it is, although it
 * ends the reading as well.
 */
export const unlessGone = (request: IncomingMessage, error: unknown): unknown =>
  request.errored === null || isAppError(error)
    ? error
    : new AppError('cancelled', 'The connection was closed before the body was there.');
