/** The provider of models that run on this computer, in the engine. */
import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { Engine, EngineModel, Lease, RenderedPrompt, StateFile } from '../engine/engine.ts';
import type { Countable, OpenModel, ProvidedModel, Provider } from './provider.ts';

interface LocalOptions {
  readonly engine: Pick<Engine, 'open' | 'openLoaded' | 'load' | 'loaded' | 'keep' | 'dropState'>;
  /** The model of an id, ready to be loaded. Throws model.missing, model.corrupt, model.unsupported. */
  readonly findModel: (modelId: string) => Promise<EngineModel>;
  readonly listModels?: () => Promise<readonly ProvidedModel[]>;
}

/** A provider with the methods that only models of this computer have. */
export interface LocalProvider extends Provider, Pick<Engine, 'loaded' | 'keep' | 'dropState'> {
  /**
   * Loads a model without a lease, so it may be evicted. `retry`: even if it failed too often before; `ifRoom`: without evicting other
   * models. Throws model.*, engine.*, busy, cancelled.
   */
  load(modelId: string, order?: { readonly retry?: boolean; readonly ifRoom?: boolean }): Promise<LoadedModel>;
  /** The exact prompt of a reply, in tokens by origin. Throws cancelled, and engine.not_loaded instead of loading the model. */
  prompt(modelId: string, request: Parameters<Lease['prompt']>[0], signal?: AbortSignal): Promise<RenderedPrompt>;
  /** Writes a conversation's state to a file; null when the model is not loaded or holds none of it. */
  saveState(modelId: string, order: Parameters<Lease['saveState']>[0]): Promise<StateFile | null>;
}

/** The provider over an engine. */
export function createLocalProvider({ engine, findModel, listModels }: LocalOptions): LocalProvider {
  return {
    list: async () => (await listModels?.()) ?? [],
    async find(modelId) {
      const model = await findModel(modelId);
      return {
        modelId,
        name: model.name,
        open: async (order) => openModel(await engine.open(model, order), order?.signal),
      };
    },
    load: async (modelId, order) => await engine.load(await findModel(modelId), order),
    loaded: engine.loaded,
    keep: engine.keep,
    dropState: engine.dropState,
    async prompt(modelId, request, signal) {
      using lease = await engine.openLoaded(modelId, { signal });
      return await lease.prompt(request, signal);
    },
    async saveState(modelId, order) {
      const isLoaded = engine
        .loaded()
        .some((model) => model.modelId === modelId && (model.status === 'ready' || model.status === 'generating'));
      if (!isLoaded) return null;
      using lease = await engine.openLoaded(modelId, { ownWork: true });
      return await lease.saveState(order);
    },
  };
}

function openModel(lease: Lease, signal: AbortSignal | undefined): OpenModel {
  const { contextSize, sequences } = lease.state();
  return {
    modelId: lease.modelId,
    capabilities: { contextSize, sequences, states: true },
    generate: lease.generate,
    embed: (texts, options = {}) => lease.embed({ texts, ...options }, signal),
    rerank: async (query, documents) => (await lease.rerank({ query, documents }, signal)).scores,
    count: (what) => count(lease, what, signal),
    tokenize: (text, options) => lease.tokenize({ text, ...options }, signal),
    detokenize: async (ids, options) =>
      (await lease.detokenize({ tokens: ids, special: true, ...options }, signal)).text,
    async render(what) {
      const { text, promptTokens, contextSize: size, omittedMessages, omittedFrom } = await lease.prompt(what, signal);
      return { text, promptTokens, contextSize: size, omittedMessages, omittedFrom };
    },
    [Symbol.dispose]: () => lease[Symbol.dispose](),
  };
}

async function count(lease: Lease, what: Countable, signal: AbortSignal | undefined): Promise<number> {
  if ('text' in what) return (await lease.tokenize({ text: what.text, special: false }, signal)).tokens.length;
  return (await lease.prompt(what, signal)).promptTokens;
}
