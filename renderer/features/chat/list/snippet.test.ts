import { describe, expect, it } from 'vitest';
import { snippetParts } from './snippet.ts';

describe('snippetParts', () => {
  it('separates the hits from the text', () => {
    expect(snippetParts('the \u2068context\u2069\nwindow')).toEqual([
      { text: 'the ', hit: false },
      { text: 'context', hit: true },
      { text: ' window', hit: false },
    ]);
    expect(snippetParts('\u2068cut')).toEqual([{ text: 'cut', hit: true }]);
  });
});
