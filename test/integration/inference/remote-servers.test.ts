import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckEvent, ProvidersEvent } from '../../../preload/contract/providers.ts';
import type { OpenModel } from '../../../main/inference/inference.ts';
import { writeSettings } from '../../../main/store/settings.ts';
import { delta, json, stream, type OpenAiServer, type Variant } from '../../support/openai-server.ts';
import { allOf, input, remoteSetup, server, type RemoteSetup } from '../../support/remote-setup.ts';

const never = (): AbortSignal => new AbortController().signal;

async function entry({ providers }: RemoteSetup): Promise<ProvidersEvent['providers'][number]> {
  const first = (await providers.watch(never()).next()).value as ProvidersEvent;
  const [only] = first.providers;
  if (!only) throw new Error('There is no server.');
  return only;
}

async function asked(variant: Variant): Promise<{ setup: RemoteSetup; remote: OpenAiServer }> {
  const remote = await server(variant);
  const setup = remoteSetup();
  setup.providers.save(input(remote.url));
  await setup.providers.list();
  return { setup, remote };
}

async function opened(variant: Variant): Promise<{ model: OpenModel; remote: OpenAiServer }> {
  const { setup, remote } = await asked(variant);
  const [first] = await setup.providers.list();
  return { model: await (await setup.providers.find(first?.modelId ?? '')).open(), remote };
}

describe('a server is asked what it is', () => {
  it.each([
    ['llama-server', 'b9000-abc', [['ember', 1024, { chat: true, vision: false, tokenize: true, tools: null }]]],
    ['vllm', '0.12.0', [['Qwen/Qwen3-8B', 40_960, { tokenize: true, vision: null }]]],
    ['sglang', null, [['meta-llama/Llama-3.1-8B', 131_072, { tokenize: true }]]],
    ['tgi', '3.3.5', [['google/gemma-3', 8192, { tokenize: true }]]],
    [
      'ollama',
      '0.13.1',
      [
        ['llava:7b', 4096, { chat: true, vision: true, tools: false, embeddings: false, tokenize: false }],
        ['nomic-embed-text:latest', 8192, { chat: false, embeddings: true }],
      ],
    ],
    ['lm-studio', null, [['qwen3-vl', 8192, { vision: true, tools: true, tokenize: false }]]],
    ['hearth', null, [['ember', 2048, { chat: true, tools: true, embeddings: true, tokenize: true }]]],
    ['unknown', null, [['a-model', null, { chat: null, tools: null, tokenize: false }]]],
  ] as const)('%s', async (variant, version, models) => {
    const { setup } = await asked(variant);
    const found = await entry(setup);
    expect(found).toMatchObject({
      status: { state: 'ready' },
      server: { kind: variant, version },
      leavesComputer: false,
    });
    expect(found.models.map(({ name, contextSize, abilities }) => [name, contextSize, abilities])).toEqual(
      models.map(([name, contextSize, abilities]) => [name, contextSize, expect.objectContaining(abilities) as object]),
    );
  });

  it('also where its own methods fail, and where the list has odd entries', async () => {
    const remote = await server('llama-server');
    remote.always('/props', json({ error: 'disabled' }, 501));
    remote.always(
      '/v1/models',
      json({
        data: [null, 4, { id: '' }, { id: 'x'.repeat(600) }, { id: 'ok', owned_by: 'llamacpp', max_model_len: -4 }],
      }),
    );
    const setup = remoteSetup();
    setup.providers.save(input(remote.url));
    expect(await setup.providers.list()).toMatchObject([{ modelId: 'remote--test/ok', name: 'ok', contextSize: null }]);
    expect(await entry(setup)).toMatchObject({ modelsLeftOut: 4, models: [{ name: 'ok', contextSize: null }] });
  });

  it('at an address without a version in it as well', async () => {
    const remote = await server('unknown');
    remote.always('/v1/models', json({ detail: 'Not Found' }, 404));
    remote.always('/models', json([{ id: 'bare' }]));
    remote.always('/chat/completions', stream([delta({ content: 'Hi' }, 'stop')]));
    const setup = remoteSetup();
    setup.providers.save(input(remote.url));
    expect(await setup.providers.list()).toMatchObject([
      { modelId: 'remote--test/bare', name: 'bare', contextSize: null },
    ]);
  });

  it('with no more than a thousand models', async () => {
    const remote = await server('unknown');
    remote.always(
      '/v1/models',
      json({ data: Array.from({ length: 1500 }, (_, index) => ({ id: `m${index}`, owned_by: 'vllm' })) }),
    );
    const setup = remoteSetup();
    setup.providers.save(input(remote.url));
    expect(await setup.providers.list()).toHaveLength(1000);
    expect((await entry(setup)).modelsLeftOut).toBe(500);
  });
});

describe('tokens elsewhere', () => {
  it.each([
    [
      'llama-server',
      [
        { id: 5, text: 'Hel' },
        { id: 6, text: 'lo' },
      ],
    ],
    [
      'vllm',
      [
        { id: 9707, text: 'Hello' },
        { id: 1879, text: ' world' },
      ],
    ],
    ['tgi', [{ id: 3, text: 'Hi' }]],
  ] as const)('are those of %s', async (variant, tokens) => {
    const { model } = await opened(variant);
    expect(await model.tokenize('Hello', { special: false })).toEqual({ tokens });
    expect(await model.count({ text: 'Hello' })).toBe(tokens.length);
  });

  it('are counted with the prompt that the server makes', async () => {
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const llama = await opened('llama-server');
    expect(await llama.model.render({ input: { messages } })).toEqual({
      ...{ text: '<|im_start|>user\nHi<|im_end|>\n', promptTokens: 2, contextSize: 1024 },
      ...{ omittedMessages: 0, omittedFrom: 0 },
    });
    expect(llama.remote.bodies('/tokenize')[0]).toMatchObject({ add_special: true, parse_special: true });
    const vllm = await opened('vllm');
    expect(await vllm.model.count({ input: { messages } })).toBe(2);
    expect(vllm.remote.bodies('/tokenize')[0]).toMatchObject({ messages });
    expect(await vllm.model.detokenize([9707, 1879])).toBe('Hello world');
  });

  it('are not guessed', async () => {
    const { model } = await opened('ollama');
    const refused = { code: 'unsupported', data: { reason: 'remote_tokenize' } };
    await expect(model.tokenize('Hello', { special: false })).rejects.toMatchObject(refused);
    await expect(model.count({ text: 'Hello' })).rejects.toMatchObject(refused);
    await expect(model.detokenize([1])).rejects.toMatchObject(refused);
    await expect(model.render({ input: { messages: [] } })).rejects.toMatchObject(refused);
    const vllm = await opened('vllm');
    await expect(vllm.model.detokenize([-1])).rejects.toMatchObject({ code: 'invalid_input' });
    vllm.remote.always('/tokenize', json({ tokens: ['a'] }));
    await expect(vllm.model.tokenize('Hello', { special: false })).rejects.toMatchObject({
      code: 'remote.bad_response',
    });
  });
});

describe('vectors and scores elsewhere', () => {
  it('come in order, normalized, and cut where that is asked', async () => {
    const { model, remote } = await opened('vllm');
    remote.always('/v1/embeddings', (request, response) => {
      const texts = request.body['input'] as string[];
      // The last first, as the index allows.
      const data = texts.map((text, index) => ({ index, embedding: [3, 4, text.length] })).reverse();
      return json({ data, usage: { prompt_tokens: texts.length * 2 } })(request, response);
    });
    const texts = Array.from({ length: 100 }, (_, index) => 'x'.repeat(index));
    const { vectors, tokens } = await model.embed(texts, { normalize: false });
    expect(vectors.map((vector) => vector[2])).toEqual(texts.map(({ length }) => length));
    expect(tokens).toBe(200);
    expect(remote.bodies('/v1/embeddings').map(({ input: sent }) => (sent as string[]).length)).toEqual([64, 36]);
    expect((await model.embed(['a'], { dimensions: 2 })).vectors).toEqual([[0.6, 0.8]]);
    await expect(model.embed(['a'], { dimensions: 4 })).rejects.toMatchObject({
      code: 'invalid_input',
      data: { limit: 3 },
    });
  });

  it.each([
    ['too few', { data: [] }],
    [
      'twice the same',
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 0, embedding: [1] },
        ],
      },
    ],
    [
      'no numbers',
      {
        data: [
          { index: 0, embedding: ['1'] },
          { index: 1, embedding: [null] },
        ],
      },
    ],
    [
      'of different lengths',
      {
        data: [
          { index: 0, embedding: [1] },
          { index: 1, embedding: [1, 2] },
        ],
      },
    ],
    ['nothing', null],
  ])('are refused where they are %s', async (_what, answer) => {
    const { model, remote } = await opened('vllm');
    remote.always('/v1/embeddings', json(answer));
    await expect(model.embed(['a', 'b'])).rejects.toMatchObject({
      code: 'remote.bad_response',
      data: { reason: 'unreadable' },
    });
  });

  it('score documents in both forms, as probabilities', async () => {
    const { model, remote } = await opened('vllm');
    await expect(model.rerank('q', ['a'])).rejects.toMatchObject({
      code: 'unsupported',
      data: { reason: 'remote_rerank' },
    });
    remote.always(
      '/rerank',
      json([
        { index: 1, score: 0.9 },
        { index: 0, score: 0.2 },
      ]),
    );
    expect(await model.rerank('q', ['a', 'b'])).toEqual([0.2, 0.9]);
    expect(remote.bodies('/rerank').at(-1)).toMatchObject({ query: 'q', texts: ['a', 'b'] });
    remote.always(
      '/v1/rerank',
      json({
        results: [
          { index: 0, relevance_score: -2 },
          { index: 1, relevance_score: 3 },
        ],
      }),
    );
    const [low = 1, high = 0] = await model.rerank('q', ['a', 'b']);
    // The logistic function of -2 and of 3, by a table.
    expect(low).toBeCloseTo(0.1192, 4);
    expect(high).toBeCloseTo(0.9526, 4);
    remote.always('/v1/rerank', json({ results: [{ index: 0, relevance_score: 1 }] }));
    await expect(model.rerank('q', ['a', 'b'])).rejects.toMatchObject({ code: 'remote.bad_response' });
    expect(await model.rerank('q', [])).toEqual([]);
  });
});

describe('a check', () => {
  const check = (setup: RemoteSetup, signal = never()): Promise<CheckEvent[]> =>
    allOf(setup.providers.check('test', signal));

  it('says each step and what it found, also of a server that is off', async () => {
    const remote = await server('vllm');
    const setup = remoteSetup();
    setup.providers.save(input(remote.url, { enabled: false }));
    const tool = { index: 0, id: 'a', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } };
    remote.next('/v1/chat/completions', stream([delta({ content: 'Hello' }, 'stop')]));
    remote.next('/v1/chat/completions', stream([delta({ tool_calls: [tool] }, 'tool_calls')]));
    const events = await check(setup);
    expect(events.flatMap((event) => (event.type === 'found' ? event.finding : []))).toEqual([
      { step: 'connect', ms: expect.any(Number) as number },
      { step: 'models', count: 1 },
      { step: 'server', kind: 'vllm', version: '0.12.0' },
      { step: 'context', model: 'Qwen/Qwen3-8B', contextSize: 40_960 },
      { step: 'tokenize', absent: false },
      { step: 'reply', model: 'Qwen/Qwen3-8B', firstTokenMs: expect.any(Number) as number, counted: false },
      { step: 'tools', model: 'Qwen/Qwen3-8B', absent: false },
    ]);
    const found = await entry(setup);
    expect(found.status.state).toBe('off');
    expect(found.models[0]?.abilities.tools).toBe(true);
    // Nothing of it is offered for use.
    expect(await setup.providers.list()).toEqual([]);
  });

  it('asks a model for a reply that makes vectors too', async () => {
    const remote = await server('hearth');
    const setup = remoteSetup();
    setup.providers.save(input(remote.url));
    remote.next('/v1/chat/completions', stream([delta({ content: 'Hello' }, 'stop')]));
    remote.next('/v1/chat/completions', stream([delta({ content: 'No.' }, 'stop')]));
    const events = await check(setup);
    expect(events.flatMap((event) => (event.type === 'found' ? event.finding.step : []))).toEqual([
      'connect',
      'models',
      'server',
      'context',
      'tokenize',
      'reply',
      'tools',
    ]);
  });

  it('ends with what failed, in the step where it did', async () => {
    const remote = await server('vllm', { key: 'right' });
    const setup = remoteSetup();
    setup.providers.save(input(remote.url));
    expect((await check(setup)).at(-1)).toMatchObject({
      type: 'failed',
      step: 'connect',
      error: { code: 'unauthorized' },
    });
    setup.providers.setKey('test', 'right');
    remote.next('/v1/chat/completions', json({ error: 'out of memory' }, 500));
    expect((await check(setup)).at(-1)).toMatchObject({
      type: 'failed',
      step: 'reply',
      error: { code: 'remote.bad_response' },
    });
  });

  it('can be stopped', async () => {
    const remote = await server('vllm');
    const setup = remoteSetup();
    setup.providers.save(input(remote.url));
    const stop = new AbortController();
    remote.next('/v1/chat/completions', () => stop.abort());
    const events = await check(setup, stop.signal);
    expect(events.at(-1)).toEqual({ type: 'begun', step: 'reply' });
    await remote.seen.at(-1)?.hungUp;
  });
});

describe('the list of servers', () => {
  it('is kept, with its secrets apart', async () => {
    const setup = remoteSetup();
    const { providers, folder, store, secrets } = setup;
    providers.save(
      input('https://gpu.example.com/v1', {
        name: 'GPU Box',
        enabled: false,
        headers: [{ name: 'X-Team', value: 'header-secret' }],
      }),
    );
    const saved = providers.setKey('gpu-box', 'key-secret');
    expect(saved).toMatchObject({
      ...{ id: 'gpu-box', hasKey: true, headerNames: ['X-Team'], leavesComputer: true, unencrypted: false },
      ...{ address: 'https://gpu.example.com/v1', status: { state: 'off' } },
    });
    expect(JSON.stringify((await providers.watch(never()).next()).value)).not.toContain('secret');
    const again = remoteSetup({ store, secrets });
    expect(await entry(again)).toMatchObject({ id: 'gpu-box', hasKey: true });
    const wal = readdirSync(folder)
      .filter((name) => name.startsWith('hearth.db'))
      .map((name) => readFileSync(path.join(folder, name), 'latin1'));
    expect(wal.join('')).toContain('gpu.example.com');
    expect(wal.join('')).not.toContain('key-secret');
    expect(wal.join('')).not.toContain('header-secret');
  });

  it('sends a key and headers to their own host only', async () => {
    const first = await server('vllm', { key: 'abc123' });
    const other = await server('vllm');
    const { providers } = remoteSetup();
    providers.save(input(first.url, { headers: [{ name: 'X-Team', value: 'blue' }] }));
    providers.setKey('test', 'abc123');
    expect(await providers.list()).toHaveLength(1);
    expect(first.seen[0]?.headers).toMatchObject({ authorization: 'Bearer abc123', 'x-team': 'blue' });
    // The stored values stay for another path of the same host.
    expect(
      providers.save(input(`${first.url}/v1`, { id: 'test', headers: [{ name: 'x-team', value: null }] })),
    ).toMatchObject({ hasKey: true });
    expect(() => providers.save(input(other.url, { id: 'test', headers: [{ name: 'X-Team', value: null }] }))).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        data: { field: 'headers', reason: 'header_value', name: 'X-Team' },
      }),
    );
    expect(providers.save(input(other.url, { id: 'test' }))).toMatchObject({ hasKey: false, headerNames: [] });
    expect(await providers.list()).toHaveLength(1);
    expect(other.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(other.seen[0]?.headers).not.toHaveProperty('x-team');
  });

  it('refuses what cannot be, in plain words', () => {
    const { providers } = remoteSetup();
    const refusal = (reason: string) =>
      expect.objectContaining({ code: 'invalid_input', data: expect.objectContaining({ reason }) as object });
    expect(() => providers.save(input('http://x', { kind: 'xyz' }))).toThrow(
      "Unknown provider 'xyz'. Known: llama.cpp, openai-compatible",
    );
    expect(() => providers.save(input('http://x', { kind: 'llama.cpp' }))).toThrow(refusal('provider_built_in'));
    for (const name of ['Host', 'X-Hearth-Via'])
      expect(() => providers.save(input('http://x', { headers: [{ name, value: 'y' }] }))).toThrow(
        refusal('header_reserved'),
      );
    expect(() => providers.save(input('nothing at all'))).toThrow(refusal('address'));
    expect(() => providers.save(input('http://x', { id: 'gone' }))).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
    for (let number = 0; number < 32; number++)
      providers.save(input(`http://x${number}`, { name: `Server ${number}`, enabled: false }));
    expect(() => providers.save(input('http://x'))).toThrow(refusal('too_many_providers'));
  });

  it('has each name and each address once', () => {
    const { providers } = remoteSetup();
    const off = { enabled: false };
    const refusal = (field: string, reason: string, server: string) =>
      expect.objectContaining({ code: 'invalid_input', data: { field, reason, server } });
    const first = providers.save(input('http://x:1/v1', { name: 'My GPU', ...off }));
    expect(() => providers.save(input('http://x:2', { name: 'my gpu', ...off }))).toThrow(
      refusal('name', 'provider_name', 'My GPU'),
    );
    for (const address of ['http://x:1', 'HTTP://X:1/v1/', 'http://x:1/v1/chat/completions'])
      expect(() => providers.save(input(address, { name: 'Other', ...off }))).toThrow(
        refusal('address', 'provider_address', 'My GPU'),
      );
    const other = providers.save(input('http://x:1/team/v1', { name: 'Other', ...off }));
    // Its own name and address are no other's.
    const { id } = first;
    expect(providers.save(input('http://x:1', { id, name: 'my GPU', ...off }))).toMatchObject({ id, name: 'my GPU' });
    expect(() => providers.save(input('http://x:1', { id, name: 'Other', ...off }))).toThrow(
      refusal('name', 'provider_name', 'Other'),
    );
    expect(() => providers.save(input('http://x:1/team', { id, name: 'my GPU', ...off }))).toThrow(
      refusal('address', 'provider_address', 'Other'),
    );
    providers.remove(id);
    expect(providers.save(input('http://x:1', { id: other.id, name: 'my GPU', ...off }))).toMatchObject({
      id: other.id,
    });
  });

  it('lets twins of earlier versions be changed, but not become others', () => {
    const { providers, store } = remoteSetup();
    const twin = { kind: 'openai-compatible', name: 'Twin', address: 'http://x', headerNames: [], certificates: null };
    writeSettings(store, { providers: ['a', 'b'].map((id) => ({ ...twin, id, enabled: true })) });
    expect(providers.save(input('http://x', { id: 'b', name: 'Twin', enabled: false })).enabled).toBe(false);
    expect(providers.save(input('http://x', { id: 'b', name: 'Second', enabled: false })).name).toBe('Second');
    expect(() => providers.save(input('http://x', { id: 'b', name: 'Twin' }))).toThrow('already');
  });

  it('gives each its own id', () => {
    const { providers } = remoteSetup();
    const idOf = (name: string, place: number): string =>
      providers.save(input(`http://x${place}`, { name, enabled: false })).id;
    expect(['My GPU', 'My-GPU', 'größe -- 4', '日本'].map(idOf)).toEqual(['my-gpu', 'my-gpu-2', 'gro-e-4', 'server']);
  });

  it('forgets a server with its key, and brings both back within the time for that', async () => {
    const remote = await server('vllm', { key: 'abc123' });
    const setup = remoteSetup({ undoMs: 60_000 });
    const { providers, folder } = setup;
    providers.save(input(remote.url));
    providers.setKey('test', 'abc123');
    expect(providers.remove('test')).toEqual({ undoMs: 60_000 });
    expect(readFileSync(path.join(folder, 'secrets.json'), 'utf8')).not.toContain('abc123');
    await expect(providers.find('remote--test/Qwen/Qwen3-8B')).rejects.toMatchObject({
      code: 'model.missing',
      data: { reason: 'provider_gone' },
    });
    expect(providers.undoRemove('test')).toEqual({ restored: true });
    expect(providers.undoRemove('test')).toEqual({ restored: true });
    expect(await providers.list()).toHaveLength(1);
    expect(() => providers.remove('other')).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(providers.undoRemove('other')).toEqual({ restored: false });
  });

  it('offers nothing of a server that is off, and asks it nothing', async () => {
    const remote = await server('vllm');
    const { providers } = remoteSetup();
    providers.save(input(remote.url, { enabled: false }));
    expect(await providers.list()).toEqual([]);
    await providers.watch(never()).next();
    await expect(providers.find('remote--test/Qwen/Qwen3-8B')).rejects.toMatchObject({
      code: 'model.missing',
      data: { reason: 'provider_off' },
    });
    expect(remote.seen).toEqual([]);
  });

  it('says what is going on, with a rising revision', async () => {
    const remote = await server('vllm');
    const { providers } = remoteSetup();
    providers.save(input(remote.url, { enabled: false }));
    const stop = new AbortController();
    const states: string[] = [];
    let last = -1;
    for await (const event of providers.watch(stop.signal)) {
      expect(event.revision).toBeGreaterThan(last);
      last = event.revision;
      const state = event.providers[0]?.status.state ?? 'none';
      if (states.at(-1) !== state) states.push(state);
      if (state === 'off') providers.save(input(remote.url, { id: 'test' }));
      if (state === 'ready') stop.abort();
    }
    expect(states[0]).toBe('off');
    expect(states.at(-1)).toBe('ready');
  });

  it('finds a model that came later, and none that is not there', async () => {
    const { setup, remote } = await asked('vllm');
    const late = { providers: setup.providers };
    await expect(late.providers.find('remote--test/none')).rejects.toMatchObject({
      code: 'model.missing',
      data: { reason: 'remote', model: 'none' },
    });
    let now = Date.now();
    const later = remoteSetup({ now: () => now });
    later.providers.save(input(remote.url));
    await later.providers.list();
    remote.always('/v1/models', json({ data: [{ id: 'new', owned_by: 'vllm' }] }));
    now += 60_000;
    expect(await later.providers.find('remote--test/new')).toMatchObject({ name: 'new' });
  });

  it('lets nobody wait for a server that did not answer before', async () => {
    const { remote } = await asked('vllm');
    let now = Date.now();
    const { providers } = remoteSetup({ now: () => now, limits: { shortMs: 300 } });
    // As a computer that is switched off: nothing comes.
    remote.always('/v1/models', () => {});
    providers.save(input(remote.url));
    expect(await providers.list()).toEqual([]);
    now += 61_000;
    const startedMs = performance.now();
    // Asks again, in the background; and once more while it does.
    expect([await providers.list(), await providers.list()]).toEqual([[], []]);
    expect(performance.now() - startedMs).toBeLessThan(250);
  });
});
