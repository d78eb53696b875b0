/** What the front matter of a model card (README.md) says of a model, by the keys that llama.cpp's converter reads. */
import { readFrontMatter, type FrontMatterFields, type FrontMatterValue } from './front-matter.ts';

export interface ModelCard {
  readonly name: string | null;
  readonly author: string | null;
  readonly version: string | null;
  readonly organization: string | null;
  readonly finetune: string | null;
  readonly basename: string | null;
  readonly description: string | null;
  readonly sizeLabel: string | null;
  /** Several licenses are joined by commas. */
  readonly license: string | null;
  /** `license_name` and `license_link`, for licenses that have no id. */
  readonly licenseName: string | null;
  readonly licenseLink: string | null;
  readonly source: OriginFacts;
  /** Models that this one is made of; null where the card has no such key. */
  readonly baseModels: readonly Origin[] | null;
  /** What it was trained with; null where the card has no such key. */
  readonly datasets: readonly Origin[] | null;
  /** With the `pipeline_tag` at the end. */
  readonly tags: readonly string[];
  readonly languages: readonly string[];
}

/** A repository, `OWNER/NAME`, or an address; or facts that the card has of it. */
export type Origin = string | OriginFacts;

/** Texts by the names of GGUF keys: `name`, `author`, `version`, `organization`, `description`, `url`, `doi`, `uuid`, `repo_url`. */
export type OriginFacts = Readonly<Record<string, string>>;

/** The longest front matters, with the results of many benchmarks, have some 100 KB. */
export const MAX_CARD_BYTES = 512 * 1024;
const MAX_VALUES = 1000;
const MAX_VALUE_CHARS = 16 * 1024;

const originKeys = ['name', 'author', 'version', 'organization', 'description', 'url', 'doi', 'uuid', 'repo_url'];

/** The card's facts; all empty for a text without front matter. Never throws. */
export function readModelCard(text: string): ModelCard {
  const fields = readFrontMatter(text.slice(0, MAX_CARD_BYTES));
  const one = (...keys: readonly string[]): string | null => {
    for (const key of keys) {
      const value = shortText(fields.get(key));
      if (value !== null) return value;
    }
    return null;
  };
  return {
    name: one('name', 'model_name'),
    author: one('author', 'model_author', 'model_creator'),
    version: one('version', 'model_version'),
    organization: one('organization', 'model_organization'),
    finetune: one('finetune', 'model_finetune'),
    basename: one('basename', 'model_basename', 'model_type'),
    description: one('description', 'model_description'),
    sizeLabel: one('size_label', 'model_size_label'),
    license: textsOf(fields.get('license')).join(',') || null,
    licenseName: one('license_name'),
    licenseLink: one('license_link'),
    source: textsBy(['url', 'doi', 'uuid', 'repo_url'], (key) => one(key, `model_${key}`)),
    baseModels: originsOf(fields, ['base_model', 'base_models', 'base_model_sources']),
    datasets: originsOf(fields, ['datasets', 'dataset', 'dataset_sources']),
    tags: [...textsOf(fields.get('tags')), ...textsOf(fields.get('pipeline_tag'))],
    languages: [...textsOf(fields.get('languages')), ...textsOf(fields.get('language'))],
  };
}

const shortText = (value: FrontMatterValue | undefined): string | null =>
  typeof value === 'string' && value !== '' && value.length <= MAX_VALUE_CHARS ? value : null;

/** A text, or the texts of a list. */
const textsOf = (value: FrontMatterValue | undefined): readonly string[] =>
  (Array.isArray(value) ? (value as readonly FrontMatterValue[]) : [value])
    .slice(0, MAX_VALUES)
    .flatMap((one) => shortText(one) ?? []);

/** The texts that `find` has for these keys. */
const textsBy = (keys: readonly string[], find: (key: string) => string | null): OriginFacts =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = find(key);
      return value === null ? [] : [[key, value]];
    }),
  );

/** The first of these keys that the card has. */
function originsOf(fields: FrontMatterFields, keys: readonly string[]): readonly Origin[] | null {
  const key = keys.find((one) => fields.has(one));
  if (key === undefined) return null;
  const value = fields.get(key);
  if (typeof value === 'string') return textsOf(value);
  if (!Array.isArray(value)) return [];
  return (value as readonly FrontMatterValue[]).slice(0, MAX_VALUES).flatMap((one): readonly Origin[] => {
    if (one instanceof Map) return [textsBy(originKeys, (name) => shortText((one as FrontMatterFields).get(name)))];
    return textsOf(one);
  });
}
