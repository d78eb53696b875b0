/** `npm start`: the desktop window where it can be, else the same app in the browser, and `--ask` for one answer in the terminal. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildEngineIfNeeded, buildForDesktop, buildRendererIfNeeded } from '../build.ts';
import { encodeError } from '../preload/wire/errors.ts';
import { ask } from './cli/cli.ts';
import { downloadElectron, installedElectron, missingDisplay } from './shell/electron/runtime.ts';
import { readEnvironment } from './app/environment.ts';
import { serveApp } from './serve.ts';

const root = path.join(import.meta.dirname, '..');

/** Opens the window and ends with it. Answers why not, when it cannot. */
async function openDesktop(): Promise<string | null> {
  const noDisplay = missingDisplay();
  if (noDisplay !== null) return noDisplay;
  let binary = installedElectron(root);
  if (binary === null) {
    console.log('Fetching the Electron runtime (about 120 MB, once)…');
    const fetched = downloadElectron(root);
    if ('reason' in fetched)
      return `the Electron runtime is not installed and could not be fetched (${fetched.reason})`;
    binary = fetched.binary;
  }
  await buildForDesktop();
  // Chromium's sandbox refuses to run as root.
  const flags = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const window = spawn(binary, [...flags, root], { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve) => window.once('exit', (code) => resolve(code ?? 1)));
  return null;
}

async function openInBrowser(port: number | null): Promise<void> {
  await buildRendererIfNeeded();
  await buildEngineIfNeeded();
  const environment = readEnvironment();
  for (const warning of environment.warnings) console.error(`Warning: ${warning}`);
  const served = await serveApp(environment, port);
  console.log(`Hearth is ready: ${served.url}`);
  if (missingDisplay() === null && process.stdout.isTTY) openBrowser(served.url);
  let closing = false;
  const close = (): void => {
    if (closing) process.exit(130); // a second Ctrl+C: do not wait
    closing = true;
    served.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', close).on('SIGTERM', close).on('SIGHUP', close);
}

function openBrowser(url: string): void {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => {}) // no browser there: the address is printed
    .unref();
}

try {
  const { values } = parseArgs({
    options: {
      ask: { type: 'string' },
      desktop: { type: 'boolean', default: false },
      serve: { type: 'boolean', default: false },
      port: { type: 'string' },
    },
  });
  const port = values.port === undefined ? null : Number(values.port);
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new Error('--port takes a number from 0 to 65535.');
  if (values.ask !== undefined) await ask(values.ask);
  else if (values.serve) await openInBrowser(port);
  else {
    const reason = await openDesktop();
    if (reason !== null && values.desktop) throw new Error(`The desktop window cannot be opened: ${reason}.`);
    if (reason !== null) {
      console.log(`No desktop window: ${reason}. Hearth opens in the browser instead.`);
      await openInBrowser(port);
    }
  }
} catch (error) {
  console.error(encodeError(error).message);
  process.exit(1);
}
