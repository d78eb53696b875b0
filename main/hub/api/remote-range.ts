/** Reads bytes of a file at the Hub by a range request. */
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { API_BODY_MS, causeOf, networkError, type HubClient } from './hub-client.ts';
import type { Deadline } from './metadata-retry.ts';

export interface RemoteRange {
  readonly bytes: Uint8Array;
  readonly fileBytes: number;
  readonly commit: string | null;
  /** The redirect target, for the next range: it needs neither the Hub nor the token again. */
  readonly directUrl: string | null;
}

export interface RangeOptions {
  readonly signal: AbortSignal;
  /** Called with the number of HTTP requests, redirects included. */
  readonly onRequests?: (count: number) => void;
  readonly onBytes?: (count: number) => void;
}

/** The place of a file: `url` is its address at the Hub, or the redirect target of an earlier range. */
export interface RangePlace {
  readonly repoId: string;
  readonly path: string;
  readonly url: string;
}

/**
 * The bytes from `start` to `end` (exclusive); fewer where the file ends earlier. Throws hub.*, and model.corrupt (`reason: 'changed'`)
 * where the file ends before `start` or before what its size says.
 */
export function readRange(
  client: HubClient,
  place: RangePlace,
  start: number,
  end: number,
  options: RangeOptions,
): Promise<RemoteRange> {
  return client.retried(options.signal, (deadline) => askForRange(client, place, start, end, options, deadline));
}

async function askForRange(
  client: HubClient,
  { repoId, path, url }: RangePlace,
  start: number,
  end: number,
  { signal, onRequests = () => {}, onBytes = () => {} }: RangeOptions,
  deadline: Deadline,
): Promise<RemoteRange> {
  const headers = { range: `bytes=${String(start)}-${String(end - 1)}`, 'accept-encoding': 'identity' };
  const answer = await client.send(url, { headers, signal, timeout: deadline.signal });
  deadline.begun(API_BODY_MS);
  onRequests(answer.requests);
  const { response } = answer;
  if (response.status !== 206 && response.status !== 200) {
    await response.body?.cancel();
    if (response.status === 416) throw changedFile(path);
    throw client.errorFor(response.status, response.headers, { repoId }, answer.fromHub);
  }
  const size = sizeOf(response, start);
  if (size === null) {
    await response.body?.cancel();
    throw new AppError('hub.bad_response', 'The Hub does not say how large this file is.', { repoId, path });
  }
  // A server without range support sends the file from its beginning.
  const skipped = isRange(response) ? 0 : start;
  const wanted = Math.min(end, size) - start;
  try {
    const all = await readSome(response, skipped + wanted, onBytes);
    if (all.byteLength !== skipped + wanted) throw changedFile(path);
    return {
      bytes: all.subarray(skipped),
      fileBytes: size,
      commit: answer.hubHeaders.get('x-repo-commit'),
      directUrl: answer.fromHub ? null : answer.url,
    };
  } catch (error) {
    if (isAppError(error)) throw error;
    signal.throwIfAborted();
    throw networkError(deadline.signal.aborted ? 'ETIMEDOUT' : causeOf(error), answer.host);
  }
}

/** Whether the body is a range. Some mirrors send ranges with status 200: then only Content-Range tells. */
function isRange({ status, headers }: Response): boolean {
  return status === 206 || headers.has('content-range');
}

/** The file's size from the response to a range that begins at `start`; null when it is missing, or the range is another one. */
function sizeOf(response: Response, start: number): number | null {
  const length = response.headers.get('content-length');
  if (!isRange(response)) return length !== null && /^\d+$/.test(length) ? Number(length) : null;
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return range !== null && Number(range[1]) === start ? Number(range[2]) : null;
}

/** The first `wanted` bytes of a body; the rest is cancelled. */
async function readSome(response: Response, wanted: number, onBytes: (count: number) => void): Promise<Uint8Array> {
  const bytes = new Uint8Array(wanted);
  let filled = 0;
  const body = response.body as ReadableStream<Uint8Array> | null;
  // Leaving the loop cancels the body.
  for await (const chunk of body ?? []) {
    onBytes(chunk.byteLength);
    const used = chunk.subarray(0, wanted - filled);
    bytes.set(used, filled);
    filled += used.byteLength;
    if (filled === wanted) break;
  }
  return bytes.subarray(0, filled);
}

export function changedFile(path: string): AppError {
  return new AppError('model.corrupt', 'This file is shorter than its header says, or changed while it was read.', {
    reason: 'changed',
    field: path,
  });
}
