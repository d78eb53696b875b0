/** The list of models: https://platform.openai.com/docs/api-reference/models, with the fields by which Anthropic's programs read it too. */
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../preload/wire/errors.ts';
import { abilitiesOf } from '../names/abilities.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';

/** One model. Beyond OpenAI's fields: what programs ask for before they choose a model, as vLLM, OpenRouter and LM Studio tell it. */
async function describe(services: Services, listed: ListedModel, forAnthropic: boolean) {
  const { name, model, changedAt, preset } = listed;
  const { local } = model;
  const loaded = services.engine.loaded().find(({ modelId }) => modelId === model.modelId);
  // As it is in memory; until then as it was trained.
  const loadedSize = (loaded?.contextSize ?? 0) > 0 ? loaded?.contextSize : null;
  const contextLength = loadedSize ?? local?.contextLength ?? model.remoteContextSize;
  return {
    ...{
      id: name,
      object: 'model',
      created: Math.floor(changedAt / 1000),
      owned_by: model.repoId.split('/')[0] || 'hearth',
    },
    // Anthropic's: https://docs.anthropic.com/en/api/models-list.
    ...{ type: 'model', display_name: preset?.name ?? model.title, created_at: new Date(changedAt).toISOString() },
    ...{ max_input_tokens: contextLength, max_tokens: null },
    // Anthropic's programs take capabilities of another form.
    capabilities: forAnthropic ? null : await abilitiesOf(services, listed),
    ...{ lifecycle: 'active', line: null, deprecated_at: null, retires_at: null },
    ...{ root: model.modelId, max_model_len: contextLength, context_length: contextLength },
    hearth: {
      model_id: model.modelId,
      quantization: model.quantization,
      architecture: local?.architecture ?? null,
      parameters: local?.parameterCount ?? null,
      size_bytes: local?.sizeBytes ?? null,
      is_here: local !== null,
      // Another Hearth goes by it: a model may be loaded with less than it was trained for.
      loaded_context_size: loadedSize,
    },
  };
}

const isAnthropic = ({ headers }: IncomingMessage): boolean => headers['anthropic-version'] !== undefined;

export const modelsRoute = route({
  method: 'GET',
  path: '/v1/models',
  dialect: 'openai',
  group: 'models',
  summary: 'Lists the models and the names that were given to them.',
  body: null,
  async handle({ json, caller, query, request }, services) {
    const all = (await services.models.list(caller)).map((listed) => ({ id: listed.name, listed }));
    // OpenAI's programs read one answer and ask for no further page.
    const isPaged = isAnthropic(request) || query.has('limit');
    const { data: page, hasMore } = isPaged ? pageOf(all, query) : { data: all, hasMore: false };
    const data: { readonly id: string }[] = [];
    for (const { listed } of page) data.push(await describe(services, listed, isAnthropic(request)));
    json(200, {
      ...{ object: 'list', data, has_more: hasMore },
      ...{ first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null },
    });
  },
});

const PAGE = { usual: 20, most: 1000 };

/** A page as Anthropic's programs ask for it: so many models behind one, or before one. @throws AppError `invalid_input`. */
export function pageOf<Model extends { readonly id: string }>(
  all: readonly Model[],
  query: URLSearchParams,
): { readonly data: readonly Model[]; readonly hasMore: boolean } {
  const wanted = query.get('limit') ?? String(PAGE.usual);
  const limit = /^\d{1,4}$/.test(wanted) ? Number(wanted) : 0;
  if (limit < 1 || limit > PAGE.most)
    throw new AppError('invalid_input', `"limit" must be 1 to ${PAGE.most}.`, { field: 'limit' });
  const placeOf = (field: 'after_id' | 'before_id'): number | null => {
    const id = query.get(field);
    if (id === null) return null;
    const at = all.findIndex((model) => model.id === id);
    if (at < 0) throw new AppError('invalid_input', `"${field}" is the id of no model here.`, { field });
    return at;
  };
  const after = placeOf('after_id');
  const before = placeOf('before_id');
  if (before !== null && after === null)
    return { data: all.slice(Math.max(0, before - limit), before), hasMore: before > limit };
  const rest = all.slice((after ?? -1) + 1, before ?? undefined);
  return { data: rest.slice(0, limit), hasMore: rest.length > limit };
}

export const modelRoute = route({
  method: 'GET',
  path: '/v1/models/*model',
  dialect: 'openai',
  group: 'models',
  summary: 'Describes one model.',
  body: null,
  async handle({ json, caller, params, request }, services) {
    const listed = await services.models.find(params['model'] ?? '', caller);
    json(200, await describe(services, listed, isAnthropic(request)));
  },
});
