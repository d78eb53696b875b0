/** The llama.cpp libraries that node-llama-cpp ships: where they lie, and which release of llama.cpp they are. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AppError } from '../../preload/wire/errors.ts';

/** The releases whose C interface is written down in `structs.ts`. */
const knownReleases = ['0.4.0'] as const;
export type KnownRelease = (typeof knownReleases)[number];

export interface LibraryFiles {
  readonly release: KnownRelease;
  readonly folder: string;
  readonly ggmlBase: string;
  readonly ggml: string;
  readonly llama: string;
}

/** The base package of each platform, which computes on the processor. On Apple silicon it computes with Metal as well. */
const packages: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'mac-x64',
  'darwin-arm64': 'mac-arm64-metal',
  'win32-x64': 'win-x64',
};

const refused = (reason: string, sentence: string, facts: Readonly<Record<string, string>> = {}): AppError =>
  new AppError('unsupported', sentence, { reason, ...facts });

/**
 * The folder of the libraries that belong to the installed node-llama-cpp.
 * @throws AppError `unsupported` (`reason: 'platform' | 'library_missing'`).
 */
export function librariesFolder(target = `${process.platform}-${process.arch}`): string {
  const name = packages[target];
  if (name === undefined)
    throw refused('platform', `There are no llama.cpp libraries for ${target}.`, { platform: target });
  try {
    const entry = createRequire(import.meta.url).resolve(`@node-llama-cpp/${name}`);
    return path.join(path.dirname(entry), '../bins', name);
  } catch {
    throw refused('library_missing', `The package @node-llama-cpp/${name} is not installed.`);
  }
}

/**
 * The libraries in `folder`, whose release is told by the package's own description.
 * @throws AppError `unsupported` for a release whose interface is not known (`reason: 'release'`), or for missing files.
 */
export function libraryFiles(folder: string): LibraryFiles {
  const release = releaseOf(folder);
  const known = knownReleases.find((one) => one === release);
  if (known === undefined)
    throw refused(
      'release',
      `This version of Hearth knows llama.cpp ${knownReleases.join(' and ')}; the installed libraries are of release ${release}.`,
      { release, known: knownReleases.join(', ') },
    );
  const names = readdirSync(folder);
  // Linux: libllama.v0.4.0.so; macOS: libllama.metal.v0.4.0.dylib; Windows: llama.v0.4.0.dll.
  const find = (library: string, versioned: boolean): string => {
    const version = versioned ? `(\\.[a-z]+)?\\.v${known.replaceAll('.', '\\.')}` : '';
    const pattern = new RegExp(`^(lib)?${library}${version}\\.(so|dylib|dll)$`);
    const name = names.find((one) => pattern.test(one));
    if (name === undefined)
      throw refused('library_missing', `The library ${library} of llama.cpp ${known} is not there.`);
    return path.join(folder, name);
  };
  return {
    release: known,
    folder,
    ggmlBase: find('ggml-base', false),
    ggml: find('ggml', true),
    llama: find('llama', true),
  };
}

/** The release in the description that node-llama-cpp's builds put beside their libraries, without its `v`. */
function releaseOf(folder: string): string {
  const file = path.join(folder, '_nlcBuildMetadata.json');
  if (!existsSync(file))
    throw refused('library_missing', 'The llama.cpp libraries have no description of their build.');
  try {
    const { buildOptions } = JSON.parse(readFileSync(file, 'utf8')) as {
      buildOptions?: { llamaCpp?: { release?: unknown } };
    };
    const release = buildOptions?.llamaCpp?.release;
    if (typeof release === 'string') return release.replace(/^v/, '').slice(0, 40);
  } catch {
    // Not JSON: the same as one that names no release.
  }
  throw refused('release', 'The llama.cpp libraries do not say of which release they are.', { release: 'unknown' });
}
