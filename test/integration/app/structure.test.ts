import {
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshBuild, makeStamped, recipes } from '../../../main/app/bundles.ts';
import { layers, pageLayers } from '../../support/layers.ts';

const root = path.join(import.meta.dirname, '../../..');

/** Every source file of the product, from the root, with its imports of other source files; type imports count too. */
function readImports(): Map<string, readonly string[]> {
  const files = ['main', 'native', 'preload', 'renderer']
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

/** The layer of a file, by its folder below `base`; null for the entries, which may import everything. */
function levelIn(order: readonly (readonly string[])[], base: string, file: string): number | null {
  const module = file.slice(base.length).split('/')[0] ?? '';
  const level = order.findIndex((layer) => layer.includes(module));
  return level < 0 ? null : level;
}

const imports = readImports();
/** What may name an export beside the product: its tests, what supports them, and the scripts in the root. */
const testFiles = [
  ...['main', 'native', 'preload', 'renderer', 'test'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((name) => (folder === 'test' ? /\.(tsx?|mjs)$/ : /\.test\.tsx?$/).test(name)),
  ),
  ...readdirSync(root).filter((name) => /\.(ts|js|mjs)$/.test(name)),
];

describe('the source tree', () => {
  it('has no circular imports, not even of types', () => {
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

  it('has no import upwards and none within a layer', () => {
    const wrong: string[] = [];
    const pageOrder = pageLayers.map((folder) => [folder]);
    for (const [file, targets] of imports)
      for (const target of targets)
        for (const [base, order] of [
          ['main/', layers],
          ['renderer/', pageOrder],
        ] as const) {
          if (!file.startsWith(base) || !target.startsWith(base)) continue;
          const [from, to] = [levelIn(order, base, file), levelIn(order, base, target)];
          const isOwn = file.split('/')[1] === target.split('/')[1];
          if (from !== null && !isOwn && (to === null || to >= from)) wrong.push(`${file} -> ${target}`);
        }
    expect(wrong).toEqual([]);
  });

  it('exports no value that no other file names', () => {
    const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
    const users = new Map<string, number>();
    for (const file of [...imports.keys(), ...testFiles])
      for (const word of new Set(textOf(file).match(/\w+/g))) users.set(word, (users.get(word) ?? 0) + 1);
    const unused = [...imports.keys()].flatMap((file) =>
      [...textOf(file).matchAll(/^export (?:async )?(?:const|let|function\*?) (\w+)/gm)]
        .filter(([, name = '']) => users.get(name) === 1)
        .map(([, name]) => `${file}: ${name}`),
    );
    expect(unused).toEqual([]);
  });

  it('opens models in inference alone', () => {
    const opens = /(?<!')\bengine\.(?:open|openLoaded|load)\b|<Engine,[^>]*'(?:open|openLoaded|load)'/;
    const isOpening = (file: string): boolean => opens.test(readFileSync(path.join(root, file), 'utf8'));
    expect(isOpening('main/inference/local.ts')).toBe(true);
    const others = [...imports.keys()].filter((file) => !/^main\/(?:inference|engine)\//.test(file));
    expect(others.filter((file) => file.startsWith('main/') && isOpening(file))).toEqual([]);
  });

  it('names every folder of main and of the page in its layers', () => {
    const folders = (base: string): string[] =>
      readdirSync(path.join(root, base)).filter((name) => statSync(path.join(root, base, name)).isDirectory());
    expect(folders('main').filter((name) => !layers.flat().includes(name))).toEqual([]);
    expect(folders('renderer').filter((name) => !pageLayers.includes(name))).toEqual(['public']);
  });
});

describe('a build', () => {
  it.for([
    ['engine', 'main/engine/child/reply/calls.ts'],
    ['main', 'main/store/store.ts'],
    ['desktop', 'main/shell/electron/window.ts'],
    ['page', 'renderer/features/chat/chat.tsx'],
  ] as const)(
    'of %s is stale as soon as any of its sources is another, also one in a folder below',
    async ([build, source]) => {
      const checkout = mkdtempSync(path.join(os.tmpdir(), 'hearth-fresh-'));
      try {
        const at = (file: string): string => path.join(checkout, file);
        const write = (file: string, atSeconds: number, text = ''): void => {
          mkdirSync(path.dirname(at(file)), { recursive: true });
          writeFileSync(at(file), text);
          utimesSync(at(file), atSeconds, atSeconds);
        };
        const { output, sources } = recipes[build];
        const make = (): Promise<void> =>
          makeStamped(checkout, build, async () => {
            write(output, 500);
            return [output];
          });
        const isFresh = (): boolean => freshBuild(checkout, build) === at(output);
        for (const one of sources) write(path.extname(one) === '' ? `${one}/one.ts` : one, 1000);
        write(source, 1000);
        expect(freshBuild(checkout, build)).toBeNull();
        write(output, 2000);
        expect(freshBuild(checkout, build)).toBeNull();
        await make();
        expect(isFresh()).toBe(true);
        write(source.replace(/(\.tsx?)$/, '.test$1'), 3000);
        expect(isFresh()).toBe(true);

        write(source, 3000);
        expect(freshBuild(checkout, build)).toBeNull();
        await make();
        expect(isFresh()).toBe(true);
        // Restored from a copy with its old modification time.
        write(source, 1000);
        expect(freshBuild(checkout, build)).toBeNull();
        await make();
        write(source, 1000, 'of the same time');
        expect(freshBuild(checkout, build)).toBeNull();

        const added = source.replace(/(\.tsx?)$/, '-added$1');
        await make();
        write(added, 1000);
        expect(freshBuild(checkout, build)).toBeNull();
        await make();
        rmSync(at(added));
        expect(freshBuild(checkout, build)).toBeNull();

        await make();
        rmSync(at(output));
        expect(freshBuild(checkout, build)).toBeNull();
      } finally {
        rmSync(checkout, { recursive: true, force: true });
      }
    },
  );

  it(
    'is not made of what editors and systems put beside the sources, nor of links that lead nowhere',
    { skip: process.platform === 'win32' },
    async () => {
      const checkout = mkdtempSync(path.join(os.tmpdir(), 'hearth-fresh-'));
      try {
        const folder = path.join(checkout, 'main/cli');
        mkdirSync(folder, { recursive: true });
        writeFileSync(path.join(folder, 'cli.ts'), '');
        await makeStamped(checkout, 'main', async () => {
          mkdirSync(path.join(checkout, 'dist/main'), { recursive: true });
          writeFileSync(path.join(checkout, 'dist/main/start.js'), '');
          return ['dist/main/start.js'];
        });
        for (const name of ['#cli.ts#', '.cli.ts.swp', 'cli.ts~', '.DS_Store', 'cli.snap'])
          writeFileSync(path.join(folder, name), '');
        symlinkSync('user@host.1:1', path.join(folder, '.#cli.ts'));
        symlinkSync('nowhere.ts', path.join(folder, 'dangling.ts'));
        symlinkSync('circle.ts', path.join(folder, 'circle.ts'));
        expect(freshBuild(checkout, 'main')).not.toBeNull();
        const elsewhere = path.join(checkout, 'elsewhere.ts');
        writeFileSync(elsewhere, '');
        symlinkSync(elsewhere, path.join(folder, 'linked.ts'));
        expect(freshBuild(checkout, 'main')).toBeNull();
      } finally {
        rmSync(checkout, { recursive: true, force: true });
      }
    },
  );

  it('that lost a file, or has one that was cut short, is stale', async () => {
    const checkout = mkdtempSync(path.join(os.tmpdir(), 'hearth-fresh-'));
    try {
      for (const folder of ['main', 'dist/main']) mkdirSync(path.join(checkout, folder), { recursive: true });
      writeFileSync(path.join(checkout, 'main/start.ts'), '');
      const written = ['shared-12345678.js', 'hearth.js', 'start.js'].map((name) => `dist/main/${name}`);
      const files = written.map((name) => path.join(checkout, name));
      const make = (): Promise<void> =>
        makeStamped(checkout, 'main', async () => {
          files.forEach((file) => writeFileSync(file, 'export {};'));
          return written;
        });
      for (const file of files) {
        await make();
        expect(freshBuild(checkout, 'main')).not.toBeNull();
        writeFileSync(file, '');
        expect(freshBuild(checkout, 'main')).toBeNull();
        await make();
        rmSync(file);
        expect(freshBuild(checkout, 'main')).toBeNull();
      }
    } finally {
      rmSync(checkout, { recursive: true, force: true });
    }
  });

  it('of a source that is changed while it is made is stale, and so is one that was cut off', async () => {
    const checkout = mkdtempSync(path.join(os.tmpdir(), 'hearth-fresh-'));
    try {
      for (const folder of ['main', 'dist/main']) mkdirSync(path.join(checkout, folder), { recursive: true });
      const [source, output] = ['main/start.ts', 'dist/main/start.js'].map((file) => path.join(checkout, file)) as [
        string,
        string,
      ];
      const make = (text: string): Promise<void> =>
        makeStamped(checkout, 'main', async () => {
          writeFileSync(source, text);
          writeFileSync(output, text);
          return ['dist/main/start.js'];
        });
      writeFileSync(source, 'a');
      await make('ab');
      expect(freshBuild(checkout, 'main')).toBeNull();
      utimesSync(source, 1000, 1000);
      await makeStamped(checkout, 'main', async () => {
        writeFileSync(output, 'ab');
        return ['dist/main/start.js'];
      });
      expect(freshBuild(checkout, 'main')).toBe(output);
      const cutOff = makeStamped(checkout, 'main', () => Promise.reject(new Error('cut off')));
      await expect(cutOff).rejects.toThrow('cut off');
      expect(freshBuild(checkout, 'main')).toBeNull();
    } finally {
      rmSync(checkout, { recursive: true, force: true });
    }
  });

  it.for([
    [
      'engine',
      ['main/engine/child/child.ts', 'main/process/lifeline-worker.ts', 'main/chat-format/template/template-worker.ts'],
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
