/** Starts llama.cpp's libraries in an engine child. The child's environment names the set, which may have been fetched on demand. */
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { getLlama, LlamaLogLevel, type Llama, type LlamaOptions } from 'node-llama-cpp';
import { AppError } from '../../../preload/wire/errors.ts';
import { BACKEND_VARIABLE, PACKAGES_VARIABLE, type ChildBackend, type DeviceReport } from '../protocol.ts';

const gpuOf: Readonly<Record<ChildBackend, 'auto' | 'cuda' | 'vulkan' | 'metal' | false>> = {
  auto: 'auto',
  cpu: false,
  cuda: 'cuda',
  vulkan: 'vulkan',
  metal: 'metal',
};

/**
 * Resolves `import('@node-llama-cpp/…')`, by which node-llama-cpp finds its libraries, to the packages in `folder` before those that
 * were installed with the app. `folder` holds them as `NAME@VERSION`.
 */
export function findPackagesIn(folder: string, version: string): void {
  registerHooks({
    resolve(specifier, context, next) {
      if (!/^@node-llama-cpp\/[a-z0-9-]+$/.test(specifier)) return next(specifier, context);
      const entry = pathToFileURL(path.join(folder, `${specifier}@${version}`, 'dist/index.js')).href;
      try {
        return next(entry, context);
      } catch {
        return next(specifier, context); // not fetched
      }
    },
  });
}

/**
 * llama.cpp with the libraries that the environment names. `onComplaint` is called with each error that it logs.
 * @throws AppError `engine.start_failed` when the libraries cannot be opened here.
 */
export async function startLlama(onComplaint: (line: string) => void): Promise<Llama> {
  const wanted = process.env[BACKEND_VARIABLE] ?? 'cpu';
  const packages = process.env[PACKAGES_VARIABLE];
  if (packages !== undefined) {
    const at = packages.lastIndexOf('#');
    findPackagesIn(packages.slice(0, at), packages.slice(at + 1));
  }
  const options: LlamaOptions = {
    build: 'never',
    gpu: wanted in gpuOf ? gpuOf[wanted as ChildBackend] : false,
    skipDownload: true,
    progressLogs: false,
    // 0: no limit here, because the host limits the threads of each context.
    maxThreads: 0,
    // The host decides what fits and keeps a reserve.
    vramPadding: 0,
    ramPadding: 0,
    logLevel: LlamaLogLevel.warn,
    logger(level, message) {
      if (level === LlamaLogLevel.error || level === LlamaLogLevel.fatal) onComplaint(message.trim());
    },
  };
  try {
    return await getLlama(options);
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 300);
    throw new AppError('engine.start_failed', 'The libraries that run models could not be opened on this computer.', {
      reason,
    });
  }
}

/** The devices that the started libraries found. `systemInfo` has one `NAME = 1` for each processor feature in use. */
export async function describeDevices(llama: Llama): Promise<DeviceReport> {
  const cpuFeatures = [...llama.systemInfo.matchAll(/([A-Z][A-Z0-9_]+) = 1\b/g)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'LLAMAFILE' && name !== 'REPACK' && name !== 'OPENMP' && name !== 'ACCELERATE');
  if (llama.gpu === false)
    return { backend: 'cpu', gpuNames: [], totalVramBytes: 0, freeVramBytes: 0, unifiedMemory: false, cpuFeatures };
  const [gpuNames, vram] = await Promise.all([llama.getGpuDeviceNames(), llama.getVramState()]);
  return {
    backend: llama.gpu,
    gpuNames,
    totalVramBytes: vram.total,
    freeVramBytes: vram.free,
    unifiedMemory: vram.unifiedSize > 0,
    cpuFeatures,
  };
}
