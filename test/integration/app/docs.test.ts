import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { contract } from '../../../preload/contract/contract.ts';

const root = path.join(import.meta.dirname, '../../..');
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');

it('ARCHITECTURE.md lists every route, and no other', () => {
  const listed = [...read('ARCHITECTURE.md').matchAll(/^\| (`[a-z]+\.[A-Za-z]+`.*?) \|/gm)].flatMap((row) =>
    [...(row[1] ?? '').matchAll(/`([a-z]+\.[A-Za-z]+)`/g)].map((match) => match[1] ?? ''),
  );
  expect(listed.sort()).toEqual(Object.keys(contract).sort());
});

it('the documents link to files that exist and name scripts that exist', () => {
  const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
  const pages = globSync('docs/**/*.md', { cwd: root });
  expect(pages.length).toBeGreaterThan(20);
  for (const name of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages]) {
    const text = read(name);
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g))
      expect([name, target, existsSync(path.join(root, path.dirname(name), target))]).toEqual([name, target, true]);
    for (const [, script = ''] of text.matchAll(/npm run ([a-z:]+)/g))
      expect([name, script, Object.hasOwn(scripts, script)]).toEqual([name, script, true]);
  }
});

it('docs/decisions has an index of its pages, in their order', () => {
  const pages = globSync('docs/decisions/[0-9]*.md', { cwd: root }).map((page) => path.basename(page));
  const listed = [...read('docs/decisions/README.md').matchAll(/^\d+\. \[([^\]]+)\]\(([^)]+)\)$/gm)];
  expect(listed.map(([, , page]) => page)).toEqual(pages.sort());
  for (const [index, [, title, page]] of listed.entries())
    expect(read(`docs/decisions/${page}`).split('\n')[0]).toBe(`# ${index + 1}. ${title}`);
});

it('README.md names every variable that the app knows', () => {
  const source = read('main/app/environment.ts');
  for (const [variable] of source.matchAll(/H(?:EARTH|F)_[A-Z_]+/g))
    if (variable !== 'HF_TOKEN_PATH') expect(read('README.md')).toContain(variable);
});
