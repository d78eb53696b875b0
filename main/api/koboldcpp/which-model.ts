/** The model that answers programs of KoboldCpp, which know one model and name none. */
import { AppError } from '../../../preload/wire/errors.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import { modelsInMemory } from '../names/loaded-models.ts';
import type { ListedModel } from '../names/models.ts';
import type { Services } from '../services.ts';

/**
 * The named model; without a name the one that was loaded last, and where none is loaded the one that ships with Hearth. `/api/v1/model`
 * tells the same, and each answer tells its model.
 * @throws AppError as `models.find`, `model.missing` where the caller's key allows none of these.
 */
export async function modelOf(
  name: string | null | undefined,
  exchange: Pick<Exchange, 'caller'>,
  services: Services,
): Promise<ListedModel> {
  if (isGiven(name) && name.trim() !== '') return await services.models.find(name, exchange.caller);
  const latest = (await modelsInMemory(exchange, services)).at(-1);
  if (latest) return latest.model;
  const builtIn = (await services.models.list(exchange.caller)).find(
    ({ model, preset }) => model.shortName !== null && preset === null,
  );
  if (!builtIn)
    throw new AppError('model.missing', 'No model is loaded. Name one in "model"; GET /v1/models lists them.', {
      field: 'model',
    });
  return builtIn;
}
