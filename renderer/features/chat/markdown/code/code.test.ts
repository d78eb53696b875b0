import hljs from 'highlight.js/lib/common';
import { describe, expect, it } from 'vitest';
import { endsOfRuns, piecesOf } from './code-runs.ts';
import { previewKindOf } from './preview-kind.ts';
import { tokensOf } from './tokens-of-html.ts';

const color = (code: string, language: string) => {
  const tokens = tokensOf(hljs.highlight(code, { language }).value);
  return { tokens, pieces: piecesOf(code, 0, code.length, tokens) };
};

describe('code', () => {
  it('has the kinds of highlight.js, and every character', () => {
    const code = 'const a = "x < y & \'z\'"; // `1`\n';
    expect(color(code, 'javascript').pieces).toEqual([
      { text: 'const', kind: 'keyword' },
      { text: ' a = ', kind: 'plain' },
      { text: '"x < y & \'z\'"', kind: 'string' },
      { text: '; ', kind: 'plain' },
      { text: '// `1`', kind: 'comment' },
      { text: '\n', kind: 'plain' },
    ]);
  });

  it('is what it was for every language, joined again', () => {
    const code = '<a href="x">&amp;</a> "\\"" \'1\' # x\n/* y */ λ 𝒳 -- 2.5e3\n';
    for (const language of hljs.listLanguages())
      expect(
        color(code, language)
          .pieces.map(({ text }) => text)
          .join(''),
      ).toBe(code);
  });

  it('is cut into runs of lines', () => {
    const code = 'a\nb\nc\nd\ne';
    const ends = endsOfRuns(code, 2);
    expect(ends.map((end, index) => code.slice(index === 0 ? 0 : ends[index - 1]! + 1, end))).toEqual([
      'a\nb',
      'c\nd',
      'e',
    ]);
    expect(endsOfRuns('', 2)).toEqual([0]);
  });

  it('is plain behind what is colored so far', () => {
    const { tokens } = color('let a', 'javascript');
    expect(piecesOf('let ab = 1', 2, 10, tokens)).toEqual([
      { text: 't', kind: 'keyword' },
      { text: ' a', kind: 'plain' },
      { text: 'b = 1', kind: 'plain' },
    ]);
  });

  it.each([
    ['mermaid', 'graph TD', 'mermaid'],
    ['HTML', '<p>', 'html'],
    ['xml', '<?xml version="1.0"?>\n<svg viewBox="0 0 1 1"/>', 'svg'],
    ['xml', '<note/>', null],
    ['js', 'x', null],
    ['html', ' \n', null],
    ['html', 'x'.repeat(200_001), null],
  ])('in %s can be shown: %j', (language, code, kind) => {
    expect(previewKindOf(language, code)).toBe(kind);
  });
});
