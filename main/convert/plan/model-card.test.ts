/** Cards in the forms that are published, against what the reference converter makes of them (test/support/reference/make_cards.py). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { readFrontMatter } from './front-matter.ts';
import { generalEntries } from './general.ts';
import { readModelCard } from './model-card.ts';
import type { PlannedTensor } from './planned-tensor.ts';

interface CardReference {
  readonly name: string;
  readonly card?: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly generation?: unknown;
  readonly general: Readonly<Record<string, readonly [string, unknown]>>;
}

const { parameterCount, cards } = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../../test/fixtures/conversion/model-cards.json'), 'utf8'),
) as { readonly parameterCount: number; readonly cards: readonly CardReference[] };

const tensors: readonly PlannedTensor[] = [
  { name: 'x', shape: [parameterCount], isFloat32: false, origin: { kind: 'rows', pieces: [], add: 0 } },
];
const kinds: Readonly<Record<string, string>> = {
  ...{ string: 'STRING', uint32: 'UINT32', int32: 'INT32', float32: 'FLOAT32', strings: 'ARRAY' },
};
/** The reference writes no name at all where `_name_or_path` is empty. */
const departures: Readonly<Record<string, object>> = {
  'Empty-1B-chat': { 'general.name': ['STRING', 'Empty 1B Chat'] },
};

test.each(cards)('$name: general.* is that of the reference', ({ name, card, config, generation, general }) => {
  const facts = { name, configuredName: config?.['_name_or_path'] ?? null, card: readModelCard(card ?? '') };
  const found = generalEntries('llama', facts, generation ?? null, tensors);
  expect(Object.fromEntries(found.map(({ key, type, value }) => [key, [kinds[type], value]]))).toEqual({
    ...general,
    ...departures[name],
  });
});

test('a repository has its own name, whatever model its config.json was loaded from', () => {
  const entries = generalEntries('llama', { name: 'owner/Mine-1B', configuredName: 'other/Theirs-1B' }, null, tensors);
  const names = entries.filter(({ key }) => /^general\.(?:name|organization|basename)$/.test(key));
  expect(names.map(({ value }) => value)).toEqual(['Mine 1B', 'Owner', 'Mine']);
});

describe('a card', () => {
  it.each(['', '# A card without front matter', '---\nlicense:\n---\n', '---\nlicense: {}\n---\n', '---', '---\n'])(
    'says nothing in %j',
    (text) => {
      expect(readModelCard(text).license).toBeNull();
    },
  );

  it('has texts where YAML would make other values of them', () => {
    const { version, tags, languages } = readModelCard(
      '---\nversion: 1.0\ntags: [2024, yes, 1e3]\nlanguage: no\n---\n',
    );
    expect({ version, tags, languages }).toEqual({ version: '1.0', tags: ['2024', 'yes', '1e3'], languages: ['no'] });
  });

  it('keeps what it can read beside lines that are no YAML', () => {
    const text = '---\nlicense: mit\n%%% ???\n  deeper: x\n- item\nauthor: "no end\ntags: [a, b\nlanguage: en\n---\n';
    expect(readModelCard(text)).toMatchObject({ license: 'mit', author: 'no end' });
  });
});

test.each([
  ['lists in lists', '---\na: ' + '- '.repeat(200_000) + '\n---\n'],
  ['brackets in brackets', '---\na: ' + '['.repeat(400_000) + '\n---\n'],
  ['maps in lists', '---\na:\n' + Array.from({ length: 900 }, (_, i) => ' '.repeat(i) + '- b:').join('\n') + '\n---\n'],
  ['spaces', '---\na' + ' '.repeat(400_000) + 'b\nc: d' + ' '.repeat(100_000) + 'x\n---\n'],
  ['quotes', '---\n' + 'a: "\\\n'.repeat(60_000) + '---\n'],
  ['lines in quotes', '---\na: "\n' + 'x\n'.repeat(200_000) + '---\n'],
  ['escapes in quotes', '---\na: "x\n' + '\\"\n'.repeat(150_000) + '---\n'],
  ['brackets that never end', '---\n' + "a: ['\n]: {\n".repeat(40_000) + '---\n'],
])('a hostile card of %s takes no time', (_, text) => {
  const before = performance.now();
  readFrontMatter(text);
  expect(performance.now() - before).toBeLessThan(1500);
});
