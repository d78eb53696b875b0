/** `hearth stop`: models leave the memory of the running app, or its API server stops. */
import type { LoadedModel } from '../../preload/contract/engine.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { findInApp } from './app-models.ts';
import { UsageError, type Invocation, type Values } from './invocation.ts';
import { loadedModels } from './ps.ts';
import { connectApp, type RunningApp } from './running-app.ts';

/** Unloads the model, or all of them; their replies end. @throws UsageError, AppError `engine.not_loaded`, `model.missing`, `disconnected`. */
export async function runStop(
  { all, server }: Values<'stop'>,
  [reference]: readonly string[],
  { environment, version, output, signal }: Invocation,
): Promise<void> {
  if (server && (all || reference !== undefined)) throw new UsageError('--server stands alone.');
  if (all && reference !== undefined) throw new UsageError('"stop" takes a model or --all, not both.');
  if (!all && !server && reference === undefined)
    throw new UsageError('The model is missing. --all unloads all of them.');
  const app = await connectApp(environment, version, signal);
  if (app === null) {
    if (server) return output.done({ running: false }, 'Hearth is not running.');
    // Nothing is loaded, which is what --all asks for.
    if (all) return output.done({ running: false, unloaded: [] }, 'Hearth is not running.');
    throw new AppError('engine.not_loaded', 'Hearth is not running, so no model is loaded.');
  }
  try {
    if (server) {
      await app.client.call('server.stop', {}, { signal });
      return output.done({ running: true }, 'The API server is off.');
    }
    const loaded = await loadedModels(app.client, signal);
    const unloaded = all
      ? loaded.map(({ modelId }) => modelId)
      : [await loadedId(reference ?? '', loaded, app, signal)];
    for (const modelId of unloaded) await app.client.call('engine.unload', { modelId }, { signal });
    output.done({ running: true, unloaded }, unloaded.length === 0 ? 'No model is in memory.' : unloaded.join('\n'));
  } finally {
    app.close();
  }
}

/** The id of the loaded model that `reference` names; of a repository with several files the loaded one. @throws AppError `engine.not_loaded`. */
async function loadedId(
  reference: string,
  loaded: readonly LoadedModel[],
  { client }: RunningApp,
  signal: AbortSignal,
): Promise<string> {
  const wanted = reference.toLowerCase();
  const named = loaded.filter(({ modelId, name }) => {
    const id = modelId.toLowerCase();
    return id === wanted || name.toLowerCase() === wanted || id.startsWith(`${wanted}/`);
  });
  const [only, ...others] = named;
  if (only && others.length === 0) return only.modelId;
  const found = await findInApp(reference, client, signal);
  if (found?.place === 'here' && loaded.some(({ modelId }) => modelId === found.model.id)) return found.model.id;
  const names = loaded.map(({ modelId }) => modelId).join(', ');
  throw new AppError(
    'engine.not_loaded',
    `${reference} is not in memory. ${names === '' ? 'No model is.' : `In memory: ${names}.`}`,
  );
}
