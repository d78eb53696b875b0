/** Models of a server elsewhere, through Hearth's own server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readModelList } from '../../../main/inference/remote/model-list.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import { connectTo } from '../../support/app-client.ts';
import { json, startOpenAiServer, type OpenAiServer } from '../../support/openai-server.ts';
import { input } from '../../support/remote-setup.ts';

/** A server of which nothing is known but OpenAI's protocol: it has no tokenizer, no template and no slots to tell of. */
const model = 'remote--test/a-model';

let server: ApiServer;
let remote: OpenAiServer;
let disconnect: () => void;
beforeAll(async () => {
  remote = await startOpenAiServer('unknown');
  server = await startApiServer();
  const { client, close } = await connectTo(server.app);
  disconnect = close;
  await client.call('providers.save', input(remote.url));
});
afterAll(async () => {
  disconnect();
  await server.close();
  await remote.close();
});

it('are answered by', async () => {
  const { status, body } = await server.ask('/v1/chat/completions', {
    model,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  expect([status, body.choices?.[0]?.message.content]).toEqual([200, 'Hello there.']);
});

it('score documents, also where nobody tells how many tokens those have', async () => {
  remote.always(
    '/v1/rerank',
    json({
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 0, relevance_score: 0.2 },
      ],
    }),
  );
  const { status, body } = await server.ask('/v1/rerank', { model, query: 'q', documents: ['a', 'b'] });
  expect([status, body]).toMatchObject([200, { results: [{ index: 1 }, { index: 0 }], usage: { total_tokens: 0 } }]);
});

it.each(['/api/generate', '/api/chat'])('%s loads and unloads nothing for them', async (route) => {
  const done = (keep_alive: number) => server.ask(route, { model, keep_alive, stream: false });
  expect(await done(5)).toMatchObject({ status: 200, body: { done: true, done_reason: 'load' } });
  expect(await done(0)).toMatchObject({ status: 200, body: { done: true, done_reason: 'unload' } });
});

it.each([
  [`/props?model=${encodeURIComponent(model)}`, { model_alias: model, total_slots: null }],
  [`/slots?model=${encodeURIComponent(model)}`, []],
  [`/v1/models/${model}`, { id: model }],
])('%s tells of them', async (route, told) => {
  expect(await server.ask(route)).toMatchObject({ status: 200, body: told });
});

it('/api/show tells of them', async () => {
  expect(await server.ask('/api/show', { model })).toMatchObject({
    status: 200,
    body: { capabilities: ['completion'] },
  });
});

it('/api/generate answers for them, without a memory that needs their tokens', async () => {
  const { status, body } = await server.ask('/api/generate', { model, prompt: 'Hi', stream: false });
  expect([status, body]).toMatchObject([200, { response: 'Hello there.', done: true }]);
  expect(body).not.toHaveProperty('context');
  expect(await server.ask('/api/generate', { model, prompt: 'Hi', context: [1] })).toMatchObject({ status: 400 });
});

it('another Hearth reads the size with which a model is loaded', async () => {
  await server.ask('/v1/completions', { model: 'ember', prompt: 'a', max_tokens: 1 });
  const list = readModelList((await server.ask('/v1/models')).body);
  expect(list).toMatchObject({ kind: 'hearth', models: [{ name: 'ember', contextSize: 1024 }, { contextSize: null }] });
});
