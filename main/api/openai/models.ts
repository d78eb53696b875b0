/** The list of models: https://platform.openai.com/docs/api-reference/models, with the fields by which Anthropic's programs read it too. */
import { route } from '../route.ts';
import type { ListedModel } from '../names/models.ts';

/** One model. Beyond OpenAI's fields: what programs ask for before they choose a model, as vLLM and LM Studio tell it. */
function describe({ name, model, changedAt, preset }: ListedModel) {
  const { local } = model;
  return {
    ...{
      id: name,
      object: 'model',
      created: Math.floor(changedAt / 1000),
      owned_by: model.repoId.split('/')[0] || 'hearth',
    },
    // Anthropic's: https://docs.anthropic.com/en/api/models-list.
    ...{ type: 'model', display_name: preset?.name ?? model.title, created_at: new Date(changedAt).toISOString() },
    ...{ root: model.modelId, max_model_len: local?.contextLength ?? null },
    hearth: {
      model_id: model.modelId,
      quantization: model.quantization,
      architecture: local?.architecture ?? null,
      parameters: local?.parameterCount ?? null,
      size_bytes: local?.sizeBytes ?? null,
      is_here: local !== null,
    },
  };
}

export const modelsRoute = route({
  method: 'GET',
  path: '/v1/models',
  dialect: 'openai',
  group: 'models',
  summary: 'Lists the models and the names that were given to them.',
  body: null,
  async handle({ json, caller }, { models }) {
    const data = (await models.list(caller)).map(describe);
    json(200, {
      object: 'list',
      data,
      has_more: false,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    });
  },
});

export const modelRoute = route({
  method: 'GET',
  path: '/v1/models/*model',
  dialect: 'openai',
  group: 'models',
  summary: 'Describes one model.',
  body: null,
  async handle({ json, caller, params }, { models }) {
    json(200, describe(await models.find(params['model'] ?? '', caller)));
  },
});
