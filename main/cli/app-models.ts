/** The models of the running app, as a command names them. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { HearthClient } from '../../preload/contract/contract.ts';
import type { LocalModel } from '../../preload/contract/library.ts';
import { filesInRepository, modelsWithId } from '../../preload/contract/named-models.ts';
import { isRemoteModelId } from '../../preload/contract/remote-model-id.ts';
import type { ModelName } from '../../preload/contract/server.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { builtInModel } from '../app/built-in.ts';
import { firstEvent } from './first-event.ts';
import { nameInApp } from './given-names.ts';
import { isModelFile } from './is-model-file.ts';
import { chosenFile } from './model-files.ts';
import { noModel } from './no-model.ts';

/** The list of the app's library. @throws AppError `disconnected`, `cancelled`. */
export async function listAppModels(client: HearthClient, signal?: AbortSignal): Promise<readonly LocalModel[]> {
  return (await firstEvent(client, 'library.watch', signal)).models;
}

/** What a reference means in the app, with what goes with a name that the user gave; `preset` is null for a model's own name. */
export type FoundInApp =
  | { readonly place: 'here'; readonly model: LocalModel; readonly preset: ModelName | null }
  /** A model of a server elsewhere, which the app asks only when it is used: whether it is there shows then. */
  | { readonly place: 'elsewhere'; readonly modelId: string; readonly preset: ModelName | null };

/**
 * The model that `reference` names, as `findModelFile` reads it: also by its whole id, as "hearth list" prints it, by a name that the user
 * gave it, and a model elsewhere by its id. It may have a problem. Null for the path of a file that the app does not know, and for another
 * revision than a branch's head, which the app does not tell apart.
 * @throws AppError `model.missing`, `invalid_input` when several match.
 */
export async function findInApp(
  reference: string,
  client: HearthClient,
  signal: AbortSignal,
): Promise<FoundInApp | null> {
  // The names that the user gives to models come before those of the Hub.
  const preset = await nameInApp(reference, client, signal);
  const modelId = preset?.modelId ?? reference;
  if (isRemoteModelId(modelId)) return { place: 'elsewhere', modelId, preset };
  const model = await modelHere(reference, preset, client, signal);
  return model && { place: 'here', model, preset };
}

/** Of the models of this computer. `named` is the name that the user gave, if it is one. */
async function modelHere(
  reference: string,
  named: ModelName | null,
  client: HearthClient,
  signal: AbortSignal,
): Promise<LocalModel | null> {
  const models = await listAppModels(client, signal);
  if (await isModelFile(reference)) return await modelAt(reference, models, client, signal);
  const id = named?.modelId ?? reference;
  const all = models.map((model) => ({
    ...{ model, modelId: model.id, repoId: model.repoId, path: model.id.slice(model.repoId.length + 1) },
    ...{ kind: model.kind, quantization: model.quantization, problem: model.problem },
    shortName: model.id === builtInModel.id ? builtInModel.shortName : null,
    ...(model.otherPaths && { shards: [model.fileName, ...model.otherPaths].map((one) => ({ path: one })) }),
  }));
  const [withId] = modelsWithId(all, id);
  if (withId) return withId.model;
  if (named) throw new AppError('model.missing', `"${named.name}" stands for ${id}, which is not here any more.`);
  const found = filesInRepository(all, id);
  if (found === null) throw await noModel(reference, await namesOf(models, client, signal));
  const { reference: parsed, files, choice } = found;
  if (parsed.revision !== null && parsed.revision !== 'main') return null;
  return (await chosenFile(reference, parsed, files, choice)).model;
}

/** What a slip of the keys may have meant. */
async function namesOf(
  models: readonly LocalModel[],
  client: HearthClient,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { names } = await firstEvent(client, 'server.watch', signal);
  return [...names.map(({ name }) => name), ...models.map(({ id }) => id)];
}

/** The model whose file is at this path. */
async function modelAt(
  file: string,
  models: readonly LocalModel[],
  client: HearthClient,
  signal: AbortSignal,
): Promise<LocalModel | null> {
  const target = await realpath(file);
  const name = path.basename(file).toLowerCase();
  // A link may have another name than its target, and a model of Ollama has none of its own.
  const named = models.filter(({ fileName }) => fileName.toLowerCase() === name);
  const targetName = path.basename(target).toLowerCase();
  const sized = models.filter(
    (one) => !named.includes(one) && (one.fileName.toLowerCase() === targetName || /^sha256-/.test(targetName)),
  );
  for (const model of [...named, ...sized]) {
    if (model.problem !== null) continue;
    const found = await client.call('library.modelPath', { modelId: model.id }, { signal }).catch(() => null);
    if (found !== null && (await realpath(found.path).catch(() => null)) === target) return model;
  }
  return null;
}
