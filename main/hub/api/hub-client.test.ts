import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHubClient, type HubClientOptions } from './hub-client.ts';

const never = new AbortController().signal;
const TOKEN = 'hf_12345678';

interface Asked {
  readonly url: string;
  readonly authorization: string | null;
  readonly method: string | undefined;
  readonly body: unknown;
}

/** A client whose requests are answered by `answer`. */
function clientOf(answer: (url: string) => Response, options: Partial<HubClientOptions> = {}) {
  const asked: Asked[] = [];
  const client = createHubClient({
    endpoint: () => 'https://hub.example/hf',
    token: () => TOKEN,
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : input.toString();
      const authorization = new Headers(init?.headers).get('authorization');
      asked.push({ url, authorization, method: init?.method, body: init?.body });
      return Promise.resolve(answer(url));
    },
    offlineBy: null,
    now: () => 0,
    sleep: () => Promise.reject(new Error('nothing here is tried again')),
    ...options,
  });
  return { client, asked };
}
const to = (location: string, status = 302): Response => new Response(null, { status, headers: { location } });
/** Redirects from the first address to the second, from that to the third and so on; the last one answers. */
const chain =
  (...urls: readonly string[]) =>
  (url: string): Response => {
    const next = urls[urls.indexOf(url) + 1];
    return next === undefined ? new Response('here') : to(next);
  };

describe('a redirect', () => {
  it.each([
    ['to plain http at the Hub itself', 'http://hub.example/x', 'hub.bad_response'],
    ['to plain http at another host', 'http://other.example/x', 'network.portal'],
    ['to a file', 'file:///etc/passwd', 'hub.bad_response'],
    ['to data', 'data:text/plain,x', 'hub.bad_response'],
    ['to no address', 'http://[', 'hub.bad_response'],
  ])('%s is not followed', async (_what, location, code) => {
    const { client, asked } = clientOf((url) => (url === 'https://hub.example/hf/x' ? to(location) : new Response()));
    await expect(client.send('https://hub.example/hf/x', { signal: never })).rejects.toMatchObject({ code });
    expect(asked).toHaveLength(1);
  });

  it('to plain http is not followed from another host either', async () => {
    const { client, asked } = clientOf(
      chain('https://hub.example/x', 'https://cdn.example/x', 'http://cdn.example/x', 'https://cdn.example/y'),
    );
    await expect(client.send('https://hub.example/x', { signal: never })).rejects.toMatchObject({
      code: 'hub.bad_response',
    });
    expect(asked.map(({ url }) => url)).toEqual(['https://hub.example/x', 'https://cdn.example/x']);
  });

  it('takes the token to the Hub’s origin alone', async () => {
    const { client, asked } = clientOf(
      chain(
        'https://hub.example/a',
        'https://hub.example:8443/a',
        'https://hub.example.evil.example/a',
        'https://user@cdn.example/a',
        'https://hub.example/b',
      ),
    );
    const { fromHub, requests } = await client.send('https://hub.example/a', { signal: never });
    expect([fromHub, requests]).toEqual([true, 5]);
    const bearer = `Bearer ${TOKEN}`;
    expect(asked.map(({ authorization }) => authorization)).toEqual([bearer, null, null, null, bearer]);
  });

  it('from plain http to https is followed, and takes no token to the other origin', async () => {
    const { client, asked } = clientOf(chain('http://hub.example/a', 'https://hub.example/a'), {
      endpoint: () => 'http://hub.example',
    });
    await client.send('http://hub.example/a', { signal: never });
    expect(asked.map(({ authorization }) => authorization)).toEqual([`Bearer ${TOKEN}`, null]);
  });

  it.each([
    [8, null],
    [9, 'hub.bad_response'],
    [100, 'hub.bad_response'],
  ])('is followed %i times or not', async (hops, code) => {
    const urls = Array.from({ length: hops + 1 }, (_, index) => `https://hub.example/${index}`);
    const { client, asked } = clientOf(chain(...urls));
    const error = await client.send('https://hub.example/0', { signal: never }).then(
      () => ({ code: null }),
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code });
    expect(asked).toHaveLength(9);
  });

  it('of a POST keeps method and body, except for 303', async () => {
    for (const status of [307, 308, 303]) {
      const { client, asked } = clientOf((url) => (url.endsWith('/a') ? to('/b', status) : new Response('here')));
      await client.send('https://hub.example/a', { method: 'POST', body: '{}', signal: never });
      const [, second] = asked;
      expect([second?.method, second?.body]).toEqual(status === 303 ? ['GET', undefined] : ['POST', '{}']);
    }
    const { client, asked } = clientOf((url) => (url.endsWith('/a') ? to('/b', 303) : new Response(null)));
    await client.send('https://hub.example/a', { method: 'HEAD', signal: never });
    expect(asked[1]?.method).toBe('HEAD');
  });

  it('that names the file’s hash is the answer where nothing else is wanted, at the Hub alone', async () => {
    const named = (location: string): Response =>
      new Response(null, { status: 302, headers: { location, 'x-linked-etag': '"x"' } });
    const answer = (url: string): Response =>
      url === 'https://hub.example/a' ? named('https://cdn.example/a') : new Response('here');
    const stopping = clientOf(answer);
    const stopped = await stopping.client.send('https://hub.example/a', { signal: never, stopAtFile: true });
    expect([stopped.response.status, stopped.requests]).toEqual([302, 1]);
    const { client } = clientOf(answer);
    const followed = await client.send('https://hub.example/a', { signal: never });
    expect([followed.host, followed.fromHub, followed.hubHeaders.get('x-linked-etag')]).toEqual([
      'cdn.example',
      false,
      '"x"',
    ]);
  });
});

describe('the API', () => {
  it('sends the token to no other origin that a caller names', async () => {
    const { client, asked } = clientOf(() => Response.json({}, { headers: { 'x-request-id': '1' } }));
    const headers = { authorization: 'Bearer of somebody', 'x-own': '1' };
    await client.api({ repoId: null }, never)('https://evil.example/api/x?cursor=2', { headers });
    expect(asked).toMatchObject([{ url: 'https://hub.example/hf/api/x?cursor=2', authorization: `Bearer ${TOKEN}` }]);
    const nobody = clientOf(() => Response.json({}), { token: () => null });
    await nobody.client.api({ repoId: null }, never)('https://hub.example/hf/api/x', { headers });
    expect(nobody.asked).toMatchObject([{ authorization: null }]);
  });

  it.each([
    [32 * 1024 * 1024, null],
    [32 * 1024 * 1024 + 1, 'hub.bad_response'],
  ])('takes a body of %i bytes or refuses it', async (sizeBytes, code) => {
    const { client } = clientOf(() => new Response(new Uint8Array(sizeBytes)));
    const got = await client
      .api(
        { repoId: null },
        never,
      )('https://hub.example/hf/api/x')
      .then(
        async (response) => ({ code: null, sizeBytes: (await response.arrayBuffer()).byteLength }),
        (error: unknown) => error,
      );
    expect(got).toMatchObject(code === null ? { code, sizeBytes } : { code });
  });

  it('takes a Retry-After from any host, and what is said of accounts from the Hub alone', async () => {
    const elsewhere = (status: number, headers: Record<string, string>) => (url: string) =>
      url.startsWith('https://hub.example') ? to('https://cdn.example/x') : new Response(null, { status, headers });
    const ask = (answer: (url: string) => Response) =>
      clientOf(answer).client.api({ repoId: 'a/b' }, never)('https://hub.example/hf/x');
    for (const status of [401, 403])
      await expect(ask(elsewhere(status, { 'x-error-code': 'GatedRepo', 'x-request-id': '1' }))).rejects.toMatchObject({
        code: 'hub.bad_response',
        data: { status },
      });
    await expect(ask(elsewhere(429, { 'retry-after': '3600' }))).rejects.toMatchObject({
      code: 'hub.rate_limited',
      data: { retryAfterMs: 3_600_000 },
    });
    await expect(
      ask(() => new Response(null, { status: 429, headers: { ratelimit: '"api";r=0;t=240' } })),
    ).rejects.toMatchObject({
      data: { retryAfterMs: 240_000 },
    });
  });
});

it('offline, nothing is asked', async () => {
  const { client, asked } = clientOf(() => new Response(), { offlineBy: 'HF_HUB_OFFLINE' });
  await expect(client.send('https://hub.example/x', { signal: never })).rejects.toMatchObject({
    code: 'hub.offline',
    data: { cause: 'offline_mode', variable: 'HF_HUB_OFFLINE' },
  });
  expect(asked).toEqual([]);
});

describe('the body of an answer', () => {
  /** A client that gets an answer at once, and its body from the returned controller. */
  function slowly() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const begun = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
    const { client } = clientOf(() => new Response(), {
      fetch: (_input, init) =>
        Promise.resolve(
          new Response(
            new ReadableStream<Uint8Array>({
              start(controller) {
                init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
                begun.resolve(controller);
              },
            }),
          ),
        ),
    });
    return { begun: begun.promise, answer: client.api({ repoId: null }, never)('https://hub.example/hf/api/models') };
  }

  it('may take longer than the answer may take to begin', async () => {
    const { begun, answer } = slowly();
    const body = await begun;
    await vi.advanceTimersByTimeAsync(29_000);
    body.enqueue(new TextEncoder().encode('[]'));
    body.close();
    expect(await (await answer).text()).toBe('[]');
  });

  it('is not waited for longer than 30 seconds', async () => {
    const { begun, answer } = slowly();
    const failed = expect(answer).rejects.toThrow('nothing here is tried again');
    await begun;
    await vi.advanceTimersByTimeAsync(30_000);
    await failed;
  });
});
