import { describe, expect, it } from 'vitest';
import { hasWords, snippetParts } from './snippet.ts';

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

describe('hasWords', () => {
  it('tells a query of punctuation alone from one that finds nothing', () => {
    expect(['"', '…?', '  '].map(hasWords)).toEqual([false, false, false]);
    expect(['a', '7', 'é', '“so”', '海'].map(hasWords)).toEqual([true, true, true, true, true]);
  });
});
