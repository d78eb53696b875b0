/** The models in memory, for programs that name none: servers of one model taught them that. Nothing is chosen where there is a choice. */
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Services } from '../services.ts';
import type { ListedModel } from './models.ts';

export interface ModelInMemory {
  readonly model: ListedModel;
  readonly loaded: LoadedModel;
}

/** The models in memory that the caller may use, in the order of their loads. */
export async function modelsInMemory(
  { caller }: Pick<Exchange, 'caller'>,
  { engine, models }: Pick<Services, 'engine' | 'models'>,
): Promise<readonly ModelInMemory[]> {
  const listed = await models.list(caller);
  return engine.loaded().flatMap((loaded) => {
    if (loaded.status !== 'ready' && loaded.status !== 'generating') return [];
    const model = listed.find(({ modelId, preset }) => modelId === loaded.modelId && preset === null);
    return model ? [{ model, loaded }] : [];
  });
}

/**
 * The model of a request: the one that it names, or the only one in memory. @throws AppError as `models.find`, and `invalid_input` that
 * lists the models in memory where there is none or a choice.
 */
export async function namedOrLoaded(
  name: string | null | undefined,
  exchange: Pick<Exchange, 'caller'>,
  services: Services,
): Promise<ListedModel> {
  // Editors whose setting for the model is left empty send that.
  if (isGiven(name) && name.trim() !== '') return await services.models.find(name, exchange.caller);
  const inMemory = await modelsInMemory(exchange, services);
  const [only, ...others] = inMemory;
  if (only && others.length === 0) return only.model;
  const names = inMemory.map(({ model }) => model.name).join(', ');
  const here = names === '' ? 'No model is loaded.' : `Several models are loaded: ${names}.`;
  throw new AppError('invalid_input', `${here} Name one in "model"; GET /v1/models lists those that are here.`, {
    field: 'model',
    loaded: names,
  });
}
