import { expect, it } from 'vitest';
import type { KeyRights, ModelName } from '../../../preload/contract/server.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import type { Caller } from '../keys/keys.ts';
import { createGivenNames } from './given-names.ts';
import { createApiModels } from './models.ts';

const local = (id: string, quantization: string) =>
  ({
    ...{ id, quantization, name: id, repoId: id.split('/').slice(0, 2).join('/') },
    fileName: id.split('/').at(-1) ?? '',
  }) as LocalModel;
const small = 'lab/open-GGUF/open-Q4_0.gguf';
const large = 'lab/open-GGUF/open-Q8_0.gguf';
const secret = 'lab/secret-GGUF/secret-Q8_0.gguf';
const all = [local(small, 'Q4_0'), local(large, 'Q8_0'), local(secret, 'Q8_0')];
const definition = (name: string, modelId: string): ModelName => ({
  ...{ name, modelId, systemPrompt: null, template: null, sampling: {}, messages: [] },
});

function setup(records: readonly ModelName[] = []) {
  const kept = [definition('hidden-one', secret)];
  const models = createApiModels({
    library: { list: async () => all },
    inference: {
      list: async () => all.map(({ id }) => ({ modelId: id, name: id })),
      find: (modelId) => Promise.reject(new Error(modelId)),
    },
    given: () => ({ list: () => kept.map((one) => ({ definition: one, changedAt: 1 })) }),
    builtIn: { modelId: 'none', shortName: 'ember' },
  });
  const given = createGivenNames({
    ...{ models: models.all, now: () => 1, onChange: () => {} },
    records: {
      list: () => records.map((one) => ({ definition: one, changedAt: 1 })),
      save: () => {},
      remove: () => true,
    },
  });
  return { models, given };
}
const caller = (models: readonly string[]): Caller => ({
  ...{ id: 'key', revoked: new AbortController().signal },
  rights: { models } as KeyRights,
});

it('tells the caller of a key no names of other models', async () => {
  const { models } = setup();
  const own = caller([small]);
  await expect(models.find('secret-GGUF', null)).rejects.toMatchObject({
    message: expect.stringContaining('lab/secret'),
  });
  for (const name of ['secret-GGUF', 'hidden-on', 'lab/secret-GGUF:Q4_K_M'])
    await expect(models.find(name, own)).rejects.toMatchObject({
      code: 'model.missing',
      message: expect.not.stringMatching(/mean.*(?:secret|hidden)/),
    });
  // Of the two of this repository the key may use one.
  expect((await models.find('lab/open-GGUF', own)).modelId).toBe(small);
  for (const name of [large, secret, 'hidden-one'])
    await expect(models.find(name, own)).rejects.toMatchObject({ code: 'unauthorized', data: { reason: 'scope' } });
});

it('gives no model a name that means one of them already', async () => {
  const { given } = setup();
  for (const name of [small, 'lab/open-GGUF', 'LAB/secret-GGUF:Q8_0', 'secret-Q8_0', 'secret-Q8_0.gguf:latest'])
    await expect(given.save(definition(name, small)), name).rejects.toMatchObject({ code: 'invalid_input' });
  await given.save(definition('lab/open-GGUF:mine', small));
});

it('lets the caller of a key replace no name of a model that it may not use', async () => {
  const { given } = setup([definition('hidden-one', secret), definition('open-one', small)]);
  for (const name of ['hidden-one', 'HIDDEN-one', 'hidden-one:latest'])
    await expect(given.save(definition(name, small), caller([small])), name).rejects.toMatchObject({
      ...{ code: 'unauthorized', data: { reason: 'scope' } },
    });
  await given.save(definition('open-one', small), caller([small]));
  await given.save(definition('hidden-one', small), null);
});

it('keeps a thousand names, and takes a new definition of one of them', async () => {
  const { given } = setup(Array.from({ length: 1000 }, (_, index) => definition(`name-${index}`, small)));
  await expect(given.save(definition('another', small))).rejects.toMatchObject({
    ...{ code: 'invalid_input', data: { reason: 'too_many_names' } },
  });
  await given.save(definition('Name-7', large));
});
