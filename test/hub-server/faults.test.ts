import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { generatedContent, wholeContent } from './content.ts';
import { startHub, type Fault, type Hub } from './hub-server.ts';

const SIZE = 600_000;
const weights = generatedContent(SIZE, 5);
let hub: Hub;
const start = async (...faults: Fault[]): Promise<Hub> =>
  (hub = await startHub({ repos: [{ id: 'a/b', files: { 'w.gguf': weights, 's.txt': 'small' } }], faults }));
afterEach(() => hub.close());

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bytes: Buffer;
  /** `end`, or the error code of a broken connection. */
  readonly ending: string;
  readonly elapsedMs: number;
}

/**
 * A GET that keeps the bytes received before a break, unlike `fetch`. It gives up a while after `enoughBytes` arrived.
 */
function take(address: string, headers: Record<string, string> = {}, enoughBytes = Infinity): Promise<Answer> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let status = 0;
    let receivedBytes = 0;
    let received: Answer['headers'] = {};
    const done = (ending: string): void =>
      resolve({
        status,
        headers: received,
        bytes: Buffer.concat(parts),
        ending,
        elapsedMs: performance.now() - startedAt,
      });
    const request = httpRequest(address, { headers, agent: false }, (response) => {
      status = response.statusCode ?? 0;
      received = response.headers;
      response.on('data', (part: Buffer) => {
        parts.push(part);
        receivedBytes += part.byteLength;
        if (receivedBytes >= enoughBytes) setTimeout(() => done('gave up'), 150).unref();
      });
      response.on('end', () => done('end'));
      response.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'));
    });
    request.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'error'));
    request.end();
  });
}

const resolveUrl = (): string => `${hub.url}/a/b/resolve/main/w.gguf`;
const locate = async (): Promise<string> => String((await take(resolveUrl())).headers['location']);

describe('faults', () => {
  it('cuts after the given number of bytes, once', async () => {
    await start({ at: 'cdn', kind: 'cut', afterBytes: 100_000, count: 1 });
    const location = await locate();
    const cut = await take(location);
    expect([cut.status, cut.bytes.byteLength, cut.ending]).toEqual([200, 100_000, 'ECONNRESET']);
    const rest = await take(location, { Range: 'bytes=100000-' });
    expect(Buffer.concat([cut.bytes, rest.bytes])).toEqual(await wholeContent(weights));
    expect(
      hub.requests.filter(({ level }) => level === 'cdn').map(({ bytesSent, outcome }) => [bytesSent, outcome]),
    ).toEqual([
      [100_000, 'cut'],
      [500_000, 'complete'],
    ]);
  });

  it('resets before any header', async () => {
    await start({ at: 'resolve', kind: 'reset' });
    const answer = await take(resolveUrl());
    expect([answer.status, answer.ending]).toEqual([0, 'ECONNRESET']);
  });

  it('stalls, and can still be closed', async () => {
    await start({ at: 'cdn', kind: 'stall', afterBytes: 1000 });
    const answer = await take(await locate(), {}, 1000);
    expect([answer.bytes.byteLength, answer.ending]).toEqual([1000, 'gave up']);
  });

  it('answers a status with Retry-After, for matching paths and after skipped requests', async () => {
    await start(
      { at: 'api', kind: 'status', status: 429, retryAfterSeconds: 7, path: 'api/models/a/b/**', skip: 1, count: 1 },
      { at: 'cdn', kind: 'status', status: 503, path: 'a/b/*.gguf' },
    );
    expect((await take(`${hub.url}/api/models`)).status).toBe(200);
    const statuses: number[] = [];
    for (let index = 0; index < 3; index++) statuses.push((await take(`${hub.url}/api/models/a/b/tree/main`)).status);
    expect(statuses).toEqual([200, 429, 200]);
    expect((await take(await locate())).status).toBe(503);
    const handle = hub.setFault({ at: 'api', kind: 'status', status: 429, retryAfterSeconds: 7 });
    const limited = await take(`${hub.url}/api/models`);
    expect([limited.headers['retry-after'], limited.headers['ratelimit']]).toEqual(['7', '"api";r=0;t=7']);
    expect(handle.hits).toBe(1);
    handle.remove();
    expect((await take(`${hub.url}/api/models`)).status).toBe(200);
  });

  it('ignores a range, or answers another one', async () => {
    await start(
      { at: 'cdn', kind: 'ignoreRange', count: 1 },
      { at: 'cdn', kind: 'wrongRange', shiftBytes: 3, skip: 1 },
    );
    const location = await locate();
    const whole = await take(location, { Range: 'bytes=5-9' });
    expect([whole.status, whole.bytes.byteLength]).toEqual([200, SIZE]);
    const shifted = await take(location, { Range: 'bytes=5-9' });
    expect([shifted.status, shifted.headers['content-range']]).toEqual([206, `bytes 8-12/${String(SIZE)}`]);
    expect(shifted.bytes).toEqual((await wholeContent(weights)).subarray(8, 13));
  });

  it('sends too little and too much without HTTP noticing', async () => {
    await start(
      { at: 'cdn', kind: 'shortBody', missingBytes: 10, count: 1 },
      { at: 'cdn', kind: 'longBody', extraBytes: 10, skip: 1 },
    );
    const location = await locate();
    const answers = [await take(location), await take(location)];
    expect(answers.map(({ bytes, ending, headers }) => [bytes.byteLength, ending, headers['content-length']])).toEqual([
      [SIZE - 10, 'end', undefined],
      [SIZE + 10, 'end', undefined],
    ]);
  });

  it('corrupts one byte of the file, in whichever range it is sent', async () => {
    await start({ at: 'cdn', kind: 'corruptByte', offset: 300_000 });
    const right = await wholeContent(weights);
    const location = await locate();
    const differences = (bytes: Buffer, from: number): number[] =>
      [...bytes.keys()].filter((index) => bytes[index] !== right[index + from]);
    expect(differences((await take(location)).bytes, 0)).toEqual([300_000]);
    expect(differences((await take(location, { Range: 'bytes=299990-300010' })).bytes, 299_990)).toEqual([10]);
    hub.clearFaults();
    expect((await take(location)).bytes.equals(right)).toBe(true);
  });

  it('changes ETags and hands out expired addresses', async () => {
    await start(
      { at: 'resolve', kind: 'changedEtag', count: 1 },
      { at: 'resolve', kind: 'expiredRedirect', count: 1 },
      { at: 'cdn', kind: 'changedEtag', etag: 'new', skip: 1 },
    );
    const first = await take(resolveUrl());
    expect(first.headers['x-linked-etag']).toBe(`"${'f'.repeat(64)}"`);
    expect((await take(String(first.headers['location']))).status).toBe(403);
    const second = await take(resolveUrl());
    expect(second.headers['x-linked-etag']).not.toBe(first.headers['x-linked-etag']);
    expect((await take(String(second.headers['location']))).headers['etag']).toBe('"new"');
  });

  it('withdraws access midway', async () => {
    await start({ at: 'cdn', kind: 'unauthorizedMidway', afterBytes: 5000 });
    const location = await locate();
    expect((await take(location)).bytes.byteLength).toBe(5000);
    expect((await take(location, { Range: 'bytes=5000-' })).status).toBe(403);
  });

  it('delays and slows down', async () => {
    await start({ at: 'resolve', kind: 'delay', ms: 80 }, { at: 'cdn', kind: 'rate', bytesPerSecond: 4_000_000 });
    const redirect = await take(resolveUrl());
    expect(redirect.elapsedMs).toBeGreaterThan(75);
    const slow = await take(String(redirect.headers['location']));
    expect(slow.bytes.byteLength).toBe(SIZE);
    expect(slow.elapsedMs).toBeGreaterThan(120);
  });

  it('records a client that disconnects, and a token sent to the CDN', async () => {
    await start({ at: 'cdn', kind: 'rate', bytesPerSecond: 100_000 });
    const location = await locate();
    const abort = new AbortController();
    const response = await fetch(location, { signal: abort.signal });
    await response.body?.getReader().read();
    abort.abort();
    await expect.poll(() => hub.requests.at(-1)?.outcome).toBe('client_gone');
    expect((await take(location, { Authorization: 'Bearer hf_x' })).status).toBe(400);
    expect(hub.requests.at(-1)).toMatchObject({
      level: 'cdn',
      subject: 'a/b/w.gguf',
      status: 400,
      headers: { authorization: 'Bearer hf_x' },
    });
  });
});
