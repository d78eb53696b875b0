import { describe, expect, it } from 'vitest';
import { createMarkdown } from './markdown.ts';

/** What is written for a text that comes in pieces of this length. */
function rendered(text: string, length = text.length): string {
  let written = '';
  const markdown = createMarkdown((piece) => (written += piece));
  for (let at = 0; at < text.length; at += Math.max(1, length)) markdown.push(text.slice(at, at + Math.max(1, length)));
  markdown.end();
  return written;
}
/** The codes as tags: b bold, i italic, u underline, d dim, c code. `/bd` ends bold and dim. */
const tagged = (text: string): string =>
  rendered(text)
    .replaceAll('\u001b[1m', '<b>')
    .replaceAll('\u001b[2m', '<d>')
    .replaceAll('\u001b[22m', '</bd>')
    .replaceAll('\u001b[3m', '<i>')
    .replaceAll('\u001b[23m', '</i>')
    .replaceAll('\u001b[4m', '<u>')
    .replaceAll('\u001b[24m', '</u>')
    .replaceAll('\u001b[36m', '<c>')
    .replaceAll('\u001b[39m', '</c>');
const plain = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, '');

describe('markdown in a terminal', () => {
  it.each([
    ['Plain text.', 'Plain text.'],
    ['# Title\nText', '<b><u>Title</u></bd>\nText'],
    ['### Small *title*\n', '<b>Small <i>title</i></bd>\n'],
    ['#hashtag\n', '#hashtag\n'],
    ['a **bold** and *leaning* word', 'a <b>bold</bd> and <i>leaning</i> word'],
    ['***both***', '<b><i>both</i></bd>'],
    ['__bold__ and _leaning_', '<b>bold</bd> and <i>leaning</i>'],
    ['2 * 3 * 4 and a_name_of_it', '2 * 3 * 4 and a_name_of_it'],
    ['call `f(*x)` now', 'call <c>f(*x)</c> now'],
    ['``a ` b``', '<c>a ` b</c>'],
    ['- one\n* two\n  + three\n', '• one\n• two\n  • three\n'],
    ['1. one\n2) two\n', '1. one\n2) two\n'],
    ['-5 degrees\n', '-5 degrees\n'],
    ['> quoted\n', '<d>│ quoted</bd>\n'],
    [
      '```js\nlet a = "*x*";\n\n  b\n```\nafter',
      '<d>```js</bd>\n<c>let a = "*x*";</c>\n\n<c>  b</c>\n<d>```</bd>\nafter',
    ],
    ['~~~\n```\n~~~\n', '<d>~~~</bd>\n<c>```</c>\n<d>~~~</bd>\n'],
    ['---\n', `<d>${'─'.repeat(40)}</bd>\n`],
    ['\\*not\\* leaning \\n', '*not* leaning \\n'],
    ['**never closed\nnext', '<b>never closed</bd>\nnext'],
    ['`never closed\nnext', '<c>never closed</c>\nnext'],
    ['- **Name**: text', '• <b>Name</bd>: text'],
    ['a*b*c', 'a<i>b</i>c'],
  ])('%j', (text, expected) => {
    expect(tagged(text)).toBe(expected);
  });

  it('is the same for pieces of any length', () => {
    const text =
      '# Heading\n\nSome **bold**, *leaning* and `code`.\n\n- item *one*\n- item\n  * deep\n\n> quote\n\n---\n\n```ts\nconst a = `x`;\n```\n\n***both*** a_b_c \\* end `';
    const whole = rendered(text);
    for (const length of [1, 2, 3, 5, 7, 11]) expect(rendered(text, length)).toBe(whole);
  });

  it('ends every style and loses no letter', () => {
    // A generator of its own, so that a failure can be repeated.
    let state = 12345;
    const next = (below: number): number => (state = (state * 1103515245 + 12345) % 2 ** 31) % below;
    const signs = ['a', 'b', ' ', '\n', '*', '**', '_', '`', '```', '#', '>', '-', '~', '\\', '1.', 'é', '😀'];
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: 1 + next(30) }, () => signs[next(signs.length)]).join('');
      const whole = rendered(text);
      expect(rendered(text, 1 + next(4))).toBe(whole);
      const letters = (of: string): string => of.replaceAll(/[^ab1é😀]/gu, '');
      expect([text, letters(plain(whole))]).toEqual([text, letters(text)]);
      for (const [begin, ...ends] of [
        ['\u001b[36m', '\u001b[39m'],
        ['\u001b[3m', '\u001b[23m'],
      ] as const)
        expect([text, whole.split(begin).length]).toEqual([text, whole.split(ends[0]).length]);
      expect([
        text,
        whole.lastIndexOf('\u001b[22m') >= Math.max(whole.lastIndexOf('\u001b[1m'), whole.lastIndexOf('\u001b[2m')),
      ]).toEqual([text, true]);
    }
  });
});
