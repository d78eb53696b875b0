/**
 * Builds what is not run from its source: the page (Vite), and for the desktop the main process, the preload script and the engine
 * child as one file each (Rolldown). `node build.ts` builds all, `--only page` or `--only engine` one part; `--stage` also lays out
 * the parts that electron-builder puts beside the app, for this platform or for `--target linux-arm64`.
 */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Plugin } from 'rolldown';
import { freshEngineBundle, nodeFromPackages } from './main/app/layout.ts';

const root = import.meta.dirname;
const at = (...parts: string[]): string => path.join(root, ...parts);

async function buildRenderer(): Promise<void> {
  // Loaded when needed: a start that finds everything built does not pay for the tools.
  const { build } = await import('vite');
  // Vite takes a NODE_ENV that is set already, and a test run sets one: the page would carry React's development half.
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({ configFile: at('vite.config.ts'), logLevel: 'warn' });
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}

/** Builds the page when it is not there or older than anything it is made of. */
export async function buildRendererIfNeeded(): Promise<void> {
  const page = at('dist/renderer/index.html');
  const sources = [
    ...globSync(['renderer/**/*.{ts,tsx,css,html,js,svg}', 'preload/{contract,wire}/*.ts'], { cwd: root }),
    'vite.config.ts',
    'package-lock.json',
  ];
  const newest = Math.max(...sources.map((file) => statSync(at(file)).mtimeMs));
  if (existsSync(page) && statSync(page).mtimeMs >= newest) return;
  // Not with the output, which programs read.
  console.error('Building the page…');
  await buildApart('page');
}

/** The tools keep hundreds of megabytes: beside an app that goes on they run in a process that ends. */
async function buildApart(part: 'page' | 'engine'): Promise<void> {
  const child = spawn(process.execPath, [at('build.ts'), '--only', part], { stdio: ['ignore', 2, 2] });
  const code = await new Promise<number | null>((resolve, reject) => child.once('exit', resolve).once('error', reject));
  if (code !== 0) throw new Error(`Building the ${part} failed.`);
}

async function bundle(
  input: string,
  output: string,
  format: 'esm' | 'cjs',
  external: (string | RegExp)[],
): Promise<void> {
  const { rolldown } = await import('rolldown');
  const built = await rolldown({ input: at(input), platform: 'node', external, logLevel: 'warn' });
  await built.write({ file: at(output), format, codeSplitting: false, minify: false, sourcemap: false });
  await built.close();
}

/** The page, main, preload and migrations: what a desktop window needs from `dist`. */
export async function buildForDesktop(): Promise<void> {
  await buildRendererIfNeeded();
  await buildEngineIfNeeded();
  await bundle('main/electron.ts', 'dist/main/electron.js', 'esm', ['electron', 'better-sqlite3']);
  // Sandboxed preload scripts are CommonJS.
  await bundle('preload/preload.ts', 'dist/preload/preload.cjs', 'cjs', ['electron']);
  cpSync(at('main/store/migrations'), at('dist/migrations'), { recursive: true });
  cpSync(at('assets/icon.png'), at('dist/icon.png'));
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
 * above one of its files. In one file there is no such place, so the version is written in.
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

/** electron-builder's names of the targets: `${os}-${arch}` in electron-builder.yml. */
function builderName(target: string): string {
  return target.replace('darwin', 'mac').replace('win32', 'win');
}

/** The engine child in a few files below `folder`, with the descriptions that it reads beside it. It starts in a quarter of the time. */
async function bundleEngine(folder: string): Promise<void> {
  mkdirSync(path.join(folder, 'llama'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const name of readdirSync(at('node_modules/node-llama-cpp/llama')))
    if (name.endsWith('.json')) cpSync(at('node_modules/node-llama-cpp/llama', name), path.join(folder, 'llama', name));
  rmSync(path.join(folder, 'dist'), { recursive: true, force: true });
  const { rolldown } = await import('rolldown');
  const built = await rolldown({
    input: {
      child: at('main/engine/child/child.ts'),
      'template-worker': at('main/engine/child/prompt/template-worker.ts'),
      'lifeline-worker': at('main/process/lifeline-worker.ts'),
    },
    platform: 'node',
    // reflink: native code for cloning files that node-llama-cpp's downloader would load on demand; the child downloads nothing.
    external: [/^@node-llama-cpp\//, /^@reflink\//],
    plugins: [writeInLlamaVersion()],
    logLevel: 'warn',
  });
  // An entry each: the threads are spared node-llama-cpp.
  await built.write({ dir: path.join(folder, 'dist'), format: 'esm', chunkFileNames: '[name].js', sourcemap: false });
  await built.close();
}

/** The engine child of a checkout, unless what is there is newer than all that it is made of. */
export async function buildEngineIfNeeded(): Promise<void> {
  if (freshEngineBundle(root) === null) await buildApart('engine');
}

async function buildEngine(): Promise<void> {
  // A running app starts children from there: it sees the old one whole, or the new one.
  const [fresh, old] = [at(`dist/engine.${process.pid}`), at(`dist/engine.${process.pid}.old`)];
  await bundleEngine(fresh);
  if (existsSync(at('dist/engine'))) renameSync(at('dist/engine'), old);
  renameSync(fresh, at('dist/engine'));
  rmSync(old, { recursive: true, force: true });
}

/**
 * Lays out `dist/resources/<os>-<arch>`: the plain Node binary, the engine child in one file with the descriptions it reads, and
 * the target's own llama.cpp libraries.
 * @throws Error when a package of the target is not installed.
 */
export async function stageResources(target: string): Promise<string> {
  const folder = at('dist/resources', builderName(target));
  rmSync(folder, { recursive: true, force: true });
  const llama = llamaPackages[target];
  if (llama === undefined || !existsSync(at('node_modules', llama)))
    throw new Error(
      `The llama.cpp package of ${target} is not installed: npm install --no-save --force ${llama ?? '(none known)'}`,
    );
  mkdirSync(path.join(folder, 'node'), { recursive: true });
  const node = nodeFromPackages(root, target);
  cpSync(node, path.join(folder, 'node', path.basename(node)));
  await bundleEngine(path.join(folder, 'engine'));
  cpSync(at('node_modules', llama), path.join(folder, 'engine/node_modules', llama), { recursive: true });
  mkdirSync(path.join(folder, 'models'), { recursive: true });
  for (const name of readdirSync(at('assets/models')))
    cpSync(at('assets/models', name), path.join(folder, 'models', name));
  return folder;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, stage: { type: 'boolean', default: false }, target: { type: 'string' } },
  });
  if (values.only !== 'engine') await buildRenderer();
  if (values.only === 'engine') await buildEngine();
  if (values.only === undefined) await buildForDesktop();
  if (values.stage) await stageResources(values.target ?? `${process.platform}-${process.arch}`);
}
