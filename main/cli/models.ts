/**
 * A model for one command. Where an app runs on the data folder it is the app's: its loaded models, its memory budget, its queue. Elsewhere
 * it is loaded into an engine of the command's own, which ends with it.
 */
import type { HearthContract } from '../../preload/contract/contract.ts';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { ReplyStep } from '../../preload/contract/inference.ts';
import type { HeaderNote } from '../../preload/contract/model.ts';
import type { ModelName } from '../../preload/contract/server.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { InputOf, OutputOf } from '../../preload/wire/rpc.ts';
import { checkoutLayout } from '../app/layout.ts';
import { createEngine, type EngineModel } from '../engine/engine.ts';
import { createInference, createLocalProvider } from '../inference/inference.ts';
import { createSpawnChild } from '../process/spawn-child.ts';
import { findInApp } from './app-models.ts';
import { nameInFolder } from './given-names.ts';
import { cacheFolderOf } from './cache-folder.ts';
import type { Invocation } from './invocation.ts';
import { engineModelOf, findModelFile, type Places } from './model-files.ts';
import { connectAppOfModel } from './models-elsewhere.ts';
import type { RunningApp } from './running-app.ts';

/** What a program asks of a route, without the model. */
type Ask<Route extends keyof HearthContract> = Omit<InputOf<HearthContract, Route>, 'modelId' | 'client' | 'keepMs'>;
type Answer<Route extends keyof HearthContract> = Promise<OutputOf<HearthContract, Route>>;

export interface CommandModel {
  readonly modelId: string;
  /** Whose memory it is in. */
  readonly place: 'app' | 'command';
  /** What goes with the name by which it was found; null for a model's own name. */
  readonly preset: ModelName | null;
  /** What is odd in its header. */
  readonly notes: readonly HeaderNote[];
  /**
   * A reply, as steps. When `signal` fires it ends: with its `end`, or without one where it had not begun. Throws model.*, engine.*,
   * template.invalid, busy, disconnected.
   */
  generate(request: Ask<'inference.generate'>, signal: AbortSignal): AsyncIterable<ReplyStep>;
  embed(request: Ask<'inference.embed'>, signal: AbortSignal): Answer<'inference.embed'>;
  rerank(request: Ask<'inference.rerank'>, signal: AbortSignal): Answer<'inference.rerank'>;
  /** Ends the engine, or the connection to the app, where the model stays loaded. */
  close(): Promise<void>;
}

/** Gets each state of the model while it is loaded and used. */
export type OnLoaded = (model: LoadedModel) => void;

/**
 * Finds the model that `reference` names and opens nothing yet: it is loaded with its first use. The caller closes it.
 * @throws AppError `model.*`, `invalid_input`, `unsupported` (another version, or a model elsewhere where no app runs), `cancelled`.
 */
export async function openModel(
  reference: string,
  invocation: Invocation,
  onLoaded: OnLoaded = () => {},
): Promise<CommandModel> {
  const { environment, signal } = invocation;
  const app = await connectAppOfModel(reference, invocation);
  try {
    const found = app && (await findInApp(reference, app.client, signal));
    if (app && found) {
      if (found.place === 'elsewhere') return modelOfApp(app, { ...found, notes: [] }, onLoaded);
      const { id: modelId, notes, problem } = found.model;
      if (problem !== null) throw new AppError(problem.code, problem.message, problem.data);
      return modelOfApp(app, { modelId, notes, preset: found.preset }, onLoaded);
    }
  } catch (error) {
    app?.close();
    throw error;
  }
  app?.close();
  const cacheFolder = await cacheFolderOf(environment);
  return await openOwnModel(reference, { cacheFolder, layout: checkoutLayout(), environment }, onLoaded);
}

/** The model in an engine of this process. @throws AppError `model.*`, `invalid_input`. */
export async function openOwnModel(
  reference: string,
  places: Places,
  onLoaded: OnLoaded = () => {},
): Promise<CommandModel> {
  const model = await engineModelOf(await findModelFile(reference, places));
  const { environment } = places;
  return modelOfEngine(model, environment ? await nameInFolder(reference, environment.dataFolder) : null, onLoaded);
}

function modelOfApp(
  { client, close }: RunningApp,
  { modelId, notes, preset }: Pick<CommandModel, 'modelId' | 'notes' | 'preset'>,
  onLoaded: OnLoaded,
): CommandModel {
  const order = { modelId, client: `command-${process.pid}` };
  const watching = new AbortController();
  let isWatching = false;
  /** Tells how the model is loaded, from its first use on. */
  const watch = (): void => {
    if (isWatching) return;
    isWatching = true;
    const follow = async (): Promise<void> => {
      for await (const { loaded } of client.stream('engine.watch', {}, { signal: watching.signal })) {
        const model = loaded.find((one) => one.modelId === modelId);
        if (model) onLoaded(model);
      }
    };
    // Where the connection is lost, the request itself tells it.
    follow().catch(() => {});
  };
  return {
    modelId,
    place: 'app',
    ...{ preset, notes },
    generate(request, signal) {
      watch();
      return client.stream('inference.generate', { ...order, ...request }, { signal });
    },
    embed(request, signal) {
      watch();
      return client.call('inference.embed', { ...order, ...request }, { signal });
    },
    rerank(request, signal) {
      watch();
      return client.call('inference.rerank', { ...order, ...request }, { signal });
    },
    async close() {
      watching.abort();
      close();
    },
  };
}

function modelOfEngine(model: EngineModel, preset: ModelName | null, onLoaded: OnLoaded): CommandModel {
  const layout = checkoutLayout();
  const engine = createEngine({
    spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
    onChange([loaded]) {
      if (loaded) onLoaded(loaded);
    },
  });
  const inference = createInference(createLocalProvider({ engine, findModel: async () => model }));
  const { modelId } = model;
  return {
    modelId,
    place: 'command',
    preset,
    notes: model.summary?.notes ?? [],
    generate: (request, signal) => inference.generate({ modelId, ...request }, signal),
    embed: ({ texts, dimensions, normalize }, signal) =>
      inference.embed(modelId, texts, {
        signal,
        ...(dimensions !== undefined && { dimensions }),
        ...(normalize !== undefined && { normalize }),
      }),
    rerank: async ({ query, documents }, signal) => ({
      scores: await inference.rerank(modelId, query, documents, { signal }),
    }),
    close: engine.close,
  };
}
