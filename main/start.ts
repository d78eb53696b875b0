/** `npm start`: opens the desktop window when possible, else the same app in the browser. `--ask` gives one answer in the terminal. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { withoutMarks } from './base/foreign-text.ts';
import { encodeError } from '../preload/wire/errors.ts';
import { buildStale } from './app/bundles.ts';
import { readEnvironment, warningText } from './app/environment.ts';
import { checkoutRoot } from './app/layout.ts';
import { createInterrupt } from './base/interrupt.ts';
import { openBrowser } from './shell/http/open-browser.ts';
import { downloadElectron, installedElectron, missingDisplay, sandboxFlags } from './shell/electron/runtime.ts';
import {
  runDesktopSelfTest,
  selfTestTable,
  SKIPPED_EXIT_CODE,
  type DesktopStart,
} from './shell/electron/self-test-run.ts';

const interrupted = new AbortController();

/** Opens the window, or tests it, and ends with it. Returns the reason when that is impossible. */
async function openDesktop(isTest: boolean): Promise<string | null> {
  const noDisplay = missingDisplay();
  if (noDisplay !== null) return noDisplay;
  let binary = installedElectron(checkoutRoot);
  if (binary === null) {
    console.log('Fetching the Electron runtime (about 120 MB, once)…');
    const fetched = downloadElectron(checkoutRoot);
    if ('reason' in fetched)
      return `the Electron runtime is not installed and could not be fetched (${fetched.reason})`;
    binary = fetched.binary;
  }
  await buildStale(checkoutRoot, ['page', 'engine', 'desktop']);
  const flags = sandboxFlags();
  if (flags.length > 0)
    console.log(
      'Chromium’s sandbox is off (--no-sandbox), because it refuses to run as root. Start Hearth as another user.',
    );
  if (isTest) {
    await testDesktop({ command: binary, args: [...flags, checkoutRoot] });
    return null;
  }
  const window = spawn(binary, [...flags, checkoutRoot], { stdio: 'inherit' });
  process.exitCode = await new Promise<number>((resolve, reject) =>
    window.once('exit', (code) => resolve(code ?? 1)).once('error', reject),
  );
  return null;
}

/** Prints the table of the self-test. */
async function testDesktop(start: DesktopStart): Promise<void> {
  const results = await runDesktopSelfTest(start);
  console.log(selfTestTable(results));
  process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
}

/** Serves until Ctrl+C, which may come before the app has started. */
async function openInBrowser(port: number | null): Promise<void> {
  const { signal } = interrupted;
  const interrupt = createInterrupt(
    () => interrupted.abort(),
    () => process.exit(130), // a second Ctrl+C: do not wait
  );
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
  // Loaded only here, because a window and an answer in the terminal need neither SQLite nor the http shell.
  const { serveCheckout } = await import('./serve.ts');
  const environment = readEnvironment();
  for (const warning of environment.warnings) console.error(`Warning: ${warningText(warning)}`);
  const served = await serveCheckout(environment, port);
  if (!signal.aborted) {
    console.log(`Hearth is ready: ${served.url}`);
    const isAtTerminal = missingDisplay() === null && process.stdout.isTTY;
    const opened = isAtTerminal ? openBrowser(served.url, environment.dataFolder) : null;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    opened?.close();
  }
  await served.close().catch(() => process.exit(1));
  process.exit(0);
}

try {
  const { values } = parseArgs({
    options: {
      ask: { type: 'string' },
      desktop: { type: 'boolean', default: false },
      'self-test': { type: 'boolean', default: false },
      app: { type: 'string' },
      serve: { type: 'boolean', default: false },
      port: { type: 'string' },
    },
  });
  const port = values.port === undefined ? null : Number(values.port);
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new Error('--port takes a number from 0 to 65535.');
  if (values.ask !== undefined) await (await import('./cli/cli.ts')).ask(values.ask);
  else if (values.serve) await openInBrowser(port);
  else if (values['self-test'] && values.app !== undefined)
    await testDesktop({ command: path.resolve(values.app), args: sandboxFlags() });
  else {
    const reason = await openDesktop(values['self-test']);
    if (reason !== null && values['self-test']) {
      console.log(`The self-test of the desktop is skipped: ${reason}.`);
      process.exit(SKIPPED_EXIT_CODE);
    }
    if (reason !== null && values.desktop) throw new Error(`The desktop window cannot be opened: ${reason}.`);
    if (reason !== null) {
      console.log(`No desktop window: ${reason}. Hearth opens in the browser instead.`);
      await openInBrowser(port);
    }
  }
} catch (error) {
  if (interrupted.signal.aborted) process.exit(130); // Ctrl+C ends a build as well
  console.error(withoutMarks(encodeError(error).message));
  process.exit(1);
}
