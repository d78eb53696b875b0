import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentSha256, contentSize, generatedContent, generatedKey, type Content } from './content.ts';
import { startHub, type Hub, type RepoInput } from './hub-server.ts';
import { seedHashes } from './seed-hashes.ts';
import { seedRepos, seedTokens } from './seed.ts';

type Generated = Content & { kind: 'generated' };
let repos: RepoInput[] = [];
let hub: Hub;
beforeAll(async () => {
  repos = await seedRepos();
  hub = await startHub({ repos, tokens: seedTokens });
});
afterAll(() => hub.close());

const get = async (path: string): Promise<unknown> => (await fetch(`${hub.url}${path}`)).json();

describe('the seed', () => {
  it('has the right hash of every generated file in advance', async () => {
    const generated = new Map<string, Generated>();
    for (const file of repos.flatMap(({ files }) => Object.values(files))) {
      if (typeof file !== 'string' && !(file instanceof Uint8Array) && file.kind === 'generated')
        generated.set(generatedKey(file), file);
    }
    expect([...generated.keys()].filter((key) => seedHashes[key] === undefined)).toEqual([]);
    for (const [key, { sizeBytes, seed, head }] of generated) {
      if (sizeBytes < 8e6)
        expect(await contentSha256(generatedContent(sizeBytes, seed, head)), key).toBe(seedHashes[key]);
    }
  });

  it('has several pages of models, from three megabytes to over forty gigabytes', async () => {
    expect((await get('/api/models?filter=gguf&limit=1000')) as unknown[]).toHaveLength(45);
    const sizes = repos
      .flatMap(({ files }) => Object.values(files))
      .map((file) => (typeof file === 'object' && 'kind' in file ? contentSize(file) : 0));
    expect(sizes.some((size) => size > 1e6 && size < 4e6)).toBe(true);
    expect(Math.max(...sizes)).toBeGreaterThan(40e9);
  });

  it('describes the models with headers of their own', async () => {
    expect(await get('/api/models/hearth-models/ember-3M-GGUF')).toMatchObject({
      gguf: { architecture: 'llama', context_length: 1024, total: 3_049_920 },
      cardData: { license: 'mit', base_model: 'hearth-models/ember-3M' },
    });
    expect(await get('/api/models/hearth-models/ember-3M')).toMatchObject({
      safetensors: { total: 3_049_920 },
      library_name: 'transformers',
    });
    expect(await get('/api/models/storybook/stories260K-GGUF')).toMatchObject({
      gguf: { architecture: 'llama', context_length: 512 },
    });
    expect(await get('/api/models/northpier/Chain-3.7M-GGUF')).toMatchObject({ gguf: { total: 3_672_320 } });
    expect(await get('/api/models/quantworks/Summit-70B-GGUF/tree/main')).toHaveLength(4);
  });
});
