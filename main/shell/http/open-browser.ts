/** Hands the page's address, with its token, to the browser. */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Opens the address in the browser. Every user of the machine sees the arguments of a process, so the browser gets a file instead, which
 * only this user can read and which leads to the address. `close` deletes it.
 */
export function openBrowser(url: string, dataFolder: string): { close(): void } {
  const file = path.join(dataFolder, 'open.html');
  rmSync(file, { force: true });
  writeFileSync(file, `<!doctype html><title>Hearth</title><meta http-equiv="refresh" content="0; url=${url}">`, {
    mode: 0o600,
  });
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [file]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', pathToFileURL(file).href]]
        : ['xdg-open', [file]];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => {}) // no browser there: the address is printed
    .unref();
  return { close: () => rmSync(file, { force: true }) };
}
