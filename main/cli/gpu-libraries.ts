/** An engine for commands that load no model, with the GPU libraries that the app has fetched, and the GPU's memory as they report it. */
import path from 'node:path';
import { AppError } from '../../preload/wire/errors.ts';
import type { Environment } from '../app/environment.ts';
import { checkoutLayout } from '../app/layout.ts';
import { createBackends, createEngine, npmRegistry, type Backends, type Engine } from '../engine/engine.ts';
import type { FreeMemory } from '../model-file/fit.ts';
import { createSpawnChild } from '../process/spawn-child.ts';
import { freeMemory } from '../system/system.ts';
import type { Invocation } from './invocation.ts';

/** A driver that answers later is one whose GPU no fit can rest on. */
const GPU_LIMIT_MS = 10_000;

/** Those of the data folder. A command fetches none. */
export const gpuLibraries = (environment: Environment): Backends =>
  createBackends({
    folder: path.join(environment.dataFolder, 'backends'),
    registry: npmRegistry(process.env),
    fetch: globalThis.fetch,
    offlineBy: environment.offlineBy,
    run: () => {
      throw new AppError('unsupported', 'A command installs no GPU libraries.');
    },
  });

/** The engine of a command that asks about this computer. It is to be closed. */
export function engineOfCommand(environment: Environment): Engine {
  const layout = checkoutLayout();
  return createEngine({
    spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
    onChange: () => {},
    freeMemory,
    backends: gpuLibraries(environment),
  });
}

/**
 * The free memory with that of the GPU, as the app finds it. A GPU that does not answer in 10 seconds is left out with a warning.
 * @throws AppError `cancelled` when the command is ended.
 */
export async function memoryWithGpu({ environment, output, signal }: Invocation): Promise<FreeMemory> {
  const engine = engineOfCommand(environment);
  const limit = AbortSignal.timeout(GPU_LIMIT_MS);
  try {
    return await engine.memory(AbortSignal.any([signal, limit]));
  } catch (error) {
    if (signal.aborted || !limit.aborted) throw error;
    output.warning('The GPU does not answer. The fits are those of the processor.');
    return freeMemory();
  } finally {
    await engine.close();
  }
}
