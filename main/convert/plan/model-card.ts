/** What the front matter of a model card (README.md) says of a model: the part of YAML that cards are written in. */

export interface ModelCard {
  readonly license: string | null;
  readonly licenseName: string | null;
  readonly licenseLink: string | null;
  readonly baseModels: readonly string[];
  readonly tags: readonly string[];
  readonly languages: readonly string[];
}

/** The longest front matters, with the results of many benchmarks, have some 100 KB. */
export const MAX_CARD_BYTES = 512 * 1024;
const MAX_VALUES = 1000;
const MAX_VALUE_LENGTH = 1000;

/** The card's facts; all empty for a text without front matter. Never throws. */
export function readModelCard(text: string): ModelCard {
  const values = frontMatter(text);
  const one = (key: string): string | null => values.get(key)?.[0] ?? null;
  return {
    license: one('license'),
    licenseName: one('license_name'),
    licenseLink: one('license_link'),
    baseModels: values.get('base_model') ?? [],
    tags: values.get('tags') ?? [],
    languages: values.get('language') ?? [],
  };
}

/** The scalars of the top level, and its lists of scalars. Nested objects are passed over. */
function frontMatter(text: string): ReadonlyMap<string, readonly string[]> {
  const block = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text.slice(0, MAX_CARD_BYTES))?.[1];
  const values = new Map<string, string[]>();
  let list: string[] | null = null;
  for (const line of (block ?? '').split(/\r?\n/)) {
    const item = /^\s*-\s+(.*)$/.exec(line);
    if (item) {
      const value = scalar(item[1] ?? '');
      // An object in a list, such as `- name: x`, is none of ours.
      if (list !== null && list.length < MAX_VALUES && value !== null && !/^[\w-]+:(?:\s|$)/.test(value))
        list.push(value);
      continue;
    }
    const field = /^([\w-]+):(?:\s+(.*))?$/.exec(line);
    if (!field) {
      if (/^\S/.test(line)) list = null;
      continue;
    }
    const rest = (field[2] ?? '').trim();
    list = rest.startsWith('[') ? flowList(rest) : [scalar(rest)].flatMap((value) => value ?? []);
    values.set(field[1] ?? '', list);
  }
  return values;
}

const flowList = (text: string): string[] =>
  text
    .replace(/^\[|\]\s*(?:#.*)?$/g, '')
    .split(',', MAX_VALUES)
    .flatMap((part) => scalar(part) ?? []);

/** A plain or quoted scalar; null for an empty one and for the beginning of a block. */
function scalar(text: string): string | null {
  const trimmed = text.trim();
  const quoted = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(trimmed);
  const value = quoted ? (quoted[2] ?? '') : trimmed.replace(/\s+#.*$/, '');
  return value === '' || value.length > MAX_VALUE_LENGTH || /^[|>&*{]/.test(value) || value === 'null' ? null : value;
}
