import {
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshBuild, recipes } from '../../../main/app/bundles.ts';
import { floors, pageFloors } from '../../support/floors.ts';

const root = path.join(import.meta.dirname, '../../..');

/** Every source file of the product, from the root, with what it imports of the others; types count as well. */
function readImports(): Map<string, readonly string[]> {
  const files = ['main', 'preload', 'renderer']
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.(ts|tsx|mjs)$/.test(name) && !/\.(test|d)\.tsx?$/.test(name));
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      const named = [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)'(\.[^']+)'/g)].map((match) =>
        path.posix.join(path.posix.dirname(file), match[1] ?? ''),
      );
      return [file, named.filter((target) => known.has(target))];
    }),
  );
}

/** The floor of a file, by its folder below `base`; null for the entries, which see all. */
function levelIn(order: readonly (readonly string[])[], base: string, file: string): number | null {
  const module = file.slice(base.length).split('/')[0] ?? '';
  const level = order.findIndex((floor) => floor.includes(module));
  return level < 0 ? null : level;
}

const imports = readImports();

describe('the house', () => {
  it('has no circle of imports, of types neither', () => {
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
        return;
      }
      state.set(file, 'open');
      for (const target of imports.get(file) ?? []) visit(target, [...way, file]);
      state.set(file, 'done');
    };
    for (const file of imports.keys()) visit(file, []);
    expect(imports.size).toBeGreaterThan(250);
    expect(circles).toEqual([]);
  });

  it('has no arrow up and none to a module beside', () => {
    const wrong: string[] = [];
    const pageOrder = pageFloors.map((folder) => [folder]);
    for (const [file, targets] of imports)
      for (const target of targets)
        for (const [base, order] of [
          ['main/', floors],
          ['renderer/', pageOrder],
        ] as const) {
          if (!file.startsWith(base) || !target.startsWith(base)) continue;
          const [from, to] = [levelIn(order, base, file), levelIn(order, base, target)];
          const isOwn = file.split('/')[1] === target.split('/')[1];
          if (from !== null && !isOwn && (to === null || to >= from)) wrong.push(`${file} -> ${target}`);
        }
    expect(wrong).toEqual([]);
  });

  it('names every folder of main and of the page in its floors', () => {
    const folders = (base: string): string[] =>
      readdirSync(path.join(root, base)).filter((name) => statSync(path.join(root, base, name)).isDirectory());
    expect(folders('main').filter((name) => !floors.flat().includes(name))).toEqual([]);
    expect(folders('renderer').filter((name) => !pageFloors.includes(name))).toEqual(['public']);
  });
});

describe('a build', () => {
  it.for([
    ['engine', 'main/engine/child/reply/reasoning.ts'],
    ['main', 'main/store/store.ts'],
    ['desktop', 'main/shell/electron/window.ts'],
    ['page', 'renderer/features/chat/chat.tsx'],
  ] as const)(
    'of %s is stale as soon as any of its sources is newer, also one in a folder below',
    ([build, source]) => {
      const checkout = mkdtempSync(path.join(os.tmpdir(), 'hearth-fresh-'));
      try {
        const write = (file: string, atSeconds: number): void => {
          mkdirSync(path.dirname(path.join(checkout, file)), { recursive: true });
          writeFileSync(path.join(checkout, file), '');
          utimesSync(path.join(checkout, file), atSeconds, atSeconds);
        };
        const { output, sources } = recipes[build];
        for (const one of sources) write(path.extname(one) === '' ? `${one}/one.ts` : one, 1000);
        write(source, 1000);
        expect(freshBuild(checkout, build)).toBeNull();
        write(output, 2000);
        expect(freshBuild(checkout, build)).toBe(path.join(checkout, output));
        write(source.replace(/(\.tsx?)$/, '.test$1'), 3000);
        expect(freshBuild(checkout, build)).toBe(path.join(checkout, output));
        write(source, 3000);
        expect(freshBuild(checkout, build)).toBeNull();
      } finally {
        rmSync(checkout, { recursive: true, force: true });
      }
    },
  );

  it.for([
    [
      'engine',
      ['main/engine/child/child.ts', 'main/process/lifeline-worker.ts', 'main/engine/child/prompt/template-worker.ts'],
    ],
    ['main', ['main/start.ts', 'main/hearth.ts']],
    ['desktop', ['main/electron.ts', 'preload/preload.ts']],
  ] as const)('of %s is made of nothing outside the folders that are looked at', ([build, entries]) => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const target of imports.get(file) ?? []) visit(target);
    };
    for (const entry of entries) visit(entry);
    expect(reached.size).toBeGreaterThan(entries.length);
    expect(
      [...reached].filter((file) => !recipes[build].sources.some((source) => file.startsWith(`${source}/`))),
    ).toEqual([]);
  });
});
