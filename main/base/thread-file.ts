/** Finds the code of a worker thread: in a checkout, beside a bundle, or in Electron's archive. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The URL to start a thread from: `source`, relative to the module at `moduleUrl` (`import.meta.url`), or in a bundle the file of that
 * name beside it. The file may import only modules of Node, because a thread may be unable to load from Electron's archive; there a data
 * URL with the file's text is returned.
 */
export function threadFile(source: string, moduleUrl: string): URL {
  const isSource = new URL(moduleUrl).pathname.endsWith('.ts');
  const file = new URL(isSource ? source : path.posix.basename(source).replace(/\.ts$/, '.js'), moduleUrl);
  if (!/\.asar\//.test(file.pathname)) return file;
  return new URL(`data:text/javascript;base64,${readFileSync(file, 'base64')}`);
}
