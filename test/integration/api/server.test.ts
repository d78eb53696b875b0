/** The server's life: on and off, other addresses, keys that are taken away, requests that are ended, and what its log tells. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ApiKey, ServerActivity, ServerState } from '../../../preload/contract/server.ts';
import { connectTo } from '../../support/app-client.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';

let server: ApiServer;
beforeEach(async () => {
  server = await startApiServer();
});
afterEach(() => server.close());

const rights = {
  ...{ name: 'one', models: null, endpoints: null, requestsPerMinute: null, tokensPerDay: null },
};
const long = {
  ...{ model: 'ember', messages: [{ role: 'user', content: 'Tell me a story.' }], stream: true },
  ...{ max_tokens: 100_000, min_tokens: 100_000 },
};
const state = async (): Promise<ServerState> => {
  const { client, close } = await connectTo(server.app);
  for await (const one of client.stream('server.watch', {})) {
    close();
    return one;
  }
  throw new Error('no state');
};
/** The log, as soon as `isThere` accepts it. */
async function activity(isThere: (event: ServerActivity) => boolean): Promise<ServerActivity> {
  const { client, close } = await connectTo(server.app);
  try {
    for await (const event of client.stream('server.watchActivity', {})) if (isThere(event)) return event;
  } finally {
    close();
  }
  throw new Error('no activity');
}
/** Starts a reply that does not end by itself, and waits for its first token. */
async function startLong(
  headers: Record<string, string> = {},
  { path, body }: { path: string; body: object } = { path: '/v1/chat/completions', body: long },
): Promise<{ rest: Promise<string>; cancel(): Promise<void> }> {
  const answer = await fetch(`${server.address}${path}`, {
    ...{ method: 'POST', body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json', ...headers },
  });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  await reader.read();
  const rest = async (): Promise<string> => {
    let text = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return text;
      text += value;
    }
  };
  return { rest: rest(), cancel: () => reader.cancel() };
}

describe('a server', () => {
  it('stops, with what it answers, and starts again', async () => {
    const { rest } = await startLong();
    const ended = rest.catch(() => 'cut');
    expect(await server.app.call('server.stop')).toMatchObject({ status: 'off', address: null });
    await ended;
    await expect(fetch(`${server.address}/v1/models`)).rejects.toThrow();
    expect(await server.app.startApi({ port: 0 })).toMatchObject({ status: 'on' });
  });

  it('says why it does not start, and starts when that is mended', async () => {
    await server.app.call('server.stop');
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await server.app.call('server.update', { port });
    await expect(server.app.call('server.start')).rejects.toMatchObject({
      ...{ code: 'unsupported', data: { reason: 'port_in_use', port } },
    });
    expect(await state()).toMatchObject({ status: 'off', error: { data: { reason: 'port_in_use' } } });
    other.close();
    await once(other, 'close');
    expect(await server.app.call('server.start')).toMatchObject({ status: 'on', error: null });
  });

  it('goes on where it was when the new port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const before = (await state()).settings;
    await expect(server.app.call('server.update', { port })).rejects.toMatchObject({
      ...{ code: 'unsupported', data: { reason: 'port_in_use', port } },
    });
    other.close();
    expect(await state()).toMatchObject({ status: 'on', settings: before });
    const { address } = await state();
    expect((await fetch(`${address}/v1/models`)).status).toBe(200);
  });

  it('listens for other computers only with a key', async () => {
    const needed = { code: 'invalid_input', data: { reason: 'needs_key', host: '0.0.0.0' } };
    await expect(server.app.call('server.update', { interface: '0.0.0.0' })).rejects.toMatchObject(needed);
    await server.app.call('server.stop');
    await server.app.call('server.update', { interface: '0.0.0.0' });
    await expect(server.app.startApi({ port: 0 })).rejects.toMatchObject(needed);
    // The product's tests bind to loopback alone, so the rest is tried there.
    await server.app.call('server.update', { interface: '127.0.0.1' });
    const { key } = await server.app.call<{ key: ApiKey }>('server.createKey', rights);
    await server.app.startApi({ port: 0 });
    await server.app.call('server.revokeKey', { keyId: key.id });
    expect((await state()).keys).toEqual([]);
  });

  it('is started with the app where the settings say so, and keeps its settings', async () => {
    await server.app.call('server.stop');
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    await server.app.call('server.update', { port, startWithApp: true, origins: ['http://a.test'], slots: 2 });
    await server.restart();
    await expect.poll(async () => (await state()).address).toBe(`http://127.0.0.1:${port}`);
    expect((await state()).settings).toMatchObject({ startWithApp: true, origins: ['http://a.test'], slots: 2, port });
  });
});

it('reads a path with two slashes as a path, and not its first name as a host', async () => {
  const answer = await server.ask('//v1/models', {});
  expect([answer.status, answer.body.error.message]).toEqual([405, '//v1/models takes GET, not POST.']);
});

it('refuses a compressed body in words', async () => {
  const answer = await fetch(`${server.address}/v1/chat/completions`, {
    ...{ method: 'POST', body: new Uint8Array([0x1f, 0x8b, 8, 0]) },
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  });
  expect([answer.status, await answer.text()]).toEqual([415, expect.stringContaining('compressed (gzip)')]);
});

describe('a key', () => {
  it('that is revoked opens nothing, and what it runs ends', async () => {
    const { key, secret } = await server.app.call<{ key: ApiKey; secret: string }>('server.createKey', rights);
    const { rest } = await startLong({ 'x-api-key': secret });
    await server.app.call('server.revokeKey', { keyId: key.id });
    expect(await rest).toMatch(/"code":"cancelled"/);
    // The last key is gone, so none is needed any more.
    expect((await server.ask('/v1/models')).status).toBe(200);
  });

  it('uses only its models and its endpoints, and sees no others', async () => {
    const { secret } = await server.app.call<{ secret: string }>('server.createKey', {
      ...{ ...rights, models: ['other/model/file.gguf'], endpoints: ['generate', 'models'] },
    });
    const headers = { 'api-key': secret };
    expect((await server.ask('/v1/models', undefined, headers)).body).toMatchObject({ data: [] });
    expect(await server.ask('/v1/chat/completions', { ...long, stream: false }, headers)).toMatchObject({
      ...{ status: 403, body: { error: { type: 'permission_error' } } },
    });
    expect(await server.ask('/v1/embeddings', { model: 'ember', input: 'x' }, headers)).toMatchObject({ status: 403 });
  });

  it('tells its use to who watches the server', async () => {
    const { secret } = await server.app.call<{ secret: string }>('server.createKey', {
      ...{ ...rights, requestsPerMinute: 5 },
    });
    const { client, close } = await connectTo(server.app);
    let isAsked = false;
    for await (const { keys } of client.stream('server.watch', {})) {
      if (!isAsked) {
        expect(keys).toMatchObject([{ requestsThisMinute: 0, tokensToday: 0, lastUsedAt: null }]);
        isAsked = true;
        const body = { ...long, stream: false, max_tokens: 2, min_tokens: 1 };
        await server.ask('/v1/chat/completions', body, { authorization: `Bearer ${secret}` });
      } else if ((keys[0]?.tokensToday ?? 0) > 0) {
        expect(keys).toMatchObject([{ requestsThisMinute: 1, lastUsedAt: expect.any(Number) }]);
        break;
      }
    }
    close();
  });

  it('has a limit of tokens a day, which says when to come again', async () => {
    const { secret } = await server.app.call<{ secret: string }>('server.createKey', { ...rights, tokensPerDay: 1 });
    const headers = { authorization: `Bearer ${secret}` };
    const ask = () =>
      server.ask('/v1/chat/completions', { ...long, stream: false, max_tokens: 2, min_tokens: 1 }, headers);
    expect((await ask()).status).toBe(200);
    const { status, body, headers: answered } = await ask();
    expect([status, body.error.code]).toEqual([429, 'insufficient_quota']);
    expect(Number(answered.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('the log', () => {
  it('tells of a request while it runs, and the user ends it', async () => {
    const { rest } = await startLong({ 'user-agent': 'a program/1.0' });
    const event = await activity(({ load }) => load.running.some(({ phase }) => phase === 'generating'));
    const [running] = event.load.running;
    expect(running).toMatchObject({ program: 'a program/1.0', modelId: expect.stringContaining('ember') });
    await server.app.call('server.endRequest', { requestId: running!.id });
    await rest;
    const { requests } = (await activity(
      (one) => one.type !== 'cleared' && one.requests.some(({ id, phase }) => id === running!.id && phase === 'ended'),
    )) as Extract<ServerActivity, { type: 'snapshot' }>;
    const ended = requests.find(({ id }) => id === running!.id);
    expect(ended).toMatchObject({ status: 499, endReason: 'stopped', sent: null, answered: null, isHungUp: false });
    expect(ended!.generatedTokens).toBeGreaterThan(0);
    await expect(server.app.call('server.endRequest', { requestId: running!.id })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  const list = { type: 'array', minItems: 900, items: { type: 'integer' } };
  const messages = { model: 'ember', messages: long.messages, stream: true };
  it.each([
    ['/v1/chat/completions', long, '"cancelled"', '[DONE]'],
    ['/v1/completions', { ...long, messages: undefined, prompt: 'a' }, '"cancelled"', '[DONE]'],
    [
      '/v1/responses',
      {
        model: 'ember',
        input: 'a',
        stream: true,
        text: { format: { type: 'json_schema', name: 'list', schema: list } },
      },
      'response.failed',
      'response.completed',
    ],
    [
      '/v1/messages',
      { ...messages, max_tokens: 100_000, output_config: { format: { type: 'json_schema', schema: list } } },
      'event: error',
      'message_stop',
    ],
    ['/api/chat', { ...messages, format: list }, '"error"', '"done":true'],
    [
      '/completion',
      { model: 'ember', prompt: 'a', stream: true, n_predict: 100_000, json_schema: list },
      '"error"',
      '"stop":true',
    ],
    [
      '/api/extra/generate/stream',
      { model: 'ember', prompt: 'a', max_length: 900, ban_eos_token: true },
      'event: error',
      '"finish_reason":"stop"',
    ],
  ] as const)('ends the stream of %s with an error and not as if it were whole', async (path, body, error, whole) => {
    const { rest } = await startLong({}, { path, body });
    const event = await activity(({ load }) => load.running.length > 0);
    await server.app.call('server.endRequest', { requestId: event.load.running[0]!.id });
    const text = await rest;
    expect(text).toContain(error);
    expect(text).not.toContain(whole);
  });

  it('tells who hung up, and the slot is free for the next', async () => {
    const { cancel } = await startLong();
    await cancel();
    const event = (await activity(
      (one) => one.type !== 'cleared' && one.requests.some(({ isHungUp, phase }) => isHungUp && phase === 'ended'),
    )) as Extract<ServerActivity, { type: 'snapshot' }>;
    expect(event.load.running).toEqual([]);
    expect(
      (await server.ask('/v1/chat/completions', { ...long, stream: false, max_tokens: 3, min_tokens: 1 })).status,
    ).toBe(200);
  });

  it('keeps contents only where that is wanted, and is cleared', async () => {
    await server.ask('/v1/chat/completions', { ...long, stream: false, max_tokens: 3, min_tokens: 1 });
    await server.app.call('server.update', { logContents: true });
    await server.ask('/v1/chat/completions', { ...long, stream: false, max_tokens: 3, min_tokens: 1 });
    const { requests } = (await activity(() => true)) as Extract<ServerActivity, { type: 'snapshot' }>;
    expect(requests.map(({ sent, answered }) => [sent !== null, answered !== null])).toEqual([
      [false, false],
      [true, true],
    ]);
    expect(requests[1]!.sent).toContain('Tell me a story.');
    expect(requests[1]).toMatchObject({
      promptTokens: expect.any(Number),
      reusedTokens: expect.any(Number),
      endReason: 'max_tokens',
    });
    await server.app.call('server.clearLog');
    expect(await activity(() => true)).toMatchObject({ type: 'snapshot', requests: [] });
  });
});

describe('a connection', () => {
  it('that sends nothing, half a header, or many requests at once, ends nothing', async () => {
    const { port } = new URL(server.address);
    const sockets = Array.from({ length: 60 }, (_, index) => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {});
      if (index % 3 === 1) socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le');
      if (index % 3 === 2) socket.write('GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(100));
      return socket;
    });
    expect((await server.ask('/v1/models')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    expect((await server.ask('/v1/models')).status).toBe(200);
  });
});

it('answers beside more half-open connections than it has room for', async () => {
  const { port } = new URL(server.address);
  const half: Socket[] = [];
  onTestFinished(() => half.forEach((one) => one.destroy()));
  for (let count = 0; count < 1100; count++) {
    const one = connect(Number(port), '127.0.0.1');
    half.push(one.on('error', () => {}).resume());
    await once(one, 'connect');
    one.write('GET /v1/models HTTP/1.1\r\n');
  }
  expect((await server.ask('/v1/models')).status).toBe(200);
});
