/** `hearth ps`: the models in memory of the running app. */
import type { HearthClient } from '../../preload/contract/contract.ts';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import { formatBytes } from '../base/format.ts';
import { textTable } from './text-table.ts';
import { firstEvent } from './first-event.ts';
import type { Invocation, Values } from './invocation.ts';
import { connectApp } from './running-app.ts';

/** Prints one line per model. Without a running app there is none in memory. @throws AppError `disconnected`, `unsupported` (another version). */
export async function runPs(
  _values: Values<'ps'>,
  _positionals: readonly string[],
  { environment, version, output, signal }: Invocation,
): Promise<void> {
  const app = await connectApp(environment, version, signal);
  if (app === null) return output.done({ running: false, models: [] }, 'Hearth is not running.');
  try {
    const models = await loadedModels(app.client, signal);
    const now = Date.now();
    const rows = models.map((model) => [
      model.modelId,
      statusOf(model),
      memoryOf(model),
      model.contextSize === 0 ? '' : String(model.contextSize),
      model.sequences === 0 ? '' : `${model.activeSequences}/${model.sequences}`,
      model.device,
      unloadOf(model, now),
    ]);
    const table = textTable(['MODEL', 'STATUS', 'MEMORY', 'CONTEXT', 'SLOTS', 'DEVICE', 'UNLOADS'], rows);
    output.done({ running: true, models }, models.length === 0 ? 'No model is in memory.' : table.join('\n'));
  } finally {
    app.close();
  }
}

/** What the app has in memory, also what is being loaded and what could not be. @throws AppError `disconnected`, `cancelled`. */
export async function loadedModels(client: HearthClient, signal: AbortSignal): Promise<readonly LoadedModel[]> {
  return (await firstEvent(client, 'engine.watch', signal)).loaded;
}

function statusOf({ status, progress, error }: LoadedModel): string {
  switch (status) {
    case 'loading':
      return `loading ${Math.floor(progress * 100)} %`;
    case 'failed':
      return `failed${error === null ? '' : ` (${error.code})`}`;
    case 'ready':
    case 'generating':
      return status;
    default:
      return status satisfies never;
  }
}

function memoryOf({ memoryBytes, vramBytes }: LoadedModel): string {
  const main = memoryBytes === 0 ? '' : formatBytes(memoryBytes);
  return vramBytes === 0 ? main : `${main} + ${formatBytes(vramBytes)} GPU`;
}

/** In how long the idle model is unloaded; nothing for one that is in use or stays. */
function unloadOf({ unloadsAt }: LoadedModel, now: number): string {
  if (unloadsAt === null) return '';
  const seconds = Math.max(0, Math.round((unloadsAt - now) / 1000));
  return seconds < 90 ? `in ${seconds} s` : `in ${Math.round(seconds / 60)} min`;
}
