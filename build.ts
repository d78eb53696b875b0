/**
 * Builds what is not run from its source. `node build.ts` builds everything, `--only page` (also `engine`, `main`, `desktop`; any number
 * of times) a part, `--if-stale` only what is not fresh. `--stage` also lays out what electron-builder puts beside the app, for this platform or for
 * `--target linux-arm64`.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { InputOptions, OutputOptions, Plugin } from 'rolldown';
import { freshBuild, makeStamped, type Build } from './main/app/bundles.ts';
import { nodeFromPackages } from './main/app/layout.ts';
import { listReplaced, removeReplaced } from './main/app/replaced.ts';

const root = import.meta.dirname;
const at = (...parts: string[]): string => path.join(root, ...parts);
/** The builds of this process, for the names of folders that are not finished. */
const unfinished = (folder: string): string => at(`${folder}.${process.pid}`);

async function bundle(input: InputOptions, output: OutputOptions): Promise<void> {
  const { rolldown } = await import('rolldown');
  const built = await rolldown({
    platform: 'node',
    logLevel: 'warn',
    // What package.json names first is a script that asks for its parts in a way that no bundler follows.
    resolve: { alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' } },
    ...input,
  });
  await built.write({ minify: false, sourcemap: false, ...output });
  await built.close();
}

/**
 * `node:http` without the exports that load Node's whole fetch when they are read (WebSocket and its events): an import of the module
 * reads every export, and that costs 30 ms.
 */
function httpWithoutFetch(): Plugin {
  const values = Object.entries(Object.getOwnPropertyDescriptors(http)).flatMap(([name, { get }]) =>
    get ? [] : [name],
  );
  const id = '\0node:http';
  return {
    name: 'http-without-fetch',
    resolveId: (source) => (/^(node:)?http$/.test(source) ? id : null),
    load: (loaded) =>
      loaded === id
        ? `const http = process.getBuiltinModule('node:http');\nexport default http;\nexport const { ${values.join(', ')} } = http;\n`
        : null,
  };
}

/** The files below `folder`, as paths from there. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .map((name) => name.replaceAll('\\', '/'))
    .sort();

/** Moves files from one folder to another, one after the other, and answers their paths from `root`. */
function moveFiles(from: string, to: string, names: readonly string[]): string[] {
  for (const name of names) {
    mkdirSync(path.dirname(at(to, name)), { recursive: true });
    renameSync(path.join(from, name), at(to, name));
  }
  return names.map((name) => `${to}/${name}`);
}

/** The page, by Vite. Pages that are open load further chunks of their own build when they are needed. */
async function buildPage(): Promise<string[]> {
  const fresh = unfinished('dist/renderer');
  const { build } = await import('vite');
  // Vite takes a NODE_ENV that is set already, and a test run sets one: the page would carry React's development half.
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({
      configFile: at('vite.config.ts'),
      // Whatever folder the build is started in.
      root: at('renderer'),
      logLevel: 'warn',
      build: { outDir: fresh, emptyOutDir: true },
    });
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
  // index.html last: what it loads is there before it.
  const others = filesBelow(fresh).filter((name) => name !== 'index.html');
  const files = moveFiles(fresh, 'dist/renderer', [...others, 'index.html']);
  rmSync(fresh, { recursive: true });
  removeReplaced(at('dist/renderer/assets'), (name) => others.includes(`assets/${name}`));
  return files;
}

/** A hash for the name of what was built, so that a process that runs from an earlier build goes on with that one. */
const shortHash = (parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 8);
};
const isHashed = (name: string): boolean => /-[\w-]{8}\.js$/.test(name);

/** The threads of main: the file of each, the file that starts it, and how that names it. */
const threads = [
  {
    file: 'main/hub/transfer/hash-worker.ts',
    startedBy: 'main/hub/transfer/file-hasher.ts',
    as: './hash-worker.ts',
  },
  {
    file: 'main/chat-format/template/trial-worker.ts',
    startedBy: 'main/library/models/trial-thread.ts',
    as: '../../chat-format/template/trial-worker.ts',
  },
  {
    file: 'main/engine/host/machine/memory-worker.ts',
    startedBy: 'main/engine/host/machine/memory-rate.ts',
    as: './memory-worker.ts',
  },
  {
    file: 'main/convert/write/step-thread.ts',
    startedBy: 'main/convert/write/step-threads.ts',
    as: './step-thread.ts',
  },
  {
    file: 'main/chat/exchange/read/read-thread.ts',
    startedBy: 'main/chat/exchange/read/read-file.ts',
    as: './read-thread.ts',
  },
] as const;

/** Builds the threads of main into `folder`, a file each with the hash of its text in its name, and the plugin that starts those. */
async function bundleThreads(folder: string): Promise<{ names: string[]; plugin: Plugin }> {
  const fresh = unfinished('dist/threads');
  mkdirSync(folder, { recursive: true });
  const hashed = new Map<string, string>();
  for (const { file } of threads) {
    const name = path.basename(file, '.ts');
    const plain = path.join(fresh, `${name}.js`);
    await bundle({ input: at(file) }, { file: plain, format: 'esm', codeSplitting: false });
    hashed.set(file, `${name}-${shortHash([readFileSync(plain)])}`);
    renameSync(plain, path.join(folder, `${hashed.get(file)}.js`));
  }
  rmSync(fresh, { recursive: true });
  const plugin: Plugin = {
    name: 'hashed-threads',
    transform(code, id) {
      const thread = threads.find(({ startedBy }) => id.replaceAll('\\', '/').endsWith(startedBy));
      if (!thread) return null;
      const written = code.replace(`threadFile('${thread.as}'`, `threadFile('./${hashed.get(thread.file)}.ts'`);
      if (written === code) throw new Error(`${id} starts no thread ${thread.as}.`);
      return written;
    },
  };
  return { names: [...hashed.values()].map((name) => `${name}.js`), plugin };
}

/**
 * Main for plain Node: an entry for each command, and what they share in files that are loaded when they are needed. The files that are
 * shared have their hash in their name.
 */
async function buildMain(): Promise<string[]> {
  const fresh = unfinished('dist/main');
  const input = {
    start: at('main/start.ts'),
    hearth: at('main/hearth.ts'),
  };
  const { plugin } = await bundleThreads(fresh);
  await bundle(
    {
      input,
      external: ['better-sqlite3'],
      plugins: [httpWithoutFetch(), plugin],
      // A module that nothing is used of is left out: an entry file such as hub.ts then costs only what is used of it.
      treeshake: {
        moduleSideEffects: [{ test: /[\\/](main|preload)[\\/](?!start\.ts$)/, sideEffects: false }],
      },
    },
    { dir: fresh, format: 'esm', chunkFileNames: '[name]-[hash].js' },
  );
  const entries = ['hearth.js', 'start.js'];
  const chunks = filesBelow(fresh).filter((name) => !entries.includes(name));
  // The entries last: what they load is there before them.
  const files = moveFiles(fresh, 'dist/main', [...chunks, ...entries]);
  rmSync(fresh, { recursive: true });
  removeReplaced(at('dist/main'), (name) => chunks.includes(name) || !isHashed(name) || isOfDesktop(name));
  rmSync(at('dist/compile-cache'), { recursive: true, force: true });
  return files;
}

/** Whether the desktop's bundle, which may be an older build, starts this thread. */
function isOfDesktop(name: string): boolean {
  const file = at('dist/main/electron.js');
  return isHashed(name) && existsSync(file) && readFileSync(file, 'utf8').includes(name.replace(/\.js$/, ''));
}

/** Main for Electron in one file, the preload script, the migrations and the icon. */
async function buildDesktop(): Promise<string[]> {
  // Sandboxed preload scripts are CommonJS.
  await bundle(
    { input: at('preload/preload.ts'), external: ['electron'] },
    { file: at('dist/preload/preload.cjs'), format: 'cjs', codeSplitting: false },
  );
  cpSync(at('main/store/migrations'), at('dist/migrations'), { recursive: true });
  cpSync(at('assets/icon.png'), at('dist/icon.png'));
  // A thread's file lies beside the bundle that starts it (threadFile).
  const { names, plugin } = await bundleThreads(at('dist/main'));
  await bundle(
    { input: at('main/electron.ts'), external: ['electron', 'better-sqlite3'], plugins: [plugin] },
    { file: at('dist/main/electron.js'), format: 'esm', codeSplitting: false },
  );
  return [
    'dist/preload/preload.cjs',
    ...filesBelow(at('main/store/migrations')).map((name) => `dist/migrations/${name}`),
    'dist/icon.png',
    ...names.map((name) => `dist/main/${name}`),
    'dist/main/electron.js',
  ];
}

/** Where the native llama.cpp package of a target lies. */
const llamaPackages: Readonly<Record<string, string>> = {
  'linux-x64': '@node-llama-cpp/linux-x64',
  'linux-arm64': '@node-llama-cpp/linux-arm64',
  'darwin-x64': '@node-llama-cpp/mac-x64',
  'darwin-arm64': '@node-llama-cpp/mac-arm64-metal',
  'win32-x64': '@node-llama-cpp/win-x64',
};

/**
 * node-llama-cpp takes its libraries only from a package of its own version, and reads that version from a package.json two folders
 * above one of its files. A bundle has no such place, so the version is written in.
 */
function writeInLlamaVersion(): Plugin {
  const { version } = JSON.parse(readFileSync(at('node_modules/node-llama-cpp/package.json'), 'utf8')) as {
    version: string;
  };
  return {
    name: 'llama-version',
    transform: (_code, id) =>
      /node-llama-cpp[\\/]dist[\\/]utils[\\/]getModuleVersion\.js$/.test(id)
        ? `export const getModuleVersion = async () => ${JSON.stringify(version)};`
        : // It would try the libraries out in a further process. The child is that process: it ends, and the host says why.
          /node-llama-cpp[\\/]dist[\\/]bindings[\\/]utils[\\/]testBindingBinary\.js$/.test(id)
          ? 'export const testBindingBinary = async () => true;'
          : null,
  };
}

/** The engine child and the other children below `folder`, with what is read beside them. They start in a quarter of the time. */
async function bundleEngine(folder: string): Promise<void> {
  mkdirSync(path.join(folder, 'llama'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const name of readdirSync(at('node_modules/node-llama-cpp/llama')))
    if (name.endsWith('.json')) cpSync(at('node_modules/node-llama-cpp/llama', name), path.join(folder, 'llama', name));
  await bundle(
    {
      // An entry each: the threads do not load node-llama-cpp.
      input: {
        child: at('main/engine/child/child.ts'),
        'convert-child': at('main/convert/child/child.ts'),
        'native-child': at('native/child.ts'),
        'tokenizer-child': at('main/convert/tokenizer/tokenizer-child.ts'),
        'step-thread': at('main/convert/write/step-thread.ts'),
        'template-worker': at('main/chat-format/template/template-worker.ts'),
        'lifeline-worker': at('main/process/lifeline-worker.ts'),
      },
      // reflink: native code for cloning files that node-llama-cpp's downloader would load on demand; the child downloads nothing.
      external: [/^@node-llama-cpp\//, /^@koromix\//, /^@reflink\//],
      plugins: [writeInLlamaVersion()],
    },
    { dir: path.join(folder, 'dist'), format: 'esm', chunkFileNames: '[name].js' },
  );
}

/**
 * The engine child of the checkout, in a folder that its content names. A running app starts its children from the build that was there
 * when it started, because that one speaks its protocol.
 */
async function buildEngine(): Promise<string[]> {
  const fresh = unfinished('dist/engine');
  await bundleEngine(fresh);
  const files = filesBelow(fresh);
  const version = shortHash(files.flatMap((name) => [name, readFileSync(path.join(fresh, name))]));
  const folder = at('dist/engine', version);
  // What a build left unfinished, or somebody changed, is not taken for this one.
  const isThere = files.every((name) => {
    const file = path.join(folder, name);
    return existsSync(file) && readFileSync(file).equals(readFileSync(path.join(fresh, name)));
  });
  if (!isThere) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(at('dist/engine'), { recursive: true });
    try {
      renameSync(fresh, folder);
    } catch (error) {
      // Another process that built the same was faster, and its build is as good.
      if (!existsSync(folder)) throw error;
    }
  }
  rmSync(fresh, { recursive: true, force: true });
  removeReplaced(at('dist/engine'), (name) => name === version || name.endsWith('.sources'));
  const output = 'dist/child.js';
  return [...files.filter((name) => name !== output), output].map((name) => `dist/engine/${version}/${name}`);
}

/** electron-builder's names of the targets: `${os}-${arch}` in electron-builder.yml. */
function builderName(target: string): string {
  return target.replace('darwin', 'mac').replace('win32', 'win');
}

/** Copies the page, where it is built, to `dist/resources/page`, without the files of earlier builds. */
function stagePage(): void {
  const [page, staged] = [at('dist/renderer'), at('dist/resources/page')];
  rmSync(staged, { recursive: true, force: true });
  if (!existsSync(page)) return;
  const replaced = listReplaced(path.join(page, 'assets'));
  cpSync(page, staged, {
    recursive: true,
    filter: (file) =>
      !file.endsWith('.sources') &&
      !(path.basename(path.dirname(file)) === 'assets' && replaced.has(path.basename(file))),
  });
}

/** Copies the library with which the native child calls C. Its JavaScript is part of the bundle. */
function stageKoffi(target: string, packagesRoot: string, modules: string): void {
  const name = `@koromix/koffi-${target}`;
  const installed = path.join(packagesRoot, 'node_modules', name);
  if (!existsSync(installed))
    throw new Error(`The koffi package of ${target} is not installed: npm install --no-save --force ${name}`);
  cpSync(installed, path.join(modules, name), {
    recursive: true,
    // Node and llama.cpp's libraries are for glibc.
    filter: (file) => !path.basename(file).startsWith('musl'),
  });
}

/**
 * Lays out `dist/resources/<os>-<arch>`: the plain Node binary, the children with what they read, and the target's own
 * libraries of llama.cpp and koffi. The packages of the target are those of `packagesRoot`.
 * @throws Error when a package of the target is not installed.
 */
export async function stageResources(target: string, packagesRoot = root): Promise<string> {
  const folder = at('dist/resources', builderName(target));
  rmSync(folder, { recursive: true, force: true });
  const llama = llamaPackages[target];
  const installed = path.join(packagesRoot, 'node_modules', llama ?? '');
  if (llama === undefined || !existsSync(installed))
    throw new Error(
      `The llama.cpp package of ${target} is not installed: npm install --no-save --force ${llama ?? '(none known)'}`,
    );
  mkdirSync(path.join(folder, 'node'), { recursive: true });
  const node = nodeFromPackages(packagesRoot, target);
  cpSync(node, path.join(folder, 'node', path.basename(node)));
  await bundleEngine(path.join(folder, 'engine'));
  cpSync(installed, path.join(folder, 'engine/node_modules', llama), { recursive: true });
  stageKoffi(target, packagesRoot, path.join(folder, 'engine/node_modules'));
  for (const kind of ['models', 'texts']) cpSync(at('assets', kind), path.join(folder, kind), { recursive: true });
  stagePage();
  return folder;
}

const builders: Readonly<Record<Build, () => Promise<string[]>>> = {
  page: buildPage,
  engine: buildEngine,
  main: buildMain,
  desktop: buildDesktop,
};

/** Deletes the folders of builds that were killed. */
function removeUnfinished(): void {
  for (const name of readdirSync(at('dist')))
    if (/^(renderer|threads|main|engine)\.\d+$/.test(name)) rmSync(at('dist', name), { recursive: true, force: true });
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      'if-stale': { type: 'boolean', default: false },
      stage: { type: 'boolean', default: false },
      target: { type: 'string' },
    },
  });
  const known = Object.keys(builders) as Build[];
  const foreign = values.only?.find((name) => !known.some((build) => build === name));
  if (foreign !== undefined) throw new Error(`There is no build "${foreign}". There are: ${known.join(', ')}.`);
  // Loaded only here: who imports this file for its staging needs no database.
  const { lockBuilds } = await import('./main/app/build-lock.ts');
  const release = lockBuilds(at('dist'), () => console.error('Waiting for another build…'));
  // With the lock, no other build runs.
  if (release !== null) removeUnfinished();
  for (const build of known) {
    const isWanted = values.only?.includes(build) ?? true;
    // Another process may have made it while this one waited.
    const isMade = values['if-stale'] && freshBuild(root, build) !== null;
    if (isWanted && !isMade) await makeStamped(root, build, builders[build]);
  }
  if (values.stage) await stageResources(values.target ?? `${process.platform}-${process.arch}`);
  release?.();
}
