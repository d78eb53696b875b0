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

/** Documents about the present state of the repository; the changelog is about the past. */
const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })];
const files = globSync(['*', '{main,preload,renderer,test,docs,assets,.vscode}/**'], { cwd: root }).map((file) =>
  file.replaceAll(path.sep, '/'),
);

it('the documents name files and folders that exist', () => {
  const named: [string, string][] = documents.flatMap((name) =>
    [...read(name).matchAll(/`([\w./-]+)`/g)].map(([, text = '']): [string, string] => [name, text]),
  );
  const fromRoot = named.filter(([, text]) => /^(main|preload|renderer|test|docs|assets|\.vscode)\//.test(text));
  expect(fromRoot.length).toBeGreaterThan(50);
  expect(
    // NNNN-slug.sql and the like are patterns.
    fromRoot.filter(([, text]) => !/[A-Z]{4}/.test(text) && !existsSync(path.join(root, text))),
  ).toEqual([]);
  // Named by the end of their path.
  const sources = named.filter(([, text]) => /\.(ts|tsx|mjs|sql)$/.test(text) && !/[A-Z]{4}/.test(text));
  expect(sources.filter(([, text]) => !files.some((file) => `/${file}`.endsWith(`/${text}`)))).toEqual([]);
});

it('the documents run tests that exist', () => {
  const runs = documents.flatMap((name) =>
    [...read(name).matchAll(/npx vitest run ([a-z][\w./-]*)(?: -t '([^']+)')?/g)].map(([line, below = '', title]) => ({
      line: `${name}: ${line}`,
      below,
      title: title ?? '',
    })),
  );
  expect(runs.length).toBeGreaterThan(2);
  const isRun = (below: string, title: string): boolean =>
    files.some(
      (file) =>
        file.startsWith(below) &&
        file.endsWith('.test.ts') &&
        (title === '' ||
          [...read(file).matchAll(/\b(?:it|describe)\('([^']+)'/g)].some(([, name = '']) => name.includes(title))),
    );
  expect(runs.filter(({ below, title }) => !isRun(below, title))).toEqual([]);
});

it('the documents name the versions of package.json', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>;
  const pinned = { ...manifest['dependencies'], ...manifest['devDependencies'], ...manifest['overrides'] };
  const table = [...read('ARCHITECTURE.md').matchAll(/^\| ([^|`]+) \|/gm)].map(([, cell]) => cell).join('\n');
  const versions = [
    ...table.matchAll(/([@a-z][\w.@/-]*) (\d[\d.]*)/g),
    ...read('docs/decisions/0012-versions-that-move-together.md').matchAll(/([a-z][\w-]*)(?: stays)? at (\d[\d.]*\d)/g),
  ];
  expect(versions.length).toBeGreaterThan(8);
  for (const [, name = '', version = ''] of versions)
    expect(`${name} ${pinned[name] ?? 'none'}.`).toContain(`${name} ${version}.`);
});

it('docs/decisions has an index of its pages, in their order', () => {
  const pages = globSync('docs/decisions/[0-9]*.md', { cwd: root }).map((page) => path.basename(page));
  const listed = [...read('docs/decisions/README.md').matchAll(/^\d+\. \[([^\]]+)\]\(([^)]+)\)$/gm)];
  expect(listed.map(([, , page]) => page)).toEqual(pages.sort());
  for (const [, title, page = ''] of listed)
    expect(read(`docs/decisions/${page}`).split('\n')[0]).toBe(`# ${Number(page.slice(0, 4))}. ${title}`);
});

it('README.md names every variable that the app knows', () => {
  const source = read('main/app/environment.ts');
  for (const [variable] of source.matchAll(/H(?:EARTH|F)_[A-Z_]+/g))
    if (variable !== 'HF_TOKEN_PATH') expect(read('README.md')).toContain(variable);
});
