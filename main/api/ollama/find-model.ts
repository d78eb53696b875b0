/** Names of models in Ollama's form, `NAME:TAG`. */
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import type { Services } from '../services.ts';

/** The name with a tag. Programs put `:latest` behind a name that has none, and look for it in the list then. */
export function withTag(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`;
}

/** The name without the tag that stands for none. */
export const withoutLatest = (name: string): string => name.replace(/:latest$/i, '');

/** The model of a name. @throws AppError as `ApiModels.find`, in Ollama's words where there is none. */
export async function findModel(
  services: Services,
  { caller }: Pick<Exchange, 'caller'>,
  name: string,
): Promise<ListedModel> {
  try {
    return await services.models.find(name, caller);
  } catch (error) {
    if (!isAppError(error, 'model.missing')) throw error;
    const near = String(error.data['nearest'] ?? '');
    // Programs look for "not found".
    throw new AppError(
      'model.missing',
      `model '${name.slice(0, 200)}' not found${near === '' ? '; GET /api/tags lists the models that are here' : `. Did you mean ${near.replaceAll(', ', ' or ')}?`}`,
      error.data,
      { cause: error },
    );
  }
}
