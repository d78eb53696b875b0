/** The documents of conversion against the code: lists of what is tested, and the lines that a guide quotes. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { classesTable, testedTable } from '../../support/compatibility-table.ts';

const root = path.join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

test.each([
  ['classes', classesTable()],
  ['tested', testedTable()],
])('docs/hugging-face.md has the list of %s as test/support/compatibility-table.ts prints it', (name, table) => {
  const [, found] =
    new RegExp(`<!-- ${name}: [^>]*-->\n\n([^]*?)\n\n<!-- /${name} -->`).exec(read('docs/hugging-face.md')) ?? [];
  expect(found).toBe(table);
});

const guide = read('docs/adding-an-architecture.md');
const withoutIndent = (text: string): string => text.replaceAll(/^\s+/gm, '').trim();

test('the lines that docs/adding-an-architecture.md quotes are in granite.ts and in variants.py', () => {
  const quoted = (language: string): readonly string[] =>
    [...guide.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, text = '']) =>
      withoutIndent(text),
    );
  const granite = withoutIndent(read('main/convert/architectures/families/granite.ts'));
  const variants = withoutIndent(read('test/support/reference/variants.py'));
  expect(quoted('ts').length).toBeGreaterThan(2);
  expect(quoted('ts').filter((text) => !granite.includes(text))).toEqual([]);
  expect(quoted('python').filter((text) => !variants.includes(text))).toEqual([]);
});

test.each(['docs/adding-an-architecture.md', 'docs/hugging-face.md'])('files that %s names are there', (document) => {
  const targets = [...read(document).matchAll(/\]\(([^)#]+)\)/g)].map(([, target = '']) => target);
  expect(targets.filter((target) => !existsSync(path.join(root, 'docs', target)))).toEqual([]);
});

test('docs/adding-an-architecture.md names every change that a row can have', () => {
  const frame = read('main/convert/architectures/architecture.ts');
  const changes = [...frame.matchAll(/kind: '(\w+)'/g)].map(([, kind = '']) => kind);
  expect(changes.length).toBeGreaterThan(5);
  expect(changes.filter((kind) => !guide.includes(`| \`${kind}\``))).toEqual([]);
});
