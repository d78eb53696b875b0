/** The machine's free memory, what lies in the data folder, and notices for all windows. The entry of this folder. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import type { FreeMemory } from '../model-file/fit.ts';

export { createNotices, type Notices } from './notices.ts';
export { storedPath, storedPlaces } from './stored.ts';

/** On Linux the memory available without swapping, including caches, within a container's limit; elsewhere the free memory that the system reports. */
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
