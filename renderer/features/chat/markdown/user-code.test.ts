import { describe, expect, it } from 'vitest';
import { codePieces } from './user-code.ts';

const kinds = (text: string, isCut = false) => codePieces(text, isCut).map(({ kind, shown }) => [kind, shown]);

describe('codePieces', () => {
  it('finds fenced code, and nothing else changes', () => {
    expect(kinds('**Why?**\n```ts\nconst a = `b`;\n\n```\n# no heading')).toEqual([
      ['text', '**Why?**\n'],
      ['block', 'const a = `b`;\n\n'],
      ['text', '# no heading'],
    ]);
    expect(kinds('~~~\na\n```\n~~~~')).toEqual([['block', 'a\n```\n']]);
  });

  // Examples of the CommonMark specification 0.31.2, by number.
  it.each([
    [328, '`foo`', [['code', 'foo']]],
    [329, '`` foo ` bar ``', [['code', 'foo ` bar']]],
    [330, '` `` `', [['code', '``']]],
    [331, '`  ``  `', [['code', ' `` ']]],
    [332, '` a`', [['code', ' a']]],
    [
      338,
      '`foo\\`bar`',
      [
        ['code', 'foo\\'],
        ['text', 'bar`'],
      ],
    ],
    [339, '``foo`bar``', [['code', 'foo`bar']]],
    [340, '` foo `` bar `', [['code', 'foo `` bar']]],
    [347, '```foo``', [['text', '```foo``']]],
    [348, '`foo', [['text', '`foo']]],
    [
      349,
      '`foo``bar``',
      [
        ['text', '`foo'],
        ['code', 'bar'],
      ],
    ],
    [122, '````\naaa\n```\n``````', [['block', 'aaa\n```\n']]],
    [
      138,
      '``` ```\naaa',
      [
        ['code', ' '],
        ['text', '\naaa'],
      ],
    ],
    [
      145,
      '``` aa ```\naaa',
      [
        ['code', 'aa'],
        ['text', '\naaa'],
      ],
    ],
  ] as const)('reads example %i of the specification', (_number, text, pieces) => {
    expect(kinds(text)).toEqual(pieces);
  });

  it('takes a fence that nothing closes for text, but for code where the text was cut', () => {
    expect(kinds('see ```\nfoo')).toEqual([['text', 'see ```\nfoo']]);
    expect(kinds('```js\nfoo')).toEqual([['text', '```js\nfoo']]);
    expect(kinds('```js\nfoo', true)).toEqual([['block', 'foo']]);
  });

  it.each([
    [
      'buy:\n- a\n- *b*\n\n  more\nthen',
      [
        ['text', 'buy:\n'],
        ['list', '- a\n- *b*\n\n  more\n'],
        ['text', 'then'],
      ],
    ],
    ['1. a\n\n2) b', [['list', '1. a\n\n2) b']]],
    ['- 5 degrees', [['text', '- 5 degrees']]],
    ['it was in\n1989. And\n1990. Then', [['text', 'it was in\n1989. And\n1990. Then']]],
    ['-a\n-b', [['text', '-a\n-b']]],
  ])('finds the lists of %j', (text, pieces) => {
    expect(kinds(text)).toEqual(pieces);
  });

  it('loses no character', () => {
    const alphabet = ['- ', '1. ', '`', '``', '```', '~~~', '\n', ' ', 'a', '**', '\r\n', 'é'];
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: 1 + next(30) }, () => alphabet[next(alphabet.length)]).join('');
      expect(
        codePieces(text)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(text);
    }
  });

  it('reads very many marks without end', () => {
    expect(codePieces('`a``'.repeat(5000)).length).toBeGreaterThan(0);
    expect(codePieces('```js\n'.repeat(40_000))).toHaveLength(1);
  });
});
