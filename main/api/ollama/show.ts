/** `/api/show`: https://github.com/ollama/ollama/blob/main/docs/api.md#show-model-information. */
import { z } from 'zod';
import type { GgufHeader, GgufValue } from '../../model-file/gguf.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { capabilitiesOf, readModel, templateOf } from './capabilities.ts';
import { detailsOf } from './details.ts';
import { modelFields, modelNameOf } from './fields.ts';
import { findModel, withTag } from './find-model.ts';
import { parameterLines, parametersOf } from './parameters.ts';

const showSchema = z.object({
  ...modelFields,
  /** Tells the tensors too, and lists of up to a thousand values. */
  verbose: z.boolean().nullish(),
});

/** Ollama leaves the values out of lists that are longer. */
const SHORT_LIST = 5;

/** A value of the header. Long lists are empty, as in Ollama; of those that the header's reader passes over the values are not known. */
function shown(value: GgufValue, isVerbose: boolean): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object') return value;
  if (!Array.isArray(value)) return [];
  const list = value as readonly (string | number | bigint | boolean)[];
  if (list.length > SHORT_LIST && !isVerbose) return [];
  return list.map((one) => (typeof one === 'bigint' ? Number(one) : one));
}

interface Manner {
  readonly isVerbose: boolean;
  readonly isCopilot: boolean;
}

/** The header's keys. Name and template are told elsewhere. */
function infoOf({ metadata }: GgufHeader, { model, name }: ListedModel, { isVerbose, isCopilot }: Manner) {
  const entries = [...metadata]
    .filter(([key]) => key !== 'general.name' && key !== 'tokenizer.chat_template')
    .map(([key, value]) => [key, shown(value, isVerbose)] as const);
  return {
    ...Object.fromEntries(entries),
    // GitHub Copilot shows this as the model's name, where several quantizations would be one. Ollama does the same.
    ...(isCopilot && { 'general.basename': name }),
    ...(isGiven(model.local?.parameterCount) && { 'general.parameter_count': model.local.parameterCount }),
  };
}

const quoted = (text: string): string => `"""${text}"""`;
/** Between quotes nothing is escaped. */
const valueOf = (value: string | number): string => (typeof value === 'number' ? String(value) : quoted(value));

/** The description of a name that `/api/create` reads again. */
function modelfileOf({ model, preset }: ListedModel, from: string, template: string | null): string {
  const lines = [
    '# Modelfile of Hearth. TEMPLATE is Jinja, as models have it.',
    `FROM ${from}`,
    ...(!isGiven(preset?.template) || template === null ? [] : [`TEMPLATE ${quoted(template)}`]),
    ...(isGiven(preset?.systemPrompt) ? [`SYSTEM ${quoted(preset.systemPrompt)}`] : []),
    ...parametersOf(preset?.sampling ?? {}).map(([name, value]) => `PARAMETER ${name} ${valueOf(value)}`),
    ...(preset?.messages ?? []).map(({ role, content }) => `MESSAGE ${role} ${quoted(content)}`),
    ...(isGiven(model.local?.license) ? [`LICENSE ${quoted(model.local.license)}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

export const showRoute = route({
  method: 'POST',
  path: '/api/show',
  dialect: 'ollama',
  group: 'models',
  summary: 'Describes a model: its header, its template, and what it can do.',
  body: showSchema,
  example: { model: 'ember' },
  async handle(exchange: Exchange<z.infer<typeof showSchema>>, services: Services) {
    const { body } = exchange;
    const listed = await findModel(services, exchange, modelNameOf(body));
    const isVerbose = body.verbose === true;
    const isCopilot = (exchange.request.headers['user-agent'] ?? '').startsWith('GitHubCopilotChat/');
    const read = await readModel(services, listed);
    const template = templateOf(listed, read);
    const { preset, model } = listed;
    const all = await services.models.list(exchange.caller);
    const own = all.find((one) => one.modelId === listed.modelId && one.preset === null);
    const contextSize = services.engine.loaded().find(({ modelId }) => modelId === model.modelId)?.contextSize ?? 0;
    const parameters = [
      ...parametersOf(preset?.sampling ?? {}),
      // That of the load, which programs take for the length of their conversations.
      ...(contextSize > 0 ? [['num_ctx', contextSize] as const] : []),
    ];
    exchange.json(200, {
      ...(isGiven(model.local?.license) && { license: model.local.license }),
      modelfile: modelfileOf(listed, withTag(own?.name ?? model.modelId), template),
      ...(parameters.length > 0 && { parameters: parameterLines(parameters) }),
      ...(template !== null && { template }),
      ...(isGiven(preset?.systemPrompt) && { system: preset.systemPrompt }),
      details: { ...detailsOf(listed), ...embeddingLength(read?.header) },
      ...(preset && preset.messages.length > 0 && { messages: preset.messages }),
      // Programs fail where it is missing.
      model_info: read ? infoOf(read.header, listed, { isVerbose, isCopilot }) : {},
      ...(isVerbose && {
        tensors: (read?.header.tensors ?? []).map(({ name, type, shape }) => ({ name, type, shape })),
      }),
      capabilities: await capabilitiesOf(services, listed, read),
      modified_at: new Date(listed.changedAt).toISOString(),
    });
  },
});

function embeddingLength(header: GgufHeader | undefined): { embedding_length?: number } {
  const architecture = header?.metadata.get('general.architecture');
  const length = header?.metadata.get(`${typeof architecture === 'string' ? architecture : ''}.embedding_length`);
  return typeof length === 'number' ? { embedding_length: length } : {};
}
