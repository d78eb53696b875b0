/** The model card: the front matter of README.md, and the tags that the Hub makes of it and of the file names. */
import { wholeContent } from './content.ts';
import type { Commit, RepoFacts, Repository } from './repository.ts';

export type CardData = Readonly<Record<string, string | boolean | readonly string[]>>;

export interface Card {
  readonly data: CardData | null;
  readonly tags: readonly string[];
  readonly pipelineTag: string | null;
  readonly library: string | null;
}

function unquote(text: string): string {
  return text.trim().replace(/^(['"])(.*)\1$/, '$2');
}

/**
 * The keys of a front matter: `key: value`, `key: [a, b]` and `key:` over lines of `- value`. Cards of the test
 * repositories use no other YAML. Null when the text has no front matter.
 */
export function frontMatter(text: string): CardData | null {
  const body = /^---\r?\n(.*?)\r?\n---\s*(\r?\n|$)/s.exec(text)?.[1];
  if (body === undefined) return null;
  const data: Record<string, string | boolean | string[]> = {};
  let key = '';
  for (const line of body.split(/\r?\n/)) {
    const item = /^\s*-\s+(.*)$/.exec(line);
    const list = data[key];
    if (item?.[1] !== undefined && Array.isArray(list)) {
      list.push(unquote(item[1]));
      continue;
    }
    const pair = /^([\w-]+):\s*(.*)$/.exec(line);
    if (pair?.[1] === undefined || pair[2] === undefined) continue;
    key = pair[1];
    const value = pair[2].trim();
    const inline = /^\[(.*)\]$/.exec(value)?.[1];
    if (inline !== undefined) data[key] = inline.split(',').map(unquote);
    else if (value === '') data[key] = [];
    else data[key] = value === 'true' || value === 'false' ? value === 'true' : unquote(value);
  }
  return data;
}

function listOf(value: CardData[string] | undefined): readonly string[] {
  if (value === undefined || typeof value === 'boolean') return [];
  return typeof value === 'string' ? [value] : value;
}

async function readCard(repository: Repository, commit: Commit): Promise<Card> {
  const { facts } = repository;
  const readme = commit.files.get('README.md');
  const data = readme === undefined ? null : frontMatter((await wholeContent(readme.content)).toString('utf8'));
  const paths = [...commit.files.keys()];
  const hasGguf = paths.some((path) => path.toLowerCase().endsWith('.gguf'));
  const hasSafetensors = paths.some((path) => path.endsWith('.safetensors'));
  const license = facts.license ?? listOf(data?.['license'])[0];
  const baseModels = listOf(data?.['base_model']);
  const pipelineTag = facts.pipelineTag ?? listOf(data?.['pipeline_tag'])[0] ?? null;
  const library =
    facts.library ?? listOf(data?.['library_name'])[0] ?? (hasGguf ? 'gguf' : hasSafetensors ? 'transformers' : null);
  const relation = hasGguf ? 'quantized' : 'finetune';
  const tags = new Set([
    ...(library === null ? [] : [library]),
    ...(hasSafetensors ? ['safetensors'] : []),
    ...(hasGguf ? ['gguf'] : []),
    ...listOf(data?.['tags']),
    ...(facts.tags ?? []),
    ...(pipelineTag === null ? [] : [pipelineTag]),
    ...listOf(data?.['language']),
    ...baseModels.flatMap((id) => [`base_model:${id}`, `base_model:${relation}:${id}`]),
    ...(license === undefined ? [] : [`license:${license}`]),
    'region:us',
  ]);
  return { data, tags: [...tags], pipelineTag, library };
}

const cards = new WeakMap<Commit, { readonly facts: RepoFacts; readonly card: Promise<Card> }>();

/** The card of a commit. It is parsed again only after the facts of the repository changed. */
export function cardOf(repository: Repository, commit: Commit): Promise<Card> {
  const known = cards.get(commit);
  if (known?.facts === repository.facts) return known.card;
  const card = readCard(repository, commit);
  cards.set(commit, { facts: repository.facts, card });
  return card;
}
