/** The machine: memory, disk, processor; and what is to be said to every window. The entry of this folder. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { FreeMemory } from '../model-file/fit.ts';

export { createNotices, type Notices } from './notices.ts';

/** Linux: what can be had without swapping, caches included, and within a container's limit. Elsewhere what the system calls free. */
export function freeMemory(): FreeMemory {
  const totalRamBytes = os.totalmem();
  if (process.platform !== 'linux') return { totalRamBytes, freeRamBytes: os.freemem() };
  try {
    const available = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    const limit = process.constrainedMemory();
    const free = available === undefined ? os.freemem() : Number(available) * 1024;
    if (limit > 0 && limit < totalRamBytes)
      return { totalRamBytes: limit, freeRamBytes: Math.min(free, process.availableMemory()) };
    return { totalRamBytes, freeRamBytes: free };
  } catch {
    return { totalRamBytes, freeRamBytes: os.freemem() };
  }
}

/** Free bytes for this user on the disk of `folder`, or of its nearest parent that exists; null when it cannot be told. */
export async function freeDiskBytes(folder: string): Promise<number | null> {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      if (path.dirname(at) === at) return null;
    }
  }
}

/** The processor's name as the system gives it. */
export function cpuModel(): string {
  return os.cpus()[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown processor';
}
