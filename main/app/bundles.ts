/** The builds that `build.ts` makes in a checkout, and the check whether they are fresh. */
import { spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** `main` is for plain Node, `desktop` for Electron. */
export type Build = 'page' | 'engine' | 'main' | 'desktop';

interface Recipe {
  /** The file that is written last. A build with a new folder each time names it in its stamp; this path then only names the stamp. */
  readonly output: string;
  /** Files, and folders with everything below them. */
  readonly sources: readonly string[];
}

/** Each build's output and sources, from the root of the checkout. */
export const recipes: Readonly<Record<Build, Recipe>> = {
  page: {
    output: 'dist/renderer/index.html',
    sources: ['renderer', 'preload/contract', 'preload/wire', 'vite.config.ts', 'build.ts', 'package-lock.json'],
  },
  engine: {
    output: 'dist/engine/child.js',
    sources: [
      'main/engine',
      'main/convert',
      'native',
      'main/chat-format',
      'main/process',
      'main/base',
      'main/model-file',
      'main/gbnf',
      'main/json-schema',
      'preload',
      'package-lock.json',
      'build.ts',
    ],
  },
  main: {
    output: 'dist/main/start.js',
    sources: ['main', 'native', 'preload', 'package.json', 'package-lock.json', 'build.ts'],
  },
  desktop: {
    output: 'dist/main/electron.js',
    sources: ['main', 'native', 'preload', 'assets/icon.png', 'package.json', 'package-lock.json', 'build.ts'],
  },
};

/** Whether builds use a file of a source folder. They use no tests and no files of editors or the system. */
const isBuilt = (name: string): boolean =>
  /^[^.#].*\.([cm]?[jt]sx?|json|css|html|sql|svg|png|webp|woff2?)$/.test(name) && !/\.test\.tsx?$/.test(name);

/** Adds a line of path, size and time for `file` (a path from `root`), or for each built file below it. A missing file adds none. */
function addStamps(root: string, file: string, lines: string[]): void {
  const full = `${root}/${file}`;
  const facts = lstatSync(full, { throwIfNoEntry: false });
  if (facts?.isDirectory()) addFolder(root, file, lines);
  else if (facts?.isSymbolicLink()) addTarget(root, file, lines);
  else if (facts) lines.push(`${file} ${facts.size} ${facts.mtimeMs}`);
}

/** The same for a link and its target, which is a source too. */
function addTarget(root: string, file: string, lines: string[]): void {
  try {
    const facts = statSync(`${root}/${file}`);
    if (facts.isDirectory()) addFolder(root, file, lines);
    else lines.push(`${file} ${facts.size} ${facts.mtimeMs}`);
  } catch {
    // A broken or circular link, which no build reads.
  }
}

function addFolder(root: string, folder: string, lines: string[]): void {
  try {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true }))
      if (entry.isDirectory() || isBuilt(entry.name)) addStamps(root, `${folder}/${entry.name}`, lines);
  } catch {
    // Deleted meanwhile.
  }
}

/**
 * Path, size and time of every source of `build`, a line each. The text is compared whole, because loading a hash function costs more.
 */
function sourceStamp(root: string, build: Build): string {
  const lines: string[] = [];
  for (const source of recipes[build].sources) addStamps(root, source, lines);
  return lines.sort().join('\n');
}

/** The files that a build wrote with their sizes, a line each, so that a lost or truncated one is noticed. */
const outputStamp = (root: string, files: readonly string[]): string =>
  files.map((file) => `${file} ${statSync(`${root}/${file}`).size}`).join('\n');

/** Whether all output files of a build exist with their sizes. */
function hasOutputs(root: string, lines: string): boolean {
  return lines.split('\n').every((line) => {
    const [file = '', size = ''] = line.split(/ (?=\d+$)/);
    return statSync(`${root}/${file}`, { throwIfNoEntry: false })?.size === Number(size);
  });
}

/** The stamp file of a build: the stamp of its sources, the files it wrote and its output, with an empty line between. */
const stampFile = (root: string, build: Build): string => path.join(root, `${recipes[build].output}.sources`);

/**
 * Runs `make`, which answers the files that it wrote as paths from `root`, the output of `build` last, and stores them with the stamp of
 * the sources. The stamp is taken before, so that a build is not fresh if a source changed meanwhile.
 */
export async function makeStamped(root: string, build: Build, make: () => Promise<readonly string[]>): Promise<void> {
  const stamp = sourceStamp(root, build);
  // An interrupted build must have no stamp.
  rmSync(stampFile(root, build), { force: true });
  const files = await make();
  const text = [stamp, outputStamp(root, files), files.at(-1)].join('\n\n');
  // Written last and synced, so that a power cut cannot leave an incomplete build with a stamp.
  writeFileSync(stampFile(root, build), text, { flush: true });
}

/** The output of `build` in the checkout at `root`; null when it is missing or older than its sources. */
export function freshBuild(root: string, build: Build): string | null {
  try {
    const [sources = '', outputs = '', output = ''] = readFileSync(stampFile(root, build), 'utf8').split('\n\n');
    const isFresh = hasOutputs(root, outputs) && sources === sourceStamp(root, build);
    // A stamp of before says no output, and is not that of a build in a folder of its own.
    return isFresh && output !== '' ? path.join(root, output) : null;
  } catch {
    return null;
  }
}

/**
 * Makes the stale ones of `builds` in a separate process, because the tools hold hundreds of megabytes. Reports on standard error.
 * @throws AppError `unsupported` when a build fails; the old output is then unchanged.
 */
export async function buildStale(root: string, builds: readonly Build[]): Promise<void> {
  const stale = builds.filter((build) => freshBuild(root, build) === null);
  if (stale.length === 0) return;
  if (!canBuild(root, stale)) return await runAsItIs(root, stale);
  process.stderr.write(`Building: ${stale.join(', ')}…\n`);
  const args = [path.join(root, 'build.ts'), '--if-stale', ...stale.flatMap((build) => ['--only', build])];
  // Tools look for what they need in the folder that they are started in.
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2], windowsHide: true });
  const code = await new Promise<number | null>((resolve, reject) => child.once('exit', resolve).once('error', reject));
  // Where the disk has no locks, the files of one build may get in the way of another's.
  const missing = stale.filter((build) => freshBuild(root, build) === null);
  if (code !== 0 && missing.length > 0) throw await buildError(`Building failed: ${missing.join(', ')}.`);
}

/** Loaded only here, because every start loads this file. */
async function buildError(message: string): Promise<Error> {
  const { AppError } = await import('../../preload/wire/errors.ts');
  return new AppError('unsupported', message);
}

/** Warns about stale builds in a checkout where nothing can be built. @throws AppError `unsupported` when there is no page at all. */
async function runAsItIs(root: string, stale: readonly Build[]): Promise<void> {
  for (const build of stale) {
    const isThere = existsSync(path.join(root, recipes[build].output));
    if (!isThere && build === 'page')
      throw await buildError(
        'The page is not built, and this folder cannot be written to. Run "npm run build" where it can.',
      );
    if (isThere && build !== 'engine')
      process.stderr.write(`The built ${build} is older than its sources, and this folder cannot be written to.\n`);
  }
}

/** Whether the tools are installed and the folders that `builds` write to are writable. */
function canBuild(root: string, builds: readonly Build[]): boolean {
  try {
    accessSync(existsSync(path.join(root, 'dist')) ? path.join(root, 'dist') : root, constants.W_OK);
    for (const build of builds) {
      const folder = path.join(root, path.dirname(recipes[build].output));
      if (existsSync(folder)) accessSync(folder, constants.W_OK);
    }
    return existsSync(path.join(root, 'node_modules/rolldown'));
  } catch {
    return false;
  }
}

/** The URL to import for `main/NAME.ts`: its build, made first when stale, else its source. Never a stale build. */
export async function entryAddress(root: string, name: 'start' | 'hearth'): Promise<string> {
  let built = freshBuild(root, 'main');
  if (built === null && canBuild(root, ['main'])) {
    await buildStale(root, ['main']).catch(() => {}); // The build has reported the error, and the source runs too.
    built = freshBuild(root, 'main');
  }
  const file = built === null ? path.join(root, 'main', `${name}.ts`) : path.join(path.dirname(built), `${name}.js`);
  return pathToFileURL(file).href;
}
