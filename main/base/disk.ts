/** The disk that a folder lies on. */
import { statfs } from 'node:fs/promises';
import path from 'node:path';

/** Free bytes for this user on the disk of `folder`, or of its nearest parent that exists; null when the system does not tell. */
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
