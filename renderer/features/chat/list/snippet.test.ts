import { describe, expect, it } from 'vitest';
import type { SearchHit } from '../../../../preload/contract/chat.ts';
import { groupHits, hasWords, snippetParts, withoutMarkdown } from './snippet.ts';

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

describe('withoutMarkdown', () => {
  it.each([
    ['…is a **context \u2068window\u2069**: the', '…is a context \u2068window\u2069: the'],
    ['**\u2068Bold\u2069 and *soft*', '\u2068Bold\u2069 and soft'],
    ['## The `head` of\n> a [link](https://a.example/b) here', 'The head of\na link here'],
    ['2 ** 3 * 4 and 2**3 and __init__', '2 ** 3 * 4 and 2**3 and __init__'],
    ['* item\n* other ~~gone~~', '* item\n* other gone'],
    ['```python\nprint(1)\n```', '\nprint(1)\n'],
  ])('takes the marks out of %j', (snippet, text) => {
    expect(withoutMarkdown(snippet)).toBe(text);
  });
});

describe('groupHits', () => {
  it('lists each chat once, by its best hit, with its title and its messages', () => {
    const message = (chatId: string, messageId: string): SearchHit => ({
      ...{ kind: 'message', chatId, messageId, role: 'user', chatTitle: `Chat ${chatId}`, snippet: messageId, at: 1 },
      archived: false,
    });
    const hits: SearchHit[] = [
      { kind: 'title', chatId: 'a', chatTitle: 'Chat a', snippet: 'Chat \u2068a\u2069', at: 5, archived: false },
      ...[message('b', '1'), message('a', '2'), message('b', '3')],
    ];
    expect(groupHits(hits)).toMatchObject([
      { chatId: 'a', title: 'Chat a', titleHit: 'Chat \u2068a\u2069', messages: [{ messageId: '2' }] },
      { chatId: 'b', titleHit: null, messages: [{ messageId: '1' }, { messageId: '3' }] },
    ]);
  });
});
