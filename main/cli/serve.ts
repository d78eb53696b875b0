/** `hearth serve`: the app for a browser on this machine, and its API server for programs. */
import { AppError, encodeError, isAppError } from '../../preload/wire/errors.ts';
import { numberOption, UsageError, type Invocation, type Values } from './invocation.ts';
import { connectApp } from './running-app.ts';

/**
 * Serves until `signal` fires, which may be before the app has started. With `--api` where an app runs already, its server is started.
 * @throws UsageError, AppError `store.*`, `disk.*`, and with `--api` those of a start of the server.
 */
export async function runServe(
  values: Values<'serve'>,
  _positionals: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { environment, output, signal, loadServe } = invocation;
  const { api, key } = values;
  const port = numberOption(values, 'port') ?? null;
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new UsageError('--port takes a number from 0 to 65535.');
  if (key !== undefined && !api) throw new UsageError('--key is for the API server: --api --key KEY.');
  const { serveCheckout } = await loadServe();
  const served = await serveCheckout(environment, api ? null : port, !api).catch((error: unknown) => {
    const owner = isAppError(error, 'store.in_use') ? error.data['owner'] : undefined;
    const isApp = owner === 'desktop' || owner === 'browser';
    if (!api || !isApp) throw error;
    if (port === null && key === undefined) return null;
    // The app's own settings say what its server uses.
    const { code, message, data } = encodeError(error);
    const advice = '--port and --key are for a server of its own: set them on the Server page, or leave them out.';
    throw new AppError(code, `${message} ${advice}`, data);
  });
  if (served === null) return await startInApp(invocation);
  try {
    const given = { ...(port !== null && { port }), ...(key !== undefined && { key }) };
    const address = api ? (await served.startApi(given)).address : null;
    if (signal.aborted) return;
    const lines = [`Hearth is ready: ${served.url}`, ...(address === null ? [] : [`For programs: ${address}`])];
    output.done({ url: served.url, ...(address !== null && { api: address }) }, lines.join('\n'));
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  } finally {
    await served.close();
  }
}

/** Starts the API server of the app that runs on the data folder, and leaves it on. */
async function startInApp({ environment, version, output, signal }: Invocation): Promise<void> {
  const app = await connectApp(environment, version, signal);
  if (app === null) throw new AppError('disconnected', 'Hearth was running a moment ago, and is gone. Try again.');
  try {
    const { address } = await app.client.call('server.start', {}, { signal });
    output.done({ api: address, running: true }, `Hearth was running already. For programs: ${address ?? ''}`);
  } finally {
    app.close();
  }
}
