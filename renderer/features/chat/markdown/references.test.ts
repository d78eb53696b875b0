import { describe, expect, it } from 'vitest';
import { splitBlocks } from './markdown-blocks.ts';
import { noteText, referencesOf, withDefinitions } from './references.ts';

function read(text: string) {
  const blocks = splitBlocks(text);
  const references = referencesOf(blocks);
  return { references, texts: blocks.map((block) => withDefinitions(block, references)) };
}

describe('references', () => {
  it('gives a block the addresses of the links that it names', () => {
    const { texts } = read(
      'See [It][One  x] and [this].\n\nNothing.\n\n[one X]: https://a.example\n[this]: https://b.example',
    );
    expect(texts[0]).toBe('See [It][One  x] and [this].\n\n[one X]: https://a.example\n\n[this]: https://b.example');
    expect(texts[1]).toBe('Nothing.');
  });

  it('takes no definition out of code', () => {
    expect(read('See [it].\n\n```\n[it]: https://a.example\n```').texts[0]).toBe('See [it].');
  });

  it('numbers footnotes in the order of the text, and reads what they say', () => {
    const { references, texts } = read(
      'B[^b], a[^a], b again[^b], and none[^c].\n\n[^a]: About a.\n\n    More.\n\n[^b]: About b.\n\n[^d]: Unused.',
    );
    expect(references.notes.map(({ label, block }) => [label, noteText(block)])).toEqual([
      ['b', 'About b.'],
      ['a', 'About a.\n\nMore.'],
    ]);
    expect(texts[0]).toContain('\n\n[^b]: .\n\n[^a]: .');
    expect(texts[0]).not.toContain('[^c]: .');
  });

  it('reads no more than a few hundred definitions', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `[l${index}]: https://example.org/${index}`).join('\n\n');
    expect(referencesOf(splitBlocks(many)).links.size).toBe(500);
  });
});
