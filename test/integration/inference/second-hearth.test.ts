/** A second Hearth as a server elsewhere: both are the whole app with its API server, and programs ask the one for the models of the other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProviderEntry, ProviderInput } from '../../../preload/contract/providers.ts';
import type { ApiKey } from '../../../preload/contract/server.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';

/** Has the models. It answers to keys alone. */
let far: ApiServer;
/** Has the far one as a provider. */
let near: ApiServer;
let provider: ProviderEntry;
const ADMIN = 'a-key-of-the-far-hearth';
const rights = { name: 'near', models: null, endpoints: null, requestsPerMinute: null, tokensPerDay: null };
const model = 'remote--far/ember';
const hello = [{ role: 'user', content: 'Hello!' }];
const asks = (more: object = {}): object => ({ model, messages: hello, temperature: 0, max_tokens: 60, ...more });

const saved = async (address: string, more: Partial<ProviderInput> = {}): Promise<ProviderEntry> =>
  await near.app.call<ProviderEntry>('providers.save', {
    ...{ id: null, kind: 'openai-compatible', name: 'Far', address, headers: [], enabled: true },
    ...more,
  });
const setKey = async (key: string | null): Promise<void> => {
  await near.app.call('providers.setKey', { id: provider.id, key });
};
const farKey = async (more: object): Promise<{ key: ApiKey; secret: string }> =>
  await far.app.call('server.createKey', { ...rights, ...more });

beforeAll(async () => {
  far = await startApiServer({ key: ADMIN });
  near = await startApiServer();
  provider = await saved(far.address);
  await setKey(ADMIN);
});
afterAll(async () => {
  await near.close();
  await far.close();
});

describe('a second Hearth', () => {
  it('is known as one, and its models stand beside those of this computer', async () => {
    const { body } = await near.ask('/v1/models');
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(['ember', model]));
    const there = await far.ask('/v1/models', undefined, { authorization: `Bearer ${ADMIN}` });
    const [original] = there.body.data;
    const shown = body.data.find(({ id }: { id: string }) => id === model);
    // Known once it is loaded there: with how much it will be is not known before.
    const { loaded_context_size } = original.hearth;
    expect(shown).toMatchObject({ hearth: { is_here: false }, context_length: loaded_context_size });
    // What they can do is told as the far one tells it.
    expect(shown.capabilities).toEqual({ ...original.capabilities, rerank: null });
  });

  it('tells which stop text ended a reply, as the far one does', async () => {
    const body = { messages: hello, max_tokens: 60, temperature: 0, stop_sequences: ['e', 'a'] };
    const straight = await far.ask('/v1/messages', { model: 'ember', ...body }, { 'x-api-key': ADMIN });
    const through = await near.ask('/v1/messages', { model, ...body });
    expect(straight.body).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: expect.any(String) });
    const { stop_reason, stop_sequence, content } = straight.body;
    expect(through.body).toMatchObject({ stop_reason, stop_sequence, content });
  });

  it('writes the same reply through the near one as when it is asked itself', async () => {
    const straight = await far.ask('/v1/chat/completions', asks({ model: 'ember' }), { 'x-api-key': ADMIN });
    const through = await near.ask('/v1/chat/completions', asks());
    expect(straight.status).toBe(200);
    expect(through.status).toBe(200);
    expect(through.body.choices[0].message.content).toBe(straight.body.choices[0].message.content);
    expect(through.body.usage).toMatchObject({
      prompt_tokens: straight.body.usage.prompt_tokens,
      completion_tokens: straight.body.usage.completion_tokens,
    });
    const streamed = await near.ask('/v1/chat/completions', asks({ stream: true }));
    const chunks = (streamed.body as string)
      .split('\n\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)) as { choices: { delta: { content?: string } }[] });
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      straight.body.choices[0].message.content,
    );
    expect(streamed.body).toMatch(/data: \[DONE\]\s*$/);
  });

  it('calls tools with arguments of their schema', async () => {
    const parameters = {
      ...{ type: 'object', properties: { on: { type: 'boolean' } } },
      ...{ required: ['on'], additionalProperties: false },
    };
    const { status, body } = await near.ask('/v1/chat/completions', {
      ...asks({ max_tokens: 200 }),
      tools: [{ type: 'function', function: { name: 'set_lamp', parameters } }],
      tool_choice: { type: 'function', function: { name: 'set_lamp' } },
    });
    expect(status).toBe(200);
    const [call] = body.choices[0].message.tool_calls;
    expect(call.function.name).toBe('set_lamp');
    expect(JSON.parse(call.function.arguments)).toEqual({ on: expect.any(Boolean) as boolean });
  });

  it('has the same vectors and the same tokens through the near one', async () => {
    const words = { input: ['one', 'two words'] };
    const straight = await far.ask('/v1/embeddings', { model: 'ember', ...words }, { 'api-key': ADMIN });
    const through = await near.ask('/v1/embeddings', { model, ...words });
    expect(through.status).toBe(200);
    expect(through.body.data).toHaveLength(2);
    for (const [place, { embedding }] of through.body.data.entries())
      for (const [at, value] of embedding.entries())
        expect(value).toBeCloseTo(straight.body.data[place].embedding[at], 4);
    const content = 'Where are my chats kept? 😀';
    const there = await far.ask('/tokenize', { model: 'ember', content }, { 'x-api-key': ADMIN });
    const here = await near.ask('/tokenize', { model, content });
    expect(there.body.tokens.length).toBeGreaterThan(3);
    expect(here.body).toEqual(there.body);
    expect((await near.ask('/detokenize', { model, tokens: here.body.tokens })).body.content).toBe(content);
    const counted = await near.ask('/v1/messages/count_tokens', { model, messages: hello });
    const reply = await near.ask('/v1/chat/completions', asks({ max_tokens: 1 }));
    expect(counted.body.input_tokens).toBe(reply.body.usage.prompt_tokens);
  });
});

describe('Hearths that name each other', () => {
  it('find the ring, and go on with their own models', async () => {
    const back: ProviderEntry = await far.app.call('providers.save', {
      ...{ id: null, kind: 'openai-compatible', name: 'Near', address: near.address, headers: [], enabled: true },
    });
    const key = { authorization: `Bearer ${ADMIN}` };
    const names = ({ body }: { body: { data: { id: string }[] } }): string[] => body.data.map(({ id }) => id);
    expect(names(await far.ask('/v1/models', undefined, key))).toEqual(
      expect.arrayContaining(['ember', 'remote--near/ember']),
    );
    const around = await far.ask('/v1/chat/completions', asks({ model: 'remote--near/remote--far%2Fember' }), key);
    expect(around.status).toBeGreaterThanOrEqual(400);
    expect((await far.ask('/v1/chat/completions', asks({ model: 'remote--near/ember' }), key)).status).toBe(200);
    expect((await near.ask('/v1/chat/completions', asks({ max_tokens: 1 }))).status).toBe(200);
    await far.app.call('providers.remove', { id: back.id });
  });

  it('refuse themselves', async () => {
    const own = await saved(near.address, { name: 'Own' });
    const { status, body } = await near.ask('/v1/chat/completions', asks({ model: 'remote--own/ember' }));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(body)).toContain('this Hearth itself');
    expect((await near.ask('/v1/models')).status).toBe(200);
    await near.app.call('providers.remove', { id: own.id });
  });
});

describe('a second Hearth that refuses', () => {
  it('says that the key is wrong, and no word of the key', async () => {
    await setKey('a-wrong-key-entirely');
    const { status, body } = await near.ask('/v1/chat/completions', asks());
    // The caller's key of the near Hearth is not what is wrong.
    expect(status).toBe(502);
    expect(JSON.stringify(body)).toMatch(/key/i);
    expect(JSON.stringify(body)).not.toContain('a-wrong-key-entirely');
    await setKey(ADMIN);
    expect((await near.ask('/v1/chat/completions', asks({ max_tokens: 1 }))).status).toBe(200);
  });

  it('passes on when to come again', async () => {
    // One reply takes the tokens of the day, and nobody waits here for the next.
    const { secret } = await farKey({ name: 'slow', tokensPerDay: 1 });
    await setKey(secret);
    expect((await near.ask('/v1/chat/completions', asks({ max_tokens: 1 }))).status).toBe(200);
    const full = await near.ask('/v1/chat/completions', asks({ max_tokens: 1 }));
    expect(full.status).toBe(429);
    const seconds = Number(full.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(60);
    expect(seconds).toBeLessThanOrEqual(24 * 60 * 60);
    await setKey(ADMIN);
  });

  it('ends a reply with an error where it goes away in the middle, and frees its own slot where the reader goes', async () => {
    const long = asks({ stream: true, max_tokens: 100_000, min_tokens: 100_000 });
    const start = async (): Promise<ReadableStreamDefaultReader<string>> => {
      const answer = await fetch(`${near.address}/v1/chat/completions`, {
        ...{ method: 'POST', body: JSON.stringify(long) },
        headers: { 'content-type': 'application/json' },
      });
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      await reader.read();
      return reader;
    };
    const left = await start();
    await left.cancel();
    for (;;) {
      const slots = await far.ask('/slots?model=ember', undefined, { 'x-api-key': ADMIN });
      if (slots.body.every((slot: { is_processing: boolean }) => !slot.is_processing)) break;
    }
    const reader = await start();
    await far.app.call('server.stop');
    let text = '';
    for (let one = await reader.read(); !one.done; one = await reader.read()) text += one.value;
    expect(text).toContain('"error"');
    expect(text).toMatch(/Far/);
    expect((await near.ask('/v1/chat/completions', asks())).status).toBe(502);
    // The models of this computer go on.
    expect((await near.ask('/v1/chat/completions', { ...asks(), model: 'ember' })).status).toBe(200);
  });
});
