/** `hearth serve`: the app for a browser on this machine. */
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import type { Control } from '../app/control.ts';
import { numberOption, UsageError, type Invocation, type Values } from './invocation.ts';
import { findRunningApp } from './running-app.ts';

/** Serves until `signal` fires, which may be before the app has started. @throws UsageError, AppError `store.*`, `disk.*`. */
export async function runServe(
  values: Values<'serve'>,
  _positionals: readonly string[],
  { environment, output, signal, loadServe }: Invocation,
): Promise<void> {
  const port = numberOption(values, 'port') ?? null;
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new UsageError('--port takes a number from 0 to 65535.');
  const { serveCheckout } = await loadServe();
  const served = await serveCheckout(environment, port).catch(async (error: unknown) => {
    const running = isAppError(error, 'store.in_use') ? await findRunningApp(environment, signal) : null;
    throw running === null ? error : inUse(running);
  });
  if (!signal.aborted) {
    output.done({ url: served.url }, `Hearth is ready: ${served.url}`);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  await served.close();
}

/** What already runs on the data folder. Its token is in the address that it printed itself, and stays out of this one. */
function inUse({ owner, origin, pid }: Control): AppError {
  const what: Readonly<Record<Control['owner'], string>> = {
    desktop: `Hearth's window is open with this data folder (process ${pid}). Use that window, or close it first.`,
    browser: `Hearth already serves this data folder at ${origin} (process ${pid}). Open the address that it printed when it started.`,
    command: `Another hearth command uses this data folder (process ${pid}). Hearth can be served when it has ended.`,
  };
  return new AppError('store.in_use', what[owner], { owner, pid, ...(owner === 'browser' && { address: origin }) });
}
