import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { Markdown } from './Markdown.tsx';

/** The words that the page shows, without their elements. */
const shown = (text: string): string =>
  renderToStaticMarkup(createElement(Markdown, { text }))
    .replaceAll(/<[^>]*>/g, '')
    .trim();

it.each([
  ['[https://bank.example](https://evil.example/login)', 'https://bank.example (evil.example)'],
  ['[bank.example](https://evil.example)', 'bank.example (evil.example)'],
  ['[https://bank.example/help](https://bank.example)', 'https://bank.example/help'],
  ['[our help](https://bank.example)', 'our help'],
])('a link that is written %s is shown as %s', (text, expected) => {
  expect(shown(text)).toBe(expected);
});
