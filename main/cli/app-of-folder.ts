/** The app of the data folder for commands that need its database: the running one, else one that this command opens and closes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { HearthClient } from '../../preload/contract/contract.ts';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import type { Invocation } from './invocation.ts';
import { connectApp } from './running-app.ts';

export interface CommandApp {
  readonly client: HearthClient;
  /** Whether it is this command's own, which ends with it. */
  readonly isOwn: boolean;
  /** Ends the connection, and an app of the command's own in order. */
  close(): Promise<void>;
}

/** An app that has the database opens its door within a moment. */
const DOOR_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 100;

/**
 * Connects to the app. Of two commands that start at once one opens it, and the other one asks that.
 * @throws AppError `store.*`, `disk.*`, `unsupported` (another version), `cancelled`.
 */
export async function openApp({
  environment,
  version,
  signal,
  loadServe,
}: Pick<Invocation, 'environment' | 'version' | 'signal' | 'loadServe'>): Promise<CommandApp> {
  const endAt = performance.now() + DOOR_LIMIT_MS;
  for (;;) {
    const running = await connectApp(environment, version, signal);
    if (running) return { client: running.client, isOwn: false, close: async () => running.close() };
    if (signal.aborted) throw new AppError('cancelled', 'Stopped.');
    try {
      return await openOwn(environment, version, loadServe);
    } catch (error) {
      if (!isAppError(error, 'store.in_use') || performance.now() > endAt) throw error;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

async function openOwn(
  environment: Invocation['environment'],
  version: string,
  loadServe: Invocation['loadServe'],
): Promise<CommandApp> {
  const own = await (await loadServe()).openForCommand(environment);
  try {
    const connected = await connectApp(environment, version);
    if (connected === null) throw new AppError('internal', 'The app of this command does not answer.');
    return {
      client: connected.client,
      isOwn: true,
      async close() {
        connected.close();
        await own.close();
      },
    };
  } catch (error) {
    await own.close();
    throw error;
  }
}
