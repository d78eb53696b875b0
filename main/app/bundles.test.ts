import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { freshBuild, makeStamped } from './bundles.ts';

it('a page that lost a script, a font or an image is not fresh', async () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'hearth-bundles-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const files = ['assets/a.js', 'assets/a.css', 'assets/font.woff2', 'flame.svg', 'index.html'];
  const page = path.join(root, 'dist/renderer');
  const build = (): Promise<void> =>
    makeStamped(root, 'page', async () => {
      mkdirSync(path.join(page, 'assets'), { recursive: true });
      for (const file of files) writeFileSync(path.join(page, file), file);
      return files.map((file) => `dist/renderer/${file}`);
    });
  for (const file of files) {
    await build();
    expect(freshBuild(root, 'page')).toBe(path.join(page, 'index.html'));
    rmSync(path.join(page, file));
    expect([file, freshBuild(root, 'page')]).toEqual([file, null]);
  }
});
