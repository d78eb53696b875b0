/** Models of a server elsewhere as models of the command line. The server is a second Hearth, and what it answers is what `ember` answers here. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ProviderEntry } from '../../../preload/contract/providers.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import type { ServedApp } from '../../support/app-setup.ts';
import { hearth, objectsIn } from '../../support/command-process.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';
import { json, startOpenAiServer } from '../../support/openai-server.ts';

const model = 'remote--far/ember';
const question = 'Who are you?';
let far: ApiServer;
let near: ApiServer;
let folder: string;
let app: ServedApp;

beforeAll(async () => {
  far = await startApiServer();
  near = await startApiServer();
  ({ folder, app } = near);
  await app.call<ProviderEntry>('providers.save', {
    ...{ id: null, kind: 'openai-compatible', name: 'Far', address: far.address, headers: [], enabled: true },
  });
  await app.call('server.saveName', {
    ...{ name: 'away', modelId: model, systemPrompt: null, template: null, messages: [] },
    sampling: { maxTokens: 2 },
  });
  await app.call('server.saveName', {
    ...{ name: 'near', modelId: 'hearth/ember-3M/ember-3M-Q8_0.gguf', systemPrompt: null, template: null },
    ...{ messages: [], sampling: {} },
  });
});
afterAll(async () => {
  await near.close();
  await far.close();
});

/** The last object that a command prints, once it has ended well. */
async function answer(args: readonly string[], input?: string): Promise<Record<string, unknown>> {
  const { code, out, err } = await hearth(folder, [...args, '--json'], input);
  expect([args[0], code, err]).toEqual([args[0], 0, '']);
  return objectsIn(out).at(-1)!;
}
const textOf = async (reference: string): Promise<string> => {
  const { out } = await hearth(folder, ['run', reference, question]);
  return out;
};

describe('a model elsewhere', () => {
  it('runs as the same model does here, and by a name with what goes with it', async () => {
    const here = await textOf('ember');
    expect(here.length).toBeGreaterThan(10);
    expect(await textOf(model)).toBe(here);
    expect(await answer(['run', 'away', question])).toMatchObject({ modelId: model, endReason: 'max_tokens' });
    expect(await answer(['run', 'away', question, '--max-tokens', '3'])).toMatchObject({ generatedTokens: 3 });
  });

  it('embeds, and divides a text into the same tokens', async () => {
    const vectorsOf = async (one: string) => (await answer(['embed', one, 'one text']))['vectors'] as number[][];
    const [there, here] = [await vectorsOf(model), await vectorsOf('ember')];
    expect(there[0]).toHaveLength(here[0]!.length);
    for (const [at, value] of there[0]!.entries()) expect(value).toBeCloseTo(here[0]![at]!, 4);
    for (const args of [['Hello there'], ['Hello there', '--no-special'], ['1 2 3', '--decode']]) {
      const outs = [];
      for (const one of [model, 'away', 'ember']) outs.push(await hearth(folder, ['tokenize', one, ...args]));
      expect(outs[0]).toMatchObject({ code: 0, out: outs[2]!.out });
      expect(outs[1]).toEqual(outs[0]);
    }
    expect(await hearth(folder, ['tokenize', model, '1 2', '--decode', '--no-special'])).toMatchObject({ code: 1 });
  });

  it('chats', async () => {
    expect(await answer(['chat', model], `${question}\n`)).toMatchObject({ modelId: model, status: 'complete' });
  });

  it('scores documents, where its server has a reranker', async () => {
    const ranking = await startOpenAiServer('vllm', {});
    onTestFinished(() => ranking.close());
    ranking.always('/v1/models', json({ object: 'list', data: [{ id: 'ranker', object: 'model' }] }));
    const scores = [
      { index: 0, relevance_score: 0.25 },
      { index: 1, relevance_score: 0.75 },
    ];
    ranking.always('/v1/rerank', json({ results: scores }));
    const { id } = await app.call<ProviderEntry>('providers.save', {
      ...{ id: null, kind: 'openai-compatible', name: 'Ranking', address: ranking.url, headers: [], enabled: true },
    });
    const { results } = await answer(['rerank', 'remote--ranking/ranker', 'a question', 'one', 'two']);
    expect(results).toEqual([
      { index: 1, score: 0.75, document: 'two' },
      { index: 0, score: 0.25, document: 'one' },
    ]);
    await app.call('providers.remove', { id });
    // What the server says of a model that is none.
    const { err } = await hearth(folder, ['rerank', model, 'a question', 'one', 'two']);
    expect(err).toContain('Far refuses the request');
  });

  it('is listed with its server and its names, and completed where it can be used', async () => {
    const { models, elsewhere } = await answer(['list']);
    expect(models).toMatchObject([{ modelId: 'hearth/ember-3M/ember-3M-Q8_0.gguf', names: ['near'] }]);
    expect(elsewhere).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          modelId: model,
          model: 'ember',
          server: 'Far',
          address: far.address,
          names: ['away'],
        }),
      ]),
    );
    const { out } = await hearth(folder, ['list']);
    expect(out).toMatch(/ember-3M-Q8_0\.gguf +\d+\.\d MB {2}= near\n/);
    expect(out).toMatch(new RegExp(`${model} +elsewhere {2}\\(${far.address}\\) {2}= away`));
    expect((await hearth(folder, ['__complete', '2', 'run', 'remote'])).out).toContain(`${model}\telsewhere, at Far\n`);
    expect((await hearth(folder, ['__complete', '2', 'info', 'remote'])).out).not.toContain(model);
  });

  it('has no file here for commands that read one, and nothing to delete but its name', async () => {
    for (const args of [
      ['info', model],
      ['bench', 'away'],
      ['rm', model, '--yes'],
    ]) {
      const { code, err } = await hearth(folder, [...args, '--json']);
      expect([args, code]).toEqual([args, 1]);
      expect(objectsIn(err).at(-1)).toMatchObject({
        error: { code: 'unsupported', data: { reason: 'runs_elsewhere' } },
      });
    }
    await app.call('server.saveName', {
      ...{ name: 'short-lived', modelId: model, systemPrompt: null, template: null, messages: [], sampling: {} },
    });
    expect(await answer(['rm', 'short-lived', '--yes'])).toMatchObject({ name: 'short-lived', deleted: true });
  });

  it('says which server fails, and lists the rest', async () => {
    const broken = await startOpenAiServer('vllm', {});
    onTestFinished(() => broken.close());
    broken.always('/v1/models', json({ error: { message: 'no' } }, 500));
    const { id } = await app.call<ProviderEntry>('providers.save', {
      ...{ id: null, kind: 'openai-compatible', name: 'Broken', address: broken.url, headers: [], enabled: true },
    });
    const { code, out, err } = await hearth(folder, ['list']);
    expect(code).toBe(0);
    expect(err).toContain('Broken: ');
    expect(out).toContain(model);
    await app.call('providers.remove', { id });
    expect(objectsIn((await hearth(folder, ['run', 'remote--gone/x', 'x', '--json'])).err).at(-1)).toMatchObject({
      error: { code: 'model.missing' },
    });
  });
});

it('needs a running app, and says so', async () => {
  const empty = await temporaryFolder();
  for (const args of [
    ['run', model, 'x'],
    ['embed', model, 'x'],
    ['rerank', model, 'x', 'y'],
    ['tokenize', model, 'x'],
  ]) {
    const { code, err } = await hearth(empty, args);
    expect([args[0], code]).toEqual([args[0], 1]);
    expect(err).toContain('hearth serve');
  }
  expect((await hearth(empty, ['list'])).out).not.toContain('elsewhere');
});
