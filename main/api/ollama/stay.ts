/** Requests without a text: they load a model, or say that it should go. */
import { isRemoteModelId } from '../../../preload/contract/remote-model-id.ts';
import { openOrder } from '../generation/generation.ts';
import type { Exchange } from '../http/exchange.ts';
import type { NamedModel } from '../names/names.ts';
import type { Services } from '../services.ts';

/**
 * Loads the model for as long as `keepMs` says. With 0 a loaded model goes as soon as nobody uses it, and one that is not loaded is not
 * loaded for that; a model elsewhere is its server's to load. Resolves with Ollama's name for what was done. Throws model.*, engine.*, busy.
 */
export async function loadOrUnload(
  exchange: Exchange,
  services: Services,
  model: NamedModel,
  keepMs: number | null | undefined,
): Promise<'load' | 'unload'> {
  const { modelId } = model;
  exchange.entry.note({ modelId });
  const isLoaded = services.engine.loaded().some((one) => one.modelId === modelId && one.status !== 'failed');
  if (!isRemoteModelId(modelId) && (keepMs !== 0 || isLoaded))
    // The smallest work that opens a model.
    await services.inference.tokenize(modelId, '', {
      ...{ special: false, order: openOrder(exchange, services, keepMs) },
    });
  return keepMs === 0 ? 'unload' : 'load';
}
