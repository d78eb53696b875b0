/** What `build.ts` makes of a checkout, and whether that is newer than everything it is made of. */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** `main` is for plain Node, `desktop` for Electron. */
export type Build = 'page' | 'engine' | 'main' | 'desktop';

interface Recipe {
  /** The file that is written last. */
  readonly output: string;
  /** Files, and folders with everything below them. */
  readonly sources: readonly string[];
}

/** Each build's output and sources, from the root of the checkout. */
export const recipes: Readonly<Record<Build, Recipe>> = {
  page: {
    output: 'dist/renderer/index.html',
    sources: ['renderer', 'preload/contract', 'preload/wire', 'vite.config.ts', 'package-lock.json'],
  },
  engine: {
    output: 'dist/engine/dist/child.js',
    sources: [
      'main/engine',
      'main/process',
      'main/base',
      'main/model-file',
      'preload',
      'package-lock.json',
      'build.ts',
    ],
  },
  main: {
    output: 'dist/main/start.js',
    sources: ['main', 'preload', 'package.json', 'package-lock.json', 'build.ts'],
  },
  desktop: {
    output: 'dist/main/electron.js',
    sources: ['main', 'preload', 'assets/icon.png', 'package.json', 'package-lock.json', 'build.ts'],
  },
};

const isTest = (name: string): boolean => /\.test\.tsx?$/.test(name);

/** The time of the last change to `file`, or to the newest file below it when it is a folder; tests do not count. */
function changedAtMs(file: string): number {
  const facts = statSync(file);
  if (!facts.isDirectory()) return facts.mtimeMs;
  let newest = 0;
  for (const entry of readdirSync(file, { withFileTypes: true }))
    if (entry.isDirectory() || !isTest(entry.name)) newest = Math.max(newest, changedAtMs(path.join(file, entry.name)));
  return newest;
}

/** The output of `build` in the checkout at `root`; null when it is missing, or not newer than all its sources. */
export function freshBuild(root: string, build: Build): string | null {
  const { output, sources } = recipes[build];
  const file = path.join(root, output);
  const builtAtMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (builtAtMs === undefined) return null;
  return sources.every((source) => changedAtMs(path.join(root, source)) < builtAtMs) ? file : null;
}

/**
 * Makes what is not fresh among `builds`, in a process that ends: the tools keep hundreds of megabytes. Says so on standard error.
 * @throws Error when a build fails; what was there before is then still there.
 */
export async function buildStale(root: string, builds: readonly Build[]): Promise<void> {
  const stale = builds.filter((build) => freshBuild(root, build) === null);
  if (stale.length === 0) return;
  process.stderr.write(`Building: ${stale.join(', ')}…\n`);
  const args = [path.join(root, 'build.ts'), ...stale.flatMap((build) => ['--only', build])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 2, 2], windowsHide: true });
  const code = await new Promise<number | null>((resolve, reject) => child.once('exit', resolve).once('error', reject));
  // Where two processes build at the same time, the files of one may get in the way of the other.
  const missing = stale.filter((build) => freshBuild(root, build) === null);
  if (code !== 0 && missing.length > 0) throw new Error(`Building failed: ${missing.join(', ')}.`);
}

/** Whether the tools are installed, and the checkout may be written. */
function canBuild(root: string): boolean {
  try {
    accessSync(existsSync(path.join(root, 'dist')) ? path.join(root, 'dist') : root, constants.W_OK);
    return existsSync(path.join(root, 'node_modules/rolldown'));
  } catch {
    return false;
  }
}

/** The address to import for `main/NAME.ts`: its build, made first where it is stale, else its source. Never a stale build. */
export async function entryAddress(root: string, name: 'start' | 'hearth'): Promise<string> {
  let built = freshBuild(root, 'main');
  if (built === null && canBuild(root)) {
    await buildStale(root, ['main']).catch(() => {}); // The source runs as well, and the build has said what is wrong.
    built = freshBuild(root, 'main');
  }
  const file = built === null ? path.join(root, 'main', `${name}.ts`) : path.join(path.dirname(built), `${name}.js`);
  return pathToFileURL(file).href;
}
