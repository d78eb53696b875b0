/** What llama-server tells of itself: `/health`, `/props`, `/slots`, `/lora-adapters`. */
import { isRemoteModelId } from '../../../preload/contract/remote-model-id.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { samplingOf } from '../generation/generation.ts';
import type { Exchange } from '../http/exchange.ts';
import { modelsInMemory, type ModelInMemory } from '../names/loaded-models.ts';
import type { ListedModel } from '../names/models.ts';
import { route, type AnyRoute } from '../route.ts';
import type { Services } from '../services.ts';

const health = (path: string): AnyRoute =>
  route({
    ...{ method: 'GET', path, dialect: 'llama-server', group: null, isOpen: true, body: null },
    summary: 'Whether the server answers.',
    handle: ({ json }) => json(200, { status: 'ok' }),
  });

const propsRoute = route({
  method: 'GET',
  path: '/props',
  dialect: 'llama-server',
  group: 'inspect',
  summary: 'The properties of the model in `?model=`, or of the only one in memory.',
  body: null,
  async handle(exchange, services) {
    const inMemory = await modelsInMemory(exchange, services);
    const name = exchange.query.get('model');
    const named = name === null ? null : await services.models.find(name, exchange.caller);
    const found = named ?? (inMemory.length === 1 ? inMemory[0]?.model : undefined);
    const here = inMemory.find(({ model }) => model.modelId === found?.modelId);
    exchange.json(200, {
      ...(found ? await propsOf(found, here, exchange, services) : { total_slots: services.settings().slots }),
      models: inMemory.map(({ model }) => model.name),
      ...{
        endpoint_slots: true,
        endpoint_props: false,
        endpoint_metrics: true,
        build_info: `hearth-${services.version}`,
      },
    });
  },
});

async function propsOf(model: ListedModel, here: ModelInMemory | undefined, exchange: Exchange, services: Services) {
  // Of a model elsewhere its server knows more, and does not tell all of it.
  const isElsewhere = isRemoteModelId(model.modelId);
  const template = isElsewhere ? null : await services.library.templates.info(model.modelId, exchange.signal);
  const sampling = samplingOf(services, model, {});
  return {
    default_generation_settings: {
      params: {
        ...{ temperature: sampling.temperature, top_k: sampling.topK, top_p: sampling.topP, min_p: sampling.minP },
        ...{ repeat_penalty: sampling.repeatPenalty, n_predict: sampling.maxTokens ?? -1, max_tokens: -1 },
      },
      // Nobody knows before the load: the size is chosen for the memory that is free then.
      n_ctx: here?.loaded.contextSize ?? null,
    },
    total_slots: isElsewhere ? null : (here?.loaded.sequences ?? services.settings().slots),
    ...{ model_alias: model.name, model_path: model.modelId, model_ftype: model.model.quantization },
    ...{ modalities: { vision: false, audio: false }, chat_template: model.preset?.template ?? template?.source ?? '' },
    ...{ bos_token: template?.bos ?? '', eos_token: template?.eos ?? '' },
    // llama-server's word for a model that a request would load.
    is_sleeping: !isElsewhere && here === undefined,
  };
}

const slotsRoute = route({
  method: 'GET',
  path: '/slots',
  dialect: 'llama-server',
  group: 'inspect',
  summary: 'The slots of the models in memory, without what is in them. `?fail_on_no_slot=1` fails where none is free.',
  body: null,
  async handle(exchange, services) {
    const name = exchange.query.get('model');
    const named = name === null ? null : await services.models.find(name, exchange.caller);
    const inMemory = (await modelsInMemory(exchange, services)).filter(
      ({ model }) => named === null || model.modelId === named.modelId,
    );
    const slots = inMemory.flatMap(({ model, loaded }) =>
      Array.from({ length: loaded.sequences }, (_, id) => ({
        ...{ id, model: model.name, n_ctx: loaded.contextSize, is_processing: id < loaded.activeSequences },
      })),
    );
    const isFull = slots.length > 0 && slots.every((slot) => slot.is_processing);
    if (isFull && exchange.query.has('fail_on_no_slot')) throw new AppError('busy', 'No slot is free.');
    exchange.json(200, slots);
  },
});

const adaptersRoute = route({
  method: 'GET',
  path: '/lora-adapters',
  dialect: 'llama-server',
  group: 'inspect',
  summary: "The adapters that requests may scale: none, since adapters are among a model's load settings.",
  body: null,
  handle: ({ json }) => json(200, []),
});

export const stateRoutes = [health('/health'), health('/v1/health'), propsRoute, slotsRoute, adaptersRoute];
