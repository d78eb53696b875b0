import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';

/**
 * Physical cores that this process may use. llama.cpp's threads spin at barriers, so one thread more than there are cores
 * is a cliff (up to 300 times slower, measured), and the two threads of one core gain nothing.
 */
export function physicalCores(cpuFolder = '/sys/devices/system/cpu'): number {
  const usable = os.availableParallelism();
  try {
    const cores = new Set<string>();
    for (const name of readdirSync(cpuFolder))
      if (/^cpu\d+$/.test(name))
        cores.add(readFileSync(`${cpuFolder}/${name}/topology/thread_siblings_list`, 'utf8').trim());
    if (cores.size > 0) return Math.min(cores.size, usable);
  } catch {
    // Not Linux, or a container without /sys.
  }
  // Elsewhere x64 processors usually run two threads a core; Apple's and other ARM ones run one.
  return process.arch === 'x64' && process.platform !== 'linux' ? Math.max(1, Math.floor(usable / 2)) : usable;
}

/** Below this size the barrier between threads costs more than the work it divides: measured on a 260 K and a 3 M model. */
const ONE_THREAD_BYTES = 64_000_000;

/** Threads to compute with for weights of this size. */
export function threadsFor(weightsBytes: number, cores: number): number {
  return weightsBytes < ONE_THREAD_BYTES ? 1 : cores;
}
