/**
 * The one way to a model: find it, lease it, restore the conversation's state, and generate, embed, rerank or count. Chats, the command
 * line and all other users of models call this module; nothing else opens a model. The entry of this folder.
 */
import type { Sampling } from '../../preload/contract/chat.ts';
import type { FormProblem } from '../../preload/contract/inference.ts';
import { isRemoteModelId } from '../../preload/contract/remote-model-id.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { unlessAborted } from '../base/unless-aborted.ts';
import type { GenerateEvent, GenerateRequest, StateFile } from '../engine/engine.ts';
import type { LocalProvider } from './local.ts';
import type {
  Countable,
  Embedding,
  FoundModel,
  OpenModel,
  OpenOrder,
  ProvidedModel,
  Provider,
  Renderable,
  Rendered,
  TextToken,
  TokenizeOptions,
} from './provider.ts';

export { openBenchEngine, type BenchEngine, type BenchTest } from './bench.ts';
export { createLocalProvider, type LocalProvider } from './local.ts';
export { samplingOver, withPreset, type WantedSampling } from './presets.ts';
export { contextSizeOf, cuttable, type Cuttable } from './token-cut.ts';
export { createRemoteProviders, type RemoteProviders } from './remote.ts';
export type {
  Countable,
  Embedding,
  OpenModel,
  OpenOrder,
  Provider,
  Renderable,
  Rendered,
  TextToken,
} from './provider.ts';

/** The saved states of conversations. */
export interface ConversationStates {
  /** Call it before a reply. Saves the unsaved state of the conversation whose sequence the reply would take. */
  beforeTurn(chatKey: string, modelId: string): Promise<void>;
  /** The saved state of the conversation; undefined when it has none. */
  find(chatKey: string): StateFile | undefined;
}

/** A request for a reply of one model. */
export type ReplyRequest = Omit<GenerateRequest, 'state' | 'priority' | 'client'> &
  Omit<OpenOrder, 'signal'> & {
    readonly modelId: string;
    /** The saved states, for that of `chatKey`. Absent: only the state that is still in the context is reused. */
    readonly states?: ConversationStates | undefined;
  };

export type ReplyEvent =
  /** The model was found, and is being opened. */
  | { readonly type: 'found'; readonly name: string }
  /** The model is leased until the end of the reply. `afterLoad`: it was not in memory, and was loaded for the reply. */
  | { readonly type: 'opened'; readonly afterLoad?: boolean }
  | GenerateEvent;

export interface Inference extends Omit<LocalProvider, keyof Provider> {
  /** The models; `here`: without those of servers elsewhere, which may have to be asked first. */
  list(where?: 'here'): Promise<readonly ProvidedModel[]>;
  /** What is known of a model without opening it. Throws model.*, remote.*. */
  find(modelId: string): Promise<ProvidedModel>;
  /**
   * A reply, as events; the last is `end`. When `signal` fires before the reply begins it throws cancelled, afterwards the reply ends
   * early with its `end`. Throws model.*, engine.*, template.invalid, engine.context_full, busy.
   */
  generate(request: ReplyRequest, signal: AbortSignal): AsyncGenerator<ReplyEvent>;
  /** One vector per text, in order. Throws model.*, engine.*, unsupported, invalid_input (an empty text, by its index). */
  embed(
    modelId: string,
    texts: readonly string[],
    options?: OpenOrder & { readonly dimensions?: number; readonly normalize?: boolean },
  ): Promise<Embedding>;
  /** One score from 0 to 1 per document, in order. Throws model.*, engine.*, unsupported. */
  rerank(modelId: string, query: string, documents: readonly string[], order?: OpenOrder): Promise<readonly number[]>;
  /** Tokens of a text or of a reply's prompt. Throws model.*, engine.*, template.invalid. */
  count(modelId: string, what: Countable, order?: OpenOrder): Promise<number>;
  /** The tokens of a text. Throws model.*, engine.*, invalid_input (a text that is too long), unsupported. */
  tokenize(
    modelId: string,
    text: string,
    options: TokenizeOptions & { readonly order?: OpenOrder },
  ): Promise<{ readonly tokens: readonly TextToken[] }>;
  /** The text of tokens. Throws model.*, engine.*, invalid_input (too many, or ids outside of the vocabulary), unsupported. */
  detokenize(
    modelId: string,
    ids: readonly number[],
    order?: OpenOrder & Pick<TokenizeOptions, 'asPieces'>,
  ): Promise<string>;
  /** The prompt of a reply. Unlike `prompt` it loads the model when needed. Throws model.*, engine.*, template.invalid, unsupported. */
  render(modelId: string, what: Renderable, order?: OpenOrder): Promise<Rendered>;
}

/** Why a reply cannot be held to a form, and where in its text; null where it can. What reads forms is loaded with the first. */
export async function formProblem(form: NonNullable<Sampling['grammar']>): Promise<FormProblem | null> {
  const { formProblem: problemOf } = await import('./check-form.ts');
  return problemOf(form);
}

/** What a model elsewhere does not have: it is not in this computer's memory. */
function refuseElsewhere(modelId: string): void {
  if (isRemoteModelId(modelId))
    throw new AppError('unsupported', 'This model runs elsewhere. There is nothing to load here.', {
      reason: 'runs_elsewhere',
    });
}

/**
 * Of nothing there is no vector: where a vocabulary puts no marks around a text it would have the length 0.
 * @throws AppError `invalid_input`, which names the first empty text.
 */
export function refuseEmptyTexts(texts: readonly string[]): void {
  const index = texts.indexOf('');
  if (index >= 0)
    throw new AppError('invalid_input', `Text ${index + 1} is empty, so that there is nothing to make a vector of.`, {
      ...{ reason: 'empty_text', field: 'texts', index },
    });
}

/** Inference over the models of this computer and, where `elsewhere` is given, over those of servers elsewhere. */
export function createInference(local: LocalProvider, elsewhere: Provider | null = null): Inference {
  const providerOf = (modelId: string): Provider =>
    elsewhere !== null && isRemoteModelId(modelId) ? elsewhere : local;
  // The list may have to be read from the disk first.
  const find = async (modelId: string, signal: AbortSignal | undefined): Promise<FoundModel> =>
    await unlessAborted(providerOf(modelId).find(modelId), signal, 'Stopped before the model was found.');
  const open = async (modelId: string, order?: OpenOrder): Promise<OpenModel> =>
    await (await find(modelId, order?.signal)).open(order);

  return {
    list: async (where) => [...(await local.list()), ...(where === 'here' ? [] : ((await elsewhere?.list()) ?? []))],
    find: async (modelId) => await providerOf(modelId).find(modelId),
    async load(modelId, order) {
      refuseElsewhere(modelId);
      return await local.load(modelId, order);
    },
    loaded: local.loaded,
    keep: (modelId) => (isRemoteModelId(modelId) ? () => {} : local.keep(modelId)),
    dropState: local.dropState,
    async prompt(modelId, request, signal) {
      refuseElsewhere(modelId);
      return await local.prompt(modelId, request, signal);
    },
    saveState: async (modelId, order) => (isRemoteModelId(modelId) ? null : await local.saveState(modelId, order)),

    async *generate({ modelId, states, retry, priority, client, keepMs, sequences, ...request }, signal) {
      const found = await find(modelId, signal);
      yield { type: 'found', name: found.name };
      const order = {
        ...{ ...(retry && { retry }), ...(priority && { priority }), ...(client !== undefined && { client }) },
        ...{ ...(keepMs !== undefined && { keepMs }), ...(sequences !== undefined && { sequences }) },
      };
      const isLoaded =
        isRemoteModelId(modelId) ||
        local
          .loaded()
          .some((one) => one.modelId === modelId && (one.status === 'ready' || one.status === 'generating'));
      using model = await found.open({ ...order, signal });
      yield { type: 'opened', ...(!isLoaded && { afterLoad: true }) };
      const state = await restore(model, states, request.chatKey, signal);
      yield* model.generate({ ...request, ...(state && { state }) }, signal);
    },
    async embed(modelId, texts, { dimensions, normalize, ...order } = {}) {
      refuseEmptyTexts(texts);
      using model = await open(modelId, order);
      return await model.embed(texts, {
        ...(dimensions !== undefined && { dimensions }),
        ...(normalize !== undefined && { normalize }),
      });
    },
    async rerank(modelId, query, documents, order) {
      using model = await open(modelId, order);
      return await model.rerank(query, documents);
    },
    async count(modelId, what, order) {
      using model = await open(modelId, order);
      return await model.count(what);
    },
    async tokenize(modelId, text, { order, ...options }) {
      using model = await open(modelId, order);
      return await model.tokenize(text, options);
    },
    async detokenize(modelId, ids, { asPieces = false, ...order } = {}) {
      using model = await open(modelId, order);
      return await model.detokenize(ids, { asPieces });
    },
    async render(modelId, what, order) {
      using model = await open(modelId, order);
      return await model.render(what);
    },
  };
}

/** The saved state of a conversation, after the state that the reply would displace was saved. */
async function restore(
  { modelId, capabilities }: OpenModel,
  states: ConversationStates | undefined,
  chatKey: string | undefined,
  signal: AbortSignal,
): Promise<StateFile | undefined> {
  if (!states || chatKey === undefined || !capabilities.states) return undefined;
  // A large state takes seconds to save. Its saving goes on when the reply is stopped.
  await unlessAborted(states.beforeTurn(chatKey, modelId), signal, 'Stopped before the reply began.');
  return states.find(chatKey);
}
