/** Where the code of a worker thread lies: in a checkout, beside a bundle, and in Electron's archive. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The address to start a thread from. From source that is `source` as written from the module at `moduleUrl` (`import.meta.url`); in a
 * bundle it is the file of the same name that `build.ts` put beside the bundle. Such a file may import modules of Node alone: out of
 * Electron's archive, which the loader of a thread may not know, its text itself is the address.
 */
export function threadFile(source: string, moduleUrl: string): URL {
  const isSource = new URL(moduleUrl).pathname.endsWith('.ts');
  const file = new URL(isSource ? source : path.posix.basename(source).replace(/\.ts$/, '.js'), moduleUrl);
  if (!/\.asar\//.test(file.pathname)) return file;
  return new URL(`data:text/javascript;base64,${readFileSync(file, 'base64')}`);
}
