import { existsSync, readFileSync } from 'node:fs';
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
  for (const name of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']) {
    const text = read(name);
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      expect([name, target, existsSync(path.join(root, target))]).toEqual([name, target, true]);
    for (const [, script = ''] of text.matchAll(/npm run ([a-z:]+)/g))
      expect([name, script, Object.hasOwn(scripts, script)]).toEqual([name, script, true]);
  }
});

it('README.md names every variable that the app knows', () => {
  const source = read('main/app/environment.ts');
  for (const [variable] of source.matchAll(/H(?:EARTH|F)_[A-Z_]+/g))
    if (variable !== 'HF_TOKEN_PATH') expect(read('README.md')).toContain(variable);
});
