/** `hearth serve`: the app for a browser on this machine. */
import { numberOption, UsageError, type Invocation, type Values } from './invocation.ts';

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
  const served = await serveCheckout(environment, port);
  if (!signal.aborted) {
    output.done({ url: served.url }, `Hearth is ready: ${served.url}`);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  }
  await served.close();
}
