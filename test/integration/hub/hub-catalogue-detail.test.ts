/** The filters of a search, and the details of one model besides its files. */
import { describe, expect, it } from 'vitest';
import { chatTemplate, ggufContent, planGguf } from '../../hub-server/gguf-file.ts';
import type { RepoInput } from '../../hub-server/hub-server.ts';
import { safetensorsContent } from '../../hub-server/safetensors-file.ts';
import { content, never, setUp } from '../../support/hub-setup.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';

const search = {
  query: '',
  sort: 'downloads',
  library: 'any',
  author: null,
  task: null,
  license: null,
  cursor: null,
} as const;
const dimensions = { layers: 2, embedding: 64, heads: 4, kvHeads: 2, feedForward: 128, vocabulary: 300 };
const shape = { ...dimensions, name: 'Small', contextLength: 2048 };
const gguf = ggufContent({ shape, quantization: 'Q8_0', seed: 1 });
const weights = safetensorsContent(dimensions, 1);
const parameterCount = planGguf({ shape, quantization: 'Q8_0', seed: 1 }).parameterCount - 300 * 64;

describe('a search', () => {
  const repos: RepoInput[] = [
    { id: 'ada/a', files: { 'a.gguf': gguf }, pipelineTag: 'text-generation', license: 'mit', downloads: 4 },
    { id: 'ada/b', files: { 'model.safetensors': weights }, license: 'mit', tags: ['safetensors'], downloads: 3 },
    { id: 'ben/c', files: { 'c.gguf': gguf }, pipelineTag: 'feature-extraction', license: 'apache-2.0', downloads: 2 },
    { id: 'ben/d', files: { 'd.txt': 'x' }, pipelineTag: 'text-generation', license: 'apache-2.0', downloads: 1 },
  ];
  it.each([
    [{}, ['ada/a', 'ada/b', 'ben/c', 'ben/d']],
    [{ author: 'ada' }, ['ada/a', 'ada/b']],
    [{ library: 'gguf' }, ['ada/a', 'ben/c']],
    [{ library: 'safetensors' }, ['ada/b']],
    [{ task: 'text-generation' }, ['ada/a', 'ben/d']],
    [{ license: 'apache-2.0' }, ['ben/c', 'ben/d']],
    [{ license: 'apache-2.0', task: 'text-generation', author: 'ben' }, ['ben/d']],
    [{ query: 'ada', library: 'gguf' }, ['ada/a']],
  ] as const)('narrowed by %j', async (change, expected) => {
    const { hub } = await setUp({}, { repos });
    const { models } = await hub.search({ ...search, ...change }, never);
    expect(models.map(({ repoId }) => repoId)).toEqual(expected);
  });

  it.each([
    ['likes', ['x/b', 'x/c', 'x/a']],
    ['trending', ['x/c', 'x/a', 'x/b']],
    ['updated', ['x/a', 'x/b', 'x/c']],
  ] as const)('sorted by %s', async (sort, expected) => {
    const one = (id: string, likes: number, trendingScore: number, day: number): RepoInput => {
      const lastModified = `2025-02-0${String(day)}T00:00:00.000Z`;
      return { id, likes, trendingScore, lastModified, files: { 'a.gguf': gguf } };
    };
    const { hub } = await setUp({}, { repos: [one('x/a', 1, 2, 3), one('x/b', 3, 1, 2), one('x/c', 2, 3, 1)] });
    const { models } = await hub.search({ ...search, sort }, never);
    expect(models.map(({ repoId }) => repoId)).toEqual(expected);
  });
});

describe('the page of a model', () => {
  it('shows the chat template that the Hub read from the files', async () => {
    const { hub } = await setUp({}, { repos: [{ id: 'a/b', files: { 'x-Q8_0.gguf': gguf } }] });
    expect(await hub.model('a/b', 'main', never)).toMatchObject({
      chatTemplate,
      architecture: 'llama',
      contextLength: 2048,
      safetensors: null,
      cachedAt: null,
    });
  });

  it('shows the content of safetensors and the size of a conversion', async () => {
    const tokenizer = {
      chat_template: [
        { name: 'tools', template: 'T' },
        { name: 'default', template: 'D' },
      ],
    };
    const files = {
      'config.json': JSON.stringify({ architectures: ['LlamaForCausalLM'], model_type: 'llama' }),
      'tokenizer_config.json': JSON.stringify(tokenizer),
      'model.safetensors': weights,
      'original/consolidated.safetensors': weights,
      'adapter_model.safetensors': content.subarray(0, 100),
    };
    const { hub } = await setUp({}, { repos: [{ id: 'a/b', files, pipelineTag: 'text-generation' }] });
    const model = await hub.model('a/b', 'main', never);
    expect(model).toMatchObject({ chatTemplate: 'D', files: [], parameterCount });
    const { safetensors } = model;
    expect(safetensors).toMatchObject({ parameterCount, dtypes: { BF16: parameterCount } });
    expect(safetensors?.sizeBytes).toBe(weights.kind === 'generated' ? weights.sizeBytes : NaN);
    expect(safetensors?.conversions.map(({ quantization, sizeBytes }) => [quantization, sizeBytes])).toEqual([
      ['F16', parameterCount * 2],
      ['Q8_0', Math.round((parameterCount * 8.5) / 8)],
      ['Q6_K', Math.round((parameterCount * 6.56) / 8)],
      ['Q5_K_M', Math.round((parameterCount * 5.69) / 8)],
      ['Q4_K_M', Math.round((parameterCount * 4.85) / 8)],
    ]);
    expect(safetensors?.conversions.every(({ fit }) => fit.verdict === 'fits')).toBe(true);
  });

  it('offers no conversion of a model that writes no text', async () => {
    const image: RepoInput = { id: 'a/b', files: { 'model.safetensors': weights }, pipelineTag: 'text-to-image' };
    const adapter: RepoInput = { id: 'a/c', files: { 'model.safetensors': weights }, tags: ['transformers', 'lora'] };
    const { hub } = await setUp({}, { repos: [image, adapter] });
    for (const id of ['a/b', 'a/c']) {
      expect((await hub.model(id, 'main', never)).safetensors).toMatchObject({ parameterCount, conversions: [] });
    }
  });

  it('recommends a file that fits on the GPU as a whole', async () => {
    const file = (quantization: 'Q8_0' | 'Q4_K_M') =>
      ggufContent(
        {
          shape: { ...shape, layers: 32, embedding: 4096, heads: 32, kvHeads: 8, feedForward: 14_336 },
          quantization,
          seed: 1,
        },
        quantization === 'Q8_0' ? 'aa'.repeat(32) : 'bb'.repeat(32),
      );
    const repos: RepoInput[] = [{ id: 'a/b', files: { 'x-Q8_0.gguf': file('Q8_0'), 'x-Q4_K_M.gguf': file('Q4_K_M') } }];
    const recommended = async (freeVramBytes: number): Promise<string | undefined> => {
      const memory = { freeRamBytes: 64e9, totalRamBytes: 64e9, freeVramBytes, totalVramBytes: freeVramBytes };
      const { hub } = await setUp({ fitOf: fitIn(() => memory) }, { repos });
      return (await hub.model('a/b', 'main', never)).files.find((one) => one.recommended !== null)?.path;
    };
    expect(await recommended(24e9)).toBe('x-Q8_0.gguf');
    expect(await recommended(6.5e9)).toBe('x-Q4_K_M.gguf');
  });
});
