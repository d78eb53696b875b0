/** Finds out what a server elsewhere is, which models it has, and what they can do. Only questions that cost the server nothing. */
import type { ServerKind } from '../../../preload/contract/providers.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { parseBoundedJson } from '../../base/bounded-json.ts';
import { withoutMarks } from '../../base/foreign-text.ts';
import { looksLikePage } from '../../hub/hub.ts';
import { isRefusal, type RemoteClient } from './client.ts';
import { countOf, fieldsOf, listOf, type Fields } from './fields.ts';
import { MAX_BODY_CONTAINERS } from './limits.ts';
import { contextOf, readModelList, type ModelList } from './model-list.ts';
import { pageError, refusalError, unreadableAnswer } from './refusals.ts';
import { dialectOf, type Server, type ServerModel } from './server.ts';

/** Models that Ollama is asked about one by one, and questions at once. */
const MAX_ASKED = 64;
const ASKED_AT_ONCE = 4;

/** Throws what the refusal of its list of models says, remote.*, cancelled. */
export async function probeServer(client: RemoteClient, signal: AbortSignal): Promise<Server> {
  const { api, list } = await listModels(client, signal);
  const ask = asker(client, signal);
  const kind = list.kind ?? (await findKind(client, ask));
  const { version, models } = await describe(ask, kind, list.models);
  const tokenizes = dialectOf(kind).tokenizer !== null;
  return {
    ...{ kind, version, api, modelsLeftOut: list.leftOut },
    models: models.map((model) => ({ ...model, abilities: { ...model.abilities, tokenize: tokenizes } })),
  };
}

/** The list of models, at the first of the places where it may be. */
async function listModels(client: RemoteClient, signal: AbortSignal): Promise<{ api: string; list: ModelList }> {
  let failure: AppError | null = null;
  for (const api of client.address.apis) {
    const answer = await client.send({ url: `${api}/models`, signal });
    if (isRefusal(answer)) {
      failure ??= refusalError(client.facts, answer, null);
      if (answer.status === 404 || answer.status === 405 || looksLikePage(answer.body)) continue;
      throw failure;
    }
    const text = await client.textOf(answer, client.limits.jsonBytes);
    const list = readModelList(parseBoundedJson(text, MAX_BODY_CONTAINERS));
    if (list) return { api, list };
    failure ??= looksLikePage(text) ? pageError(client.facts, 200) : unreadableAnswer(client.facts);
  }
  if (isAppError(failure, 'unsupported'))
    throw new AppError('remote.bad_response', `${client.facts.host} lists no models. Check the address.`, {
      ...{ server: client.facts.name, host: client.facts.host, reason: 'no_models_list' },
    });
  throw failure ?? unreadableAnswer(client.facts);
}

/** The fields of the answer of one of its own methods; none where it has no such method, or fails. Throws cancelled. */
type Ask = (path: string, body?: unknown) => Promise<Fields>;

const asker =
  (client: RemoteClient, signal: AbortSignal): Ask =>
  async (path, body) => {
    const url = `${client.address.root}${path}`;
    try {
      return fieldsOf(await client.jsonIfAny({ url, signal, ...(body !== undefined && { body }) }));
    } catch (error) {
      signal.throwIfAborted();
      if (isAppError(error)) return {};
      throw error;
    }
  };

/** By the methods that only one kind of server has. A service of many users is not asked for them. */
async function findKind({ address: { host } }: RemoteClient, ask: Ask): Promise<ServerKind> {
  if (/(?:^|\.)openai\.com$/.test(host)) return 'openai';
  const [props, info, ollama, studio, version] = await Promise.all(
    ['/props', '/info', '/api/version', '/api/v0/models', '/version'].map((path) => ask(path)),
  );
  if (props?.['default_generation_settings'] !== undefined) return 'llama-server';
  if (info?.['max_total_tokens'] !== undefined || info?.['max_input_length'] !== undefined) return 'tgi';
  if (Array.isArray(studio?.['data'])) return 'lm-studio';
  if (typeof ollama?.['version'] === 'string') return 'ollama';
  return typeof version?.['version'] === 'string' ? 'vllm' : 'unknown';
}

interface Description {
  readonly version: string | null;
  readonly models: readonly ServerModel[];
}

/** What a kind of server tells by its own methods. Where one fails, what was known before stays. */
async function describe(ask: Ask, kind: ServerKind, models: readonly ServerModel[]): Promise<Description> {
  switch (kind) {
    case 'llama-server':
      return describeLlama(await ask('/props'), models);
    case 'vllm':
      return { version: versionOf((await ask('/version'))['version']), models };
    case 'tgi': {
      const info = await ask('/info');
      const contextSize = contextOf(info['max_total_tokens']);
      return {
        version: versionOf(info['version']),
        models: models.map((model) => ({ ...model, contextSize: model.contextSize ?? contextSize })),
      };
    }
    case 'ollama':
      return {
        version: versionOf((await ask('/api/version'))['version']),
        models: await describeOllama(ask, models),
      };
    case 'lm-studio':
      return { version: null, models: describeStudio(await ask('/api/v0/models'), models) };
    case 'sglang':
    case 'hearth':
    case 'openai':
    case 'unknown':
      return { version: null, models };
    default:
      return kind satisfies never;
  }
}

/** A version for people, in one line. */
function versionOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? withoutMarks(value.slice(0, 60)).replaceAll(/\s+/g, ' ') : null;
}

/** A llama-server has one model, whose context it divides among its slots; as a router it has several, and tells of none. */
function describeLlama(props: Fields, models: readonly ServerModel[]): Description {
  const settings = fieldsOf(props['default_generation_settings']);
  const modalities = fieldsOf(props['modalities']);
  const template = props['chat_template'];
  const caps = fieldsOf(props['chat_template_caps']);
  const known = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null);
  const only = models.length === 1;
  return {
    version: versionOf(props['build_info']),
    models: models.map((model) => ({
      ...model,
      contextSize: (only ? contextOf(settings['n_ctx']) : null) ?? model.contextSize,
      sequences: only ? contextOf(props['total_slots']) : null,
      abilities: {
        ...model.abilities,
        chat: model.abilities.chat ?? (only && typeof template === 'string' ? true : null),
        vision: only ? (known(modalities['vision']) ?? model.abilities.vision) : model.abilities.vision,
        audio: only ? (known(modalities['audio']) ?? model.abilities.audio) : model.abilities.audio,
        tools: model.abilities.tools ?? (only ? known(caps['supports_tools']) : null),
      },
    })),
  };
}

/**
 * The context size of a model at Ollama is that of its parameters, or of the model in memory. Its default depends on the machine, and the size
 * that the model was trained for says nothing about it.
 */
async function describeOllama(ask: Ask, models: readonly ServerModel[]): Promise<readonly ServerModel[]> {
  const loaded = new Map(
    listOf((await ask('/api/ps'))['models'])
      .map(fieldsOf)
      .map((one) => [one['model'], contextOf(one['context_length'])]),
  );
  const described = [...models];
  const waiting = models.slice(0, MAX_ASKED).map((model, place) => ({ model, place }));
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { model, place } = next;
      const shown = await ask('/api/show', { model: model.name });
      const found = Array.isArray(shown['capabilities']) ? (shown['capabilities'] as readonly unknown[]) : null;
      const has = (name: string): boolean | null => (found === null ? null : found.includes(name));
      const parameters = typeof shown['parameters'] === 'string' ? shown['parameters'].slice(0, 100_000) : '';
      described[place] = {
        ...model,
        contextSize: contextOf(Number(/^num_ctx\s+(\d{1,9})\s*$/m.exec(parameters)?.[1] ?? 0), loaded.get(model.name)),
        abilities: {
          ...model.abilities,
          chat: has('completion'),
          vision: has('vision'),
          audio: has('audio'),
          tools: has('tools'),
          reasoning: has('thinking'),
          embeddings: has('embedding'),
        },
      };
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, work));
  return described;
}

function describeStudio(answer: Fields, models: readonly ServerModel[]): readonly ServerModel[] {
  const list = listOf(answer['data']).map(fieldsOf);
  const byName = new Map(list.map((one) => [one['id'], one]));
  return models.map((model) => {
    const found = byName.get(model.name);
    if (!found) return model;
    const abilities = Array.isArray(found['capabilities']) ? (found['capabilities'] as readonly unknown[]) : null;
    const isEmbedding = found['type'] === 'embeddings';
    return {
      ...model,
      // Of a model that is not loaded only the largest possible size is told, which is not the one that it will get.
      contextSize: contextOf(found['loaded_context_length']),
      sequences: countOf(found['parallel']),
      abilities: {
        ...model.abilities,
        chat: !isEmbedding,
        embeddings: isEmbedding,
        vision: found['type'] === 'vlm',
        tools: abilities === null ? null : abilities.includes('tool_use'),
      },
    };
  });
}
