/** The JavaScript that the page loads before its first screen: index.html names it, and the words of one language follow. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const built = path.join(import.meta.dirname, '../../../dist/renderer');
const LIMIT_BYTES = 350_000;
const gzipBytes = (file: string): number => gzipSync(readFileSync(path.join(built, file))).length;

it('is at most 350 kB of JavaScript, as gzip', () => {
  const html = readFileSync(path.join(built, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)].map(([, file = '']) => file);
  // Earlier builds stay beside it for pages that are open; the entry names the words of this one.
  const entry = named.find((file) => /\/index-/.test(file)) ?? '';
  const words = [...new Set(readFileSync(path.join(built, entry), 'utf8').match(/\ben-[\w-]+\.js/g))];
  expect(named.length).toBeGreaterThan(2);
  expect(words).toHaveLength(1);
  const sizes = [...named, ...words.map((file) => `assets/${file}`)].map((file) => [file, gzipBytes(file)] as const);
  const bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  console.log(`First load: ${Math.round(bytes / 1000)} kB of JavaScript (gzip).`);
  expect(bytes, JSON.stringify(sizes)).toBeLessThanOrEqual(LIMIT_BYTES);
});

it('has neither the markdown of replies nor the pseudo-languages', () => {
  const html = readFileSync(path.join(built, 'index.html'), 'utf8');
  expect(html).not.toMatch(/Markdown-|pseudo-/);
});
