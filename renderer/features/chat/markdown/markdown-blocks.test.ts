import { describe, expect, it } from 'vitest';
import { createSplitter, splitBlocks } from './markdown-blocks.ts';

const texts = (markdown: string): string[] => splitBlocks(markdown).map((block) => block.text);

describe('splitBlocks', () => {
  it('cuts at blank lines and at fences', () => {
    expect(texts('# One\n\nTwo\nstill two\n\n\nThree')).toEqual(['# One', 'Two\nstill two', 'Three']);
    expect(texts('Text\n```js\na\n\nb\n```\nafter')).toEqual(['Text', '```js\na\n\nb\n```', 'after']);
    expect(texts('')).toEqual([]);
  });

  it('gives the language and the code of a fence, open or closed', () => {
    expect(splitBlocks('```python title="x"\nprint(1)\n')[0]?.fence).toEqual({
      language: 'python',
      code: 'print(1)\n',
      closed: false,
    });
    expect(splitBlocks('~~~\n```\n~~~')[0]?.fence).toEqual({ language: '', code: '```', closed: true });
    expect(splitBlocks('````md\n```\n````')[0]?.fence).toEqual({ language: 'md', code: '```', closed: true });
    expect(splitBlocks('  ```\n  a\n    b\n  ```')[0]?.fence?.code).toBe('a\n  b');
  });

  it('does not take inline code for a fence', () => {
    expect(splitBlocks('```not a fence``` here').map((block) => block.fence)).toEqual([null]);
  });

  it('keeps a list together: loose items, indented paragraphs, code inside', () => {
    expect(texts('1. one\n\n2. two\n\n   more of two\n\nAfter')).toEqual([
      '1. one\n\n2. two\n\n   more of two',
      'After',
    ]);
    const withCode = '- item\n\n  ```sh\n  ls\n\n  pwd\n  ```\n\n- next';
    expect(texts(`${withCode}\n\nAfter`)).toEqual([withCode, 'After']);
  });

  it('keeps what is indented by a tab in its list', () => {
    expect(texts('- item\n\n\tmore of it\n\nAfter')).toEqual(['- item\n\n\tmore of it', 'After']);
  });

  it('keeps indented code together', () => {
    expect(texts('    a\n\n    b\n\ntext')).toEqual(['    a\n\n    b', 'text']);
  });

  it('makes a footnote a block of its own, with its indented paragraphs', () => {
    const text = 'A note[^a b].\n\n[^One]: The note.\n\n    More of it.\n[^2]: Another.\n\n- a list\n\nThe end.';
    expect(splitBlocks(text).map(({ text: shown, note }) => [note, shown])).toEqual([
      [null, 'A note[^a b].'],
      ['one', '[^One]: The note.\n\n    More of it.'],
      ['2', '[^2]: Another.'],
      [null, '- a list'],
      [null, 'The end.'],
    ]);
  });

  it('says where each block begins', () => {
    const text = '# One\n\n\nTwo\n```js\na\n```\n\n- a\n\n  b\n\nend';
    for (const block of splitBlocks(text)) expect(text.startsWith(block.text, block.start)).toBe(true);
  });

  it('changes at most the last two blocks while text is appended', () => {
    const text =
      '# Title\n\nSome *text*.\n\n- a\n\n  more\n- b\n\n```ts\nlet a = 1;\n\nlet b;\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n> quote\n\nA[^n]\n\n[^n]: note\n\n    more\n\n    code\n\nend';
    const grow = createSplitter();
    let before = splitBlocks('');
    for (let length = 1; length <= text.length; length++) {
      const now = splitBlocks(text.slice(0, length));
      expect(grow(text.slice(0, length))).toEqual(now);
      const settled = before.slice(0, -2);
      expect(now.slice(0, settled.length)).toEqual(settled);
      before = now;
    }
  });

  it('takes time in proportion to the length, up to a reply of 50,000 tokens', () => {
    const paragraph =
      'A paragraph of about twenty words, so that the whole looks like something that a model would have written.\n\n';
    /** The quickest of several runs: other programs only make runs longer. */
    const leastMs = (paragraphs: number): number => {
      const text = paragraph.repeat(paragraphs);
      const times = Array.from({ length: 15 }, () => {
        const start = performance.now();
        expect(splitBlocks(text)).toHaveLength(paragraphs);
        return performance.now() - start;
      });
      return Math.min(...times);
    };
    leastMs(500);
    // Four times the text. A quadratic algorithm takes sixteen times as long.
    expect(leastMs(2_000) / leastMs(500)).toBeLessThan(11);
  });

  it('reads a growing text anew only at its end', () => {
    const grow = createSplitter();
    const text = Array.from({ length: 100 }, (_, index) => `Paragraph ${index}.`).join('\n\n');
    const before = grow(text);
    const after = grow(`${text} And more.`);
    expect(after.slice(0, 98).every((block, index) => block === before[index])).toBe(true);
    // Another text, as after an edit, is read whole.
    expect(grow('Other').map((block) => block.text)).toEqual(['Other']);
  });
});
