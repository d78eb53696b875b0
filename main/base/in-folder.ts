/** Creating files in folders that another download's clean-up may delete while they are empty. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Creates the folder of `file` and runs `work`; both again when a clean-up deleted the empty folder in between. Throws file system
 * errors.
 */
export async function inFolderOf<T>(file: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(dirname(file), { recursive: true });
      return await work();
    } catch (error) {
      // ENOTDIR: Node's mkdir reports it for a folder that disappears between its two checks.
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['ENOENT', 'ENOTDIR'].includes(code) || attempt >= 20) throw error;
    }
  }
}
