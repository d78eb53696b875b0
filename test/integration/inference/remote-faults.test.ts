import { readFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import zlib from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OpenModel, OpenOrder } from '../../../main/inference/inference.ts';
import type { RemoteOptions } from '../../../main/inference/remote.ts';
import {
  delta,
  eventsOf,
  json,
  raw,
  said,
  startOpenAiServer,
  stream,
  type OpenAiServer,
} from '../../support/openai-server.ts';
import { allOf, asks, input, remoteSetup, server, whole } from '../../support/remote-setup.ts';

const CHAT = '/v1/chat/completions';

async function opened(
  options: Partial<RemoteOptions> = {},
  order: OpenOrder = {},
): Promise<{ model: OpenModel; remote: OpenAiServer }> {
  const remote = await server('vllm');
  const { providers } = remoteSetup(options);
  providers.save(input(remote.url));
  const [first] = await providers.list();
  return { model: await (await providers.find(first?.modelId ?? '')).open(order), remote };
}
const never = (): AbortSignal => new AbortController().signal;
const failing = async (model: OpenModel): Promise<unknown> => {
  try {
    return await whole(model.generate(asks('?'), never()));
  } catch (error) {
    return error;
  }
};

it.each([`{"error":${'['.repeat(9000)}"x"${']'.repeat(9000)}}`, `${'{"error":'.repeat(9000)}"x"${'}'.repeat(9000)}`])(
  'reads a refusal as deep as a stack no further than any server writes one',
  async (body) => {
    const { model, remote } = await opened();
    remote.next(CHAT, raw([body], 'application/json', 400));
    expect(await failing(model)).toMatchObject({ code: 'invalid_input' });
    remote.next(CHAT, raw([`data: ${body}\n\n`]));
    expect(await failing(model)).toMatchObject({ code: 'remote.bad_response' });
  },
);

it('says so where a server changes the protocol', async () => {
  const { model, remote } = await opened();
  remote.next(CHAT, (_request, { socket }) => {
    socket?.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  });
  expect(await failing(model)).toMatchObject({ code: 'remote.unreachable' });
});

it('stops a reply that came whole and is unpacked for minutes', async () => {
  const { model, remote } = await opened();
  remote.next(CHAT, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'GZIP' });
    response.end(zlib.gzipSync(`data: ${JSON.stringify(delta({ content: 'x' }))}\n\n`.repeat(1_000_000)));
  });
  const stop = new AbortController();
  let count = 0;
  for await (const event of model.generate(asks('?'), stop.signal)) {
    count++;
    if (event.type !== 'text' || count !== 1000) continue;
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop.abort();
  }
  expect(count).toBeLessThan(20_000);
});

describe('a broken reply', () => {
  const hello = `data: ${JSON.stringify(delta({ content: 'Hello' }))}\n\n`;

  it.each([
    ['ends before it is complete', raw([hello]), 'remote.unreachable', { reason: 'cut', cause: 'incomplete' }],
    ['is empty', raw([]), 'remote.unreachable', { reason: 'cut', cause: 'empty' }],
    [
      'tells an error in the middle',
      raw([hello, 'data: {"error":{"message":"CUDA out of memory","code":500}}\n\n']),
      'remote.bad_response',
      { reason: 'said', detail: 'CUDA out of memory' },
    ],
    [
      'tells an error as text',
      raw([hello, 'event: error\ndata: overloaded\n\n']),
      'remote.bad_response',
      { reason: 'said', detail: 'overloaded' },
    ],
    [
      'tells an error as a string',
      raw([hello, 'data: {"error":"worker died"}\n\n']),
      'remote.bad_response',
      { reason: 'said', detail: 'worker died' },
    ],
    ['is no JSON', raw([hello, 'data: {"choices": [\n\n']), 'remote.bad_response', { reason: 'unreadable' }],
    ['is a page', raw(['<!DOCTYPE html><html></html>'], 'text/html'), 'remote.bad_response', { reason: 'page' }],
    [
      'has too many lists',
      raw([`data: ${'['.repeat(30_000)}${']'.repeat(30_000)}\n\n`]),
      'remote.bad_response',
      { reason: 'unreadable' },
    ],
  ])('%s', async (_what, answer, code, data) => {
    const { model, remote } = await opened();
    remote.next(CHAT, answer);
    expect(await failing(model)).toMatchObject({ code, data: { server: 'Test', ...data } });
  });

  it('breaks off with the connection', async () => {
    const { model, remote } = await opened();
    remote.next(CHAT, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(hello, () => response.destroy());
    });
    expect(await failing(model)).toMatchObject({ code: 'remote.unreachable', data: { reason: 'cut' } });
  });

  it('is complete without its last mark, without a count, and with comments in it', async () => {
    const { model, remote } = await opened();
    remote.next(
      CHAT,
      raw([': keep-alive\n\n', hello, ': keep-alive\n\n', `data: ${JSON.stringify(delta({}, 'stop'))}\n\n`]),
    );
    expect(await failing(model)).toMatchObject({ content: 'Hello', result: { endReason: 'end_of_turn' } });
  });

  it('may have fields of any type without that being a defect', async () => {
    const { model, remote } = await opened();
    const odd = [
      {},
      { choices: null },
      { choices: [null, 7] },
      { choices: [{ delta: null }] },
      { choices: [{ delta: { content: 7, tool_calls: 'x', reasoning: {} } }] },
      {
        choices: [{ delta: { tool_calls: [null, 3, { index: -1, function: [] }] }, logprobs: { content: [1, null] } }],
      },
      { usage: { prompt_tokens: -4, completion_tokens: 1e300 } },
      { usage: 'many', timings: [] },
      delta({ content: 'ok' }, 'stop'),
    ];
    remote.next(CHAT, stream(odd));
    expect(await failing(model)).toMatchObject({ content: 'ok', result: { promptTokens: 0, uncounted: true } });
  });

  it('ends where it is far too long', async () => {
    const { model, remote } = await opened({ limits: { eventBytes: 1000, streamBytes: 5000 } });
    remote.next(CHAT, stream([delta({ content: 'x'.repeat(2000) })]));
    expect(await failing(model)).toMatchObject({ code: 'remote.bad_response', data: { reason: 'too_long' } });
    remote.next(CHAT, stream(Array.from({ length: 100 }, () => delta({ content: 'x'.repeat(100) }))));
    expect(await failing(model)).toMatchObject({ code: 'remote.bad_response', data: { reason: 'too_long' } });
  });

  it('is not waited for without end, neither its beginning nor what follows', async () => {
    const { model, remote } = await opened({ limits: { headersMs: 60, silenceMs: 60 } });
    remote.next(CHAT, () => {});
    expect(await failing(model)).toMatchObject({
      code: 'remote.unreachable',
      data: { reason: 'no_answer', limitMs: 60 },
    });
    remote.next(CHAT, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(hello);
    });
    expect(await failing(model)).toMatchObject({ code: 'remote.unreachable', data: { reason: 'silent', limitMs: 60 } });
  });

  it('is not silent while its reader is slow', async () => {
    const { model, remote } = await opened({ limits: { silenceMs: 50 } });
    remote.next(CHAT, raw(eventsOf([...Array.from({ length: 4 }, () => delta({ content: 'a' })), delta({}, 'stop')])));
    const texts: string[] = [];
    for await (const event of model.generate(asks('?'), never())) {
      if (event.type !== 'text') continue;
      texts.push(event.content);
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    expect(texts.join('')).toBe('aaaa');
  });
});

describe('a refusal', () => {
  it.each([
    [401, { error: { message: 'Invalid key' } }, 'unauthorized', { reason: 'remote_no_key', detail: 'Invalid key' }],
    [
      404,
      { error: { message: 'The model `x` does not exist.' } },
      'model.missing',
      { reason: 'remote', model: 'Qwen/Qwen3-8B' },
    ],
    [400, { message: 'bad' }, 'invalid_input', { reason: 'remote', status: 400, detail: 'bad' }],
    [
      422,
      { detail: [{ loc: ['body', 'seed'], msg: 'too large' }] },
      'invalid_input',
      { detail: 'body.seed: too large' },
    ],
    [500, { error: 'boom' }, 'remote.bad_response', { reason: 'status', status: 500, detail: 'boom' }],
    [502, '<html>Bad gateway</html>', 'remote.bad_response', { reason: 'page', status: 502 }],
  ] as const)('of status %i is told with what the server says', async (status, body, code, data) => {
    const { model, remote } = await opened();
    remote.always(CHAT, typeof body === 'string' ? raw([body], 'text/html', status) : json(body, status));
    const error = await failing(model);
    expect(error).toMatchObject({ code, data });
  });

  it('of the form of llama-server tells the sizes', async () => {
    const { model, remote } = await opened();
    remote.always(
      CHAT,
      json(
        {
          error: {
            code: 400,
            message: 'the request exceeds the available context size',
            type: 'exceed_context_size_error',
            n_prompt_tokens: 900,
            n_ctx: 512,
          },
        },
        400,
      ),
    );
    expect(await failing(model)).toMatchObject({
      code: 'engine.context_full',
      data: { neededTokens: 900, contextSize: 512 },
    });
  });

  it('does not repeat the key that it quotes, nor what controls a terminal', async () => {
    const key = 'my-very-own-key-1234';
    const remote = await server('vllm', { key: 'another' });
    const { providers } = remoteSetup();
    providers.save(input(remote.url));
    providers.setKey('test', key);
    const error = (await providers.find('remote--test/x').catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'unauthorized', data: { reason: 'remote_key' } });
    expect(JSON.stringify([error.message, error])).not.toContain(key);
    const { model, remote: other } = await opened();
    other.always(CHAT, json({ error: { message: 'a\u001b[31mb\u202ec\nd' } }, 400));
    expect(await failing(model)).toMatchObject({ data: { detail: 'a\ufffd[31mb\ufffdc d' } });
  });

  it('for want of room is waited for, told, and tried again at most three times', async () => {
    const { model, remote } = await opened({ limits: { waitMs: 2000 } });
    remote.next(CHAT, json({ error: 'Loading model' }, 503, { 'retry-after': '0' }));
    remote.next(CHAT, json({ error: 'slow down' }, 429, { 'retry-after': new Date(Date.now() - 1000).toUTCString() }));
    const reply = await whole(model.generate(asks('?'), never()));
    expect(reply.content).toBe('Hello there.');
    expect(reply.events.slice(0, 2)).toEqual([
      { type: 'queued', ahead: 0, waitMs: 0 },
      { type: 'queued', ahead: 0, waitMs: 0 },
    ]);
    const before = remote.bodies(CHAT).length;
    remote.always(CHAT, json({ error: 'slow down' }, 429, { 'retry-after': '0' }));
    expect(await failing(model)).toMatchObject({
      code: 'busy',
      data: { reason: 'remote_busy', retryAfterMs: 0, detail: 'slow down' },
    });
    expect(remote.bodies(CHAT)).toHaveLength(before + 4);
  });

  it('that asks for a long wait is told at once', async () => {
    const { model, remote } = await opened();
    remote.always(CHAT, json({}, 429, { 'retry-after': '3600' }));
    expect(await failing(model)).toMatchObject({ code: 'busy', data: { retryAfterMs: 3_600_000 } });
    expect(remote.bodies(CHAT)).toHaveLength(1);
  });

  it('for want of room can be stopped while it is waited for', async () => {
    const { model, remote } = await opened();
    remote.always(CHAT, json({}, 503, { 'retry-after': '30' }));
    const stop = new AbortController();
    const events: unknown[] = [];
    for await (const event of model.generate(asks('?'), stop.signal)) {
      events.push(event);
      if (event.type === 'queued') stop.abort();
    }
    expect(events).toMatchObject([
      { type: 'queued', waitMs: 30_000 },
      { type: 'end', result: { endReason: 'stopped' } },
    ]);
  });
});

describe('a stop', () => {
  it('closes the connection at once, and the reply ends with what was written', async () => {
    const { model, remote } = await opened();
    remote.next(CHAT, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(delta({ content: 'Hello' }))}\n\n`);
    });
    const stop = new AbortController();
    const events: unknown[] = [];
    for await (const event of model.generate(asks('?'), stop.signal)) {
      events.push(event);
      if (event.type === 'text') stop.abort();
    }
    expect(events.at(-1)).toMatchObject({ type: 'end', result: { endReason: 'stopped', uncounted: true } });
    await remote.seen.at(-1)?.hungUp;
  });

  it('also ends a reply that has not begun', async () => {
    const { model, remote } = await opened();
    const stop = new AbortController();
    remote.next(CHAT, () => stop.abort());
    const events = await allOf(model.generate(asks('?'), stop.signal));
    expect(events).toMatchObject([{ type: 'end', result: { endReason: 'stopped' } }]);
    await remote.seen.at(-1)?.hungUp;
  });

  it('is also the end of a reader that leaves', async () => {
    const { model, remote } = await opened();
    remote.next(CHAT, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${JSON.stringify(delta({ content: 'Hello' }))}\n\n`);
    });
    for await (const event of model.generate(asks('?'), never())) if (event.type === 'text') break;
    await remote.seen.at(-1)?.hungUp;
  });
});

describe('the way there', () => {
  const unreachable = async (address: string, options: Partial<RemoteOptions> = {}): Promise<unknown> => {
    const { providers } = remoteSetup(options);
    providers.save(input(address));
    return await providers.find('remote--test/x').catch((error: unknown) => error);
  };

  it('names a port at which nothing listens, and a computer that is not there', async () => {
    const closed = net.createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    expect(await unreachable(`http://127.0.0.1:${port}`)).toMatchObject({
      ...{
        code: 'remote.unreachable',
        message: `Nothing listens at 127.0.0.1:${port}. Start the server, or check the port.`,
      },
    });
    expect(await unreachable('http://no-such-host.invalid')).toMatchObject({
      ...{ code: 'remote.unreachable', data: { reason: 'unknown_host' } },
    });
  });

  it('asks no other computer in offline mode, and this one still', async () => {
    expect(await unreachable('https://example.com', { offlineBy: 'HEARTH_OFFLINE' })).toMatchObject({
      ...{ code: 'remote.unreachable', data: { reason: 'offline_mode', variable: 'HEARTH_OFFLINE' } },
    });
    const remote = await server('vllm');
    const { providers } = remoteSetup({ offlineBy: 'HEARTH_OFFLINE' });
    providers.save(input(remote.url));
    expect(await providers.list()).toHaveLength(1);
  });

  it('takes a certificate of an authority that was entered for this server, and no other', async () => {
    const tls = (name: string): string =>
      readFileSync(path.join(import.meta.dirname, '../../fixtures/tls', name), 'utf8');
    const remote = await startOpenAiServer('vllm', { tls: { key: tls('server-key.pem'), cert: tls('server.pem') } });
    onTestFinished(() => remote.close());
    const address = remote.url.replace('127.0.0.1', 'localhost');
    expect(await unreachable(address)).toMatchObject({ code: 'remote.unreachable', data: { reason: 'certificate' } });
    const { providers } = remoteSetup();
    providers.save(input(address, { certificates: tls('authority.pem') }));
    expect(await providers.list()).toHaveLength(1);
    const [entry] = (await providers.watch(never()).next()).value?.providers ?? [];
    expect(entry?.certificates?.count).toBe(1);
    expect(() => providers.save(input(address, { certificates: 'nothing' }))).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    );
  });

  it('follows a redirect within the server, and sends nothing to another', async () => {
    const target = await server('vllm');
    const remote = await server('vllm');
    const to = (location: string) => json({}, 307, { location });
    const { providers } = remoteSetup();
    providers.save(input(remote.url, { headers: [{ name: 'x-secret', value: 'abc' }] }));
    remote.next('/v1/models', to('/v1/models?'));
    expect(await providers.list()).toHaveLength(1);
    const model = await (await providers.find('remote--test/Qwen/Qwen3-8B')).open();
    remote.next(CHAT, to(`${target.url}${CHAT}`));
    expect(await failing(model)).toMatchObject({
      code: 'remote.bad_response',
      data: { reason: 'redirect', target: `${target.url}${CHAT}` },
    });
    expect(target.seen).toEqual([]);
    remote.always(CHAT, to(CHAT));
    expect(await failing(model)).toMatchObject({ code: 'remote.bad_response', data: { reason: 'redirect' } });
  });

  it('tells a server that lists no models from a page', async () => {
    const remote = await server('vllm');
    remote.always('/v1/models', json({ detail: 'Not Found' }, 404));
    expect(await unreachable(remote.url)).toMatchObject({
      code: 'remote.bad_response',
      data: { reason: 'no_models_list' },
    });
    remote.always('/v1/models', raw(['<!doctype html><title>Login</title>'], 'text/html'));
    expect(await unreachable(remote.url)).toMatchObject({ code: 'remote.bad_response', data: { reason: 'page' } });
    remote.always('/v1/models', json({ data: 'none' }));
    expect(await unreachable(remote.url)).toMatchObject({
      code: 'remote.bad_response',
      data: { reason: 'unreadable' },
    });
    remote.always('/v1/models', said('x'));
    expect(await unreachable(remote.url)).toMatchObject({
      code: 'remote.bad_response',
      data: { reason: 'unreadable' },
    });
  });
});
