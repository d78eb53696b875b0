/** llama.cpp's libraries for GPUs: lists them for this platform and installs them on demand. */
import { existsSync } from 'node:fs';
import manifest from '../../../package.json' with { type: 'json' };
import type { Backend } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { RunWork } from '../../base/work.ts';
import { discardPackage, fetchPackage, packageFolder, type NpmPackage } from './npm-package.ts';

/** The version of node-llama-cpp. The libraries must have the same one. */
export const llamaPackageVersion = manifest.dependencies['node-llama-cpp'];

type FetchedBackend = 'cuda' | 'vulkan';
type PackageTable = Readonly<Record<string, Readonly<Partial<Record<FetchedBackend, readonly NpmPackage[]>>>>>;

const published = (name: string, sizeBytes: number, integrity: string): NpmPackage => ({
  name: `@node-llama-cpp/${name}`,
  version: '3.21.1',
  sizeBytes,
  integrity: `sha512-${integrity}`,
});

/** The packages by platform, with sizes and hashes from the registry. Update them together with node-llama-cpp in package.json. */
export const publishedPackages: PackageTable = {
  'linux-x64': {
    cuda: [
      published(
        'linux-x64-cuda',
        142_850_036,
        'idsE55VoD/FbvLhnBC9krUJaUoC0XnebseAAnCpm/brKf61HEbu+idgbb5eN6mxkjLSrHtILprJ0nDcUJjVrFg==',
      ),
      published(
        'linux-x64-cuda-ext',
        176_679_086,
        '1PuURowccBcks3CCoMe1mTHh5vD0V5bFHMUEgtbI/OSDjpP+Pdbn+lf42CGUrepTzR8kCH1HovQ7d8q6/vuIKA==',
      ),
    ],
    vulkan: [
      published(
        'linux-x64-vulkan',
        27_476_121,
        'flEeSzONQ6OIm5bYKLQf4eEnBzcC5WugFbyPUwkCqyyOFZ8pH0H9ulQ7ZNDLSIczeKneMRJornlyY1Hq7d3GDA==',
      ),
    ],
  },
  'win32-x64': {
    cuda: [
      published(
        'win-x64-cuda',
        138_542_727,
        'PLz70neFEMkQTlmJqG1ujUtCSgHasLPMxQ9rLkqQVmZYAXqkRj+45TIHCjdn3XqUeaoun0vrO9rRaxZ8NVq9jg==',
      ),
      published(
        'win-x64-cuda-ext',
        175_417_684,
        'L2MxLVEYPDDe4O8EDWPmX6brldc9+Vt9hNoT/anj3pSnmrjkQcmaoKhHs6oP5qhEhb5Uog0rj6lgzNGtJO3p9Q==',
      ),
    ],
    vulkan: [
      published(
        'win-x64-vulkan',
        26_619_567,
        'HJ237Azh5m4Sz+w3A1IU/fYLaSDOocskcfn2ILTgqTuuORCB86EMnu3Yt/XsNhRHTtEiwz1Q/E0mO4PLIbZLAA==',
      ),
    ],
  },
};

export interface BackendsOptions {
  /** The folder of fetched packages. */
  readonly folder: string;
  /** The npm registry's URL. */
  readonly registry: string;
  readonly fetch: typeof globalThis.fetch;
  readonly offlineBy: string | null;
  /** Runs the installation as one of the app's jobs. */
  readonly run: RunWork;
  /** `<platform>-<arch>` as Node names them. */
  readonly target?: string;
  readonly packages?: PackageTable;
}

export interface Backends {
  readonly folder: string;
  /** The backends of all platforms. `problem` is always null here. */
  list(): readonly Backend[];
  /** The installed backends in order of preference. */
  installed(): readonly ('cuda' | 'vulkan' | 'metal')[];
  /** Installs a backend as a job. @throws AppError `unsupported` when the platform has none, `hub.offline` in offline mode. */
  install(backend: FetchedBackend, onInstalled: () => void): { readonly jobId: string };
}

/** The backends of this machine's platform. */
export function createBackends(options: BackendsOptions): Backends {
  const target = options.target ?? `${process.platform}-${process.arch}`;
  const table = (options.packages ?? publishedPackages)[target] ?? {};
  const ids: readonly FetchedBackend[] = ['cuda', 'vulkan'];
  const isThere = (id: FetchedBackend): boolean =>
    table[id]?.every((wanted) => existsSync(packageFolder(options.folder, wanted))) ?? false;
  const jobs = new Map<FetchedBackend, string>();

  return {
    folder: options.folder,
    list: () => [
      ...ids.map((id): Backend => {
        const packages = table[id];
        return {
          id,
          installed: isThere(id),
          available: packages !== undefined,
          sizeBytes: packages?.reduce((sum, wanted) => sum + wanted.sizeBytes, 0) ?? null,
          problem: null,
        };
      }),
      // Metal comes with the base install.
      {
        id: 'metal',
        installed: target === 'darwin-arm64',
        available: target === 'darwin-arm64',
        sizeBytes: null,
        problem: null,
      },
    ],
    installed: () => (target === 'darwin-arm64' ? ['metal'] : ids.filter(isThere)),
    install(id, onInstalled) {
      const packages = table[id];
      if (!packages)
        throw new AppError('unsupported', 'llama.cpp has no package of this kind for this computer.', {
          reason: 'backend',
          backend: id,
        });
      if (options.offlineBy !== null)
        throw new AppError('hub.offline', 'Hearth is set to stay offline, so nothing is fetched.', {
          cause: 'offline_mode',
          variable: options.offlineBy,
        });
      const running = jobs.get(id);
      if (running !== undefined) return { jobId: running };
      const { jobId } = options.run({
        kind: 'backend',
        subject: id,
        totalBytes: packages.reduce((sum, wanted) => sum + wanted.sizeBytes, 0),
        async run({ signal, progress, detail, log }) {
          try {
            let before = 0;
            for (const wanted of packages) {
              log(`Fetching ${wanted.name} ${wanted.version}`);
              await fetchPackage(wanted, options.folder, {
                fetch: options.fetch,
                registry: options.registry,
                signal,
                onBytes: (bytes) => progress(before + bytes),
              });
              before += wanted.sizeBytes;
              progress(before);
              log(`Checked and unpacked ${wanted.name}`);
            }
            detail({ code: 'used_from_next_load' });
            onInstalled();
          } catch (error) {
            // A paused job resumes from its partial files. After a failure the user starts a new job, from the beginning.
            if (!signal.aborted) for (const wanted of packages) await discardPackage(wanted, options.folder);
            throw error;
          } finally {
            jobs.delete(id);
          }
        },
      });
      jobs.set(id, jobId);
      return { jobId };
    },
  };
}

/** The URL of the registry that npm is configured for, from the variable that npm sets for its scripts; else the public registry. */
export function npmRegistry(environment: NodeJS.ProcessEnv): string {
  const told = environment['npm_config_registry'] ?? environment['NPM_CONFIG_REGISTRY'] ?? '';
  return /^https?:\/\/[^\s]+$/.test(told) ? told : 'https://registry.npmjs.org/';
}
