/** The repositories of `npm run hub`: the built-in model, a real tiny model, and synthetic ones in all sizes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tokens } from './access.ts';
import { contentSha256, contentSize, diskContent, generatedContent, generatedKey, type Content } from './content.ts';
import {
  ggufContent,
  ggufQuantizations,
  shardName,
  type GgufOptions,
  type GgufQuantization,
  type LlamaShape,
} from './gguf-file.ts';
import type { FileInput, RepoInput } from './repository.ts';
import { safetensorsContent } from './safetensors-file.ts';
import { seedHashes } from './seed-hashes.ts';

const projectRoot = join(import.meta.dirname, '..', '..');
const fixtures = join(import.meta.dirname, '..', 'fixtures');

/** Tokens to try: both may read the private repository, only the member has access to the gated ones. */
export const seedTokens: Tokens = {
  hf_member: {
    name: 'ada',
    fullname: 'Ada Member',
    gatedAccess: ['lanternlab/Signal-3B-GGUF', 'mossbank/Peat-7B-GGUF'],
    canRead: ['hearth-models/attic-GGUF'],
  },
  hf_reader: { name: 'ben', fullname: 'Ben Reader', canRead: ['hearth-models/attic-GGUF'] },
};

const common = { vocabulary: 32_000, contextLength: 8192 };
/** The models of the seed, by their size. */
export const shapes = {
  '3.7M': {
    name: 'Made-up 3.7M',
    layers: 4,
    embedding: 256,
    heads: 8,
    kvHeads: 4,
    feedForward: 768,
    vocabulary: 1024,
    contextLength: 2048,
  },
  '0.5B': { ...common, name: 'Made-up 0.5B', layers: 24, embedding: 1024, heads: 16, kvHeads: 4, feedForward: 4864 },
  '1B': { ...common, name: 'Made-up 1B', layers: 16, embedding: 2048, heads: 32, kvHeads: 8, feedForward: 8192 },
  '3B': {
    ...common,
    name: 'Made-up 3B',
    layers: 28,
    embedding: 3072,
    heads: 24,
    kvHeads: 8,
    feedForward: 8192,
    contextLength: 131_072,
  },
  '7B': {
    ...common,
    name: 'Made-up 7B',
    layers: 32,
    embedding: 4096,
    heads: 32,
    kvHeads: 8,
    feedForward: 14_336,
    contextLength: 32_768,
  },
  '13B': {
    ...common,
    name: 'Made-up 13B',
    layers: 40,
    embedding: 5120,
    heads: 40,
    kvHeads: 40,
    feedForward: 13_824,
    contextLength: 4096,
  },
  '33B': {
    ...common,
    name: 'Made-up 33B',
    layers: 64,
    embedding: 5120,
    heads: 40,
    kvHeads: 8,
    feedForward: 27_648,
    contextLength: 32_768,
  },
  '70B': {
    ...common,
    name: 'Made-up 70B',
    layers: 80,
    embedding: 8192,
    heads: 64,
    kvHeads: 8,
    feedForward: 28_672,
    contextLength: 131_072,
  },
} as const satisfies Record<string, LlamaShape>;
type Size = keyof typeof shapes;

/** The files of each size. Every repository of a size has the same bytes, whose hashes are known in advance. */
const offered: Readonly<Record<Size, readonly GgufQuantization[]>> = {
  '3.7M': ['Q4_K_M', 'Q8_0', 'F16'],
  '0.5B': ['Q2_K', 'Q4_0', 'Q4_K_M', 'Q5_K_M', 'Q8_0', 'F16'],
  '1B': ['Q4_K_M', 'Q8_0', 'F16'],
  '3B': ['Q4_K_M', 'Q5_K_M', 'Q8_0'],
  '7B': ['Q2_K', 'Q3_K_M', 'IQ4_XS', 'Q4_0', 'Q4_K_S', 'Q4_K_M', 'Q5_K_M', 'Q6_K', 'Q8_0', 'F16'],
  '13B': ['Q4_K_M'],
  '33B': ['Q4_K_M'],
  '70B': ['Q2_K', 'Q4_K_M'],
};

function withKnownHash(content: Content): Content {
  if (content.kind !== 'generated') return content;
  const sha256 = seedHashes[generatedKey(content)];
  return sha256 === undefined ? content : generatedContent(content.sizeBytes, content.seed, content.head, sha256);
}

const made = new Map<string, Content>();

function weights(size: Size, quantization: GgufQuantization, shard?: { index: number; count: number }): Content {
  const key = `${size} ${quantization} ${String(shard?.index)} ${String(shard?.count)}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const seed = Object.keys(shapes).indexOf(size) * 100 + ggufQuantizations.indexOf(quantization) + 1;
  const options: GgufOptions = { shape: shapes[size], quantization, seed, ...(shard === undefined ? {} : { shard }) };
  const content = withKnownHash(ggufContent(options));
  made.set(key, content);
  return content;
}

function card(title: string, lines: readonly string[], text: string): string {
  return ['---', ...lines, '---', '', `# ${title}`, '', text, ''].join('\n');
}

const MADE_UP =
  'The files here are made up by the test Hub while they are sent. They have the size and the header of a model, and talk nonsense.';

function ggufRepo(
  id: string,
  size: Size,
  quantizations: readonly GgufQuantization[],
  facts: Omit<RepoInput, 'id' | 'files'>,
  baseModel?: string,
): RepoInput {
  const name = id.slice(id.indexOf('/') + 1);
  const stem = name.replace(/-GGUF$/, '');
  const front = [
    `license: ${facts.license ?? 'apache-2.0'}`,
    'language:',
    '- en',
    'pipeline_tag: text-generation',
    'library_name: gguf',
    ...(baseModel === undefined ? [] : [`base_model: ${baseModel}`]),
    'tags: [gguf, conversational]',
  ];
  const table = quantizations.map((quantization) => {
    const bytes = contentSize(weights(size, quantization));
    return `| ${stem}-${quantization}.gguf | ${quantization} | ${(bytes / 1e9).toFixed(2)} GB |`;
  });
  const text = [`${MADE_UP}`, '', '| File | Quantization | Size |', '|---|---|---|', ...table].join('\n');
  const files: Record<string, FileInput> = { 'README.md': card(name, front, text) };
  for (const quantization of quantizations) files[`${stem}-${quantization}.gguf`] = weights(size, quantization);
  return { createdAt: '2024-03-01T09:00:00.000Z', lastModified: '2024-05-20T09:00:00.000Z', ...facts, id, files };
}

function shardedRepo(
  id: string,
  size: Size,
  quantization: GgufQuantization,
  count: number,
  facts: Omit<RepoInput, 'id' | 'files'>,
): RepoInput {
  const stem = `${id.slice(id.indexOf('/') + 1).replace(/-GGUF$/, '')}-${quantization}`;
  const base = ggufRepo(id, size, [], facts);
  const files: Record<string, FileInput> = { ...base.files };
  for (let index = 0; index < count; index++) {
    files[`${quantization}/${shardName(stem, index, count)}`] = weights(size, quantization, { index, count });
  }
  return { ...base, files };
}

async function emberRepos(): Promise<RepoInput[]> {
  const hf = join(fixtures, 'ember', 'hf');
  const files: Record<string, FileInput> = {};
  for (const name of [
    'chat_template.jinja',
    'config.json',
    'generation_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]) {
    files[name] = await diskContent(join(hf, name));
  }
  const note =
    '\n> In this copy on the test Hub `model.safetensors` is made up. The real weights are in ember-3M-GGUF.\n';
  files['README.md'] = readFileSync(join(hf, 'README.md'), 'utf8') + note;
  const shape = { layers: 6, embedding: 192, heads: 6, kvHeads: 6, feedForward: 512, vocabulary: 2048 };
  files['model.safetensors'] = safetensorsContent(shape, 3);
  const model = join(projectRoot, 'assets', 'models', 'ember-3M-Q8_0.gguf');
  const ggufCard = readFileSync(join(hf, 'README.md'), 'utf8')
    .replace('library_name: transformers', 'library_name: gguf\nbase_model: hearth-models/ember-3M')
    .replace('# Ember 3M\n', '# Ember 3M, GGUF\n');
  const dates = { createdAt: '2024-04-02T08:00:00.000Z', lastModified: '2024-06-01T08:00:00.000Z' };
  return [
    {
      id: 'hearth-models/ember-3M',
      files,
      downloads: 5210,
      likes: 31,
      trendingScore: 12,
      ...dates,
      renamedFrom: ['hearth-models/ember'],
    },
    {
      id: 'hearth-models/ember-3M-GGUF',
      files: { 'README.md': ggufCard, 'ember-3M-Q8_0.gguf': await diskContent(model) },
      downloads: 18_402,
      likes: 77,
      trendingScore: 48,
      ...dates,
      renamedFrom: ['ember-3M-GGUF'],
    },
  ];
}

async function storiesRepo(): Promise<RepoInput> {
  const folder = join(fixtures, 'stories260K');
  const front = [
    'license: mit',
    'language:',
    '- en',
    'pipeline_tag: text-generation',
    'library_name: gguf',
    'tags: [gguf, tiny]',
  ];
  const text = readFileSync(join(folder, 'README.md'), 'utf8').replace(/^# .*\n/, '');
  return {
    id: 'storybook/stories260K-GGUF',
    files: {
      'README.md': card('stories260K', front, text),
      'stories260K-F32.gguf': await diskContent(join(folder, 'stories260K-F32.gguf')),
      'expected.txt': await diskContent(join(folder, 'expected.txt')),
    },
    downloads: 96_114,
    likes: 412,
    trendingScore: 35,
    createdAt: '2023-08-01T10:00:00.000Z',
    lastModified: '2024-01-15T10:00:00.000Z',
  };
}

const owners = [
  'quantworks',
  'lanternlab',
  'mossbank',
  'tinyhouse',
  'northpier',
  'orchard-ai',
  'saltmarsh',
  'papermill',
];
const names = [
  'Heron',
  'Alder',
  'Comet',
  'Fjord',
  'Basalt',
  'Thistle',
  'Osprey',
  'Juniper',
  'Cobalt',
  'Marten',
  'Willow',
];
const kinds = ['', '-Instruct', '-Chat', '-Coder'];
const fillerSizes: readonly Size[] = ['0.5B', '1B', '3B', '7B', '13B', '3.7M', '33B'];
const licenses = ['apache-2.0', 'mit', 'cc-by-4.0', 'llama3', 'other'];

/** Enough repositories for several pages of a search; a sixth of them are not GGUF. */
function fillers(count: number): RepoInput[] {
  return Array.from({ length: count }, (_, index): RepoInput => {
    const size = fillerSizes[index % fillerSizes.length] ?? '1B';
    const name = `${names[(index * 5) % names.length] ?? ''}-${size}${kinds[index % kinds.length] ?? ''}`;
    const owner = owners[(index * 3 + Math.floor(index / 8)) % owners.length] ?? '';
    const day = new Date(Date.UTC(2024, index % 9, 1 + ((index * 7) % 28), 12)).toISOString();
    const facts = {
      downloads: Math.round(2_000_000 / (index + 1.5) ** 1.6),
      likes: Math.round(3000 / (index + 1.2)),
      trendingScore: (index * 37) % 101,
      license: licenses[index % licenses.length] ?? 'mit',
      createdAt: '2024-01-01T00:00:00.000Z',
      lastModified: day,
    };
    if (index % 6 !== 5) return ggufRepo(`${owner}/${name}-GGUF`, size, offered[size], facts, `${owner}/${name}`);
    const { layers, embedding, heads, kvHeads, feedForward, vocabulary, contextLength } = shapes['3.7M'];
    const config = {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: embedding,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: kvHeads,
      intermediate_size: feedForward,
      vocab_size: vocabulary,
      max_position_embeddings: contextLength,
      torch_dtype: 'bfloat16',
    };
    const front = [`license: ${facts.license}`, 'library_name: transformers', 'pipeline_tag: text-generation'];
    const files = {
      'README.md': card(name, front, MADE_UP),
      'config.json': JSON.stringify(config, null, 2),
      'model.safetensors': safetensorsContent(shapes['3.7M'], index),
    };
    return { ...facts, id: `${owner}/${name}`, files };
  });
}

/**
 * Every repository of the seed, newly created. Reads the fixtures and the built-in model; throws when they are missing.
 */
export async function seedRepos(): Promise<RepoInput[]> {
  return [
    ...(await emberRepos()),
    await storiesRepo(),
    ggufRepo(
      'quantworks/Ladder-7B-Instruct-GGUF',
      '7B',
      offered['7B'],
      { downloads: 812_300, likes: 2950, trendingScore: 99 },
      'ladder/Ladder-7B-Instruct',
    ),
    ggufRepo('quantworks/Summit-70B-GGUF', '70B', offered['70B'], {
      downloads: 40_120,
      likes: 610,
      trendingScore: 60,
      license: 'other',
    }),
    shardedRepo('northpier/Chain-3.7M-GGUF', '3.7M', 'Q8_0', 3, { downloads: 310, likes: 4, trendingScore: 3 }),
    shardedRepo('northpier/Chain-13B-GGUF', '13B', 'Q8_0', 3, { downloads: 9020, likes: 88, trendingScore: 21 }),
    ggufRepo('lanternlab/Signal-3B-GGUF', '3B', offered['3B'], {
      downloads: 120_000,
      likes: 1400,
      trendingScore: 70,
      gated: 'auto',
      license: 'other',
    }),
    ggufRepo('mossbank/Peat-7B-GGUF', '7B', ['Q4_K_M'], {
      downloads: 8000,
      likes: 120,
      trendingScore: 14,
      gated: 'manual',
      license: 'other',
    }),
    ggufRepo('hearth-models/attic-GGUF', '3.7M', offered['3.7M'], { private: true }),
    ...fillers(44),
  ];
}

/** Computes the table of `seed-hashes.ts`, which generates and hashes some 190 GB. `onFile` is called for each file. */
export async function computeSeedHashes(
  onFile: (path: string, sizeBytes: number) => void,
): Promise<Record<string, string>> {
  const table: Record<string, string> = {};
  for (const { id, files } of await seedRepos()) {
    for (const [path, content] of Object.entries(files)) {
      if (typeof content === 'string' || content instanceof Uint8Array || content.kind !== 'generated') continue;
      const key = generatedKey(content);
      if (table[key] !== undefined) continue;
      onFile(`${id}/${path}`, content.sizeBytes);
      table[key] = await contentSha256(generatedContent(content.sizeBytes, content.seed, content.head));
    }
  }
  return table;
}
