/** A folder that others may take away while it is empty. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes the folder that `file` lies in and does `work`, once more each time that another download's clean-up took the empty
 * folder away in between. Throws what the file system throws.
 */
export async function inFolderOf<T>(file: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      await mkdir(dirname(file), { recursive: true });
      return await work();
    } catch (error) {
      // ENOTDIR: what Node's mkdir says of a folder that was there and is gone by its second look.
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['ENOENT', 'ENOTDIR'].includes(code) || attempt >= 20) throw error;
    }
  }
}
