/** A server's list of its models, in any of the forms that servers give it. */
import type { ServerKind } from '../../../preload/contract/providers.ts';
import { countOf, fieldsOf, listOf, type Fields } from './fields.ts';
import { MAX_MODELS } from './limits.ts';
import { unknownAbilities, type ServerModel } from './server.ts';

export interface ModelList {
  readonly models: readonly ServerModel[];
  readonly leftOut: number;
  /** What the list says of its server; null where it says nothing. */
  readonly kind: ServerKind | null;
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.slice(0, 100).filter((one) => typeof one === 'string') : [];

/** A size in tokens that can be one of a context. */
export function contextOf(...values: readonly unknown[]): number | null {
  for (const value of values) {
    const size = countOf(value);
    if (size !== null && size > 0 && size <= 1_000_000_000) return size;
  }
  return null;
}

/** Names are shown and sent back; a longer one is no name. */
const MAX_NAME_CHARS = 500;

/** The models of `/models`; null where the answer is no list. */
export function readModelList(answer: unknown): ModelList | null {
  const list = Array.isArray(answer) ? answer : (fieldsOf(answer)['data'] ?? fieldsOf(answer)['models']);
  if (!Array.isArray(list)) return null;
  const described = new Map(
    listOf(fieldsOf(answer)['models'])
      .slice(0, MAX_MODELS)
      .map(fieldsOf)
      .map((one) => [one['model'] ?? one['name'], one]),
  );
  const models = new Map<string, ServerModel>();
  let leftOut = 0;
  let kind: ServerKind | null = null;
  for (const entry of list.map(fieldsOf)) {
    const name = entry['id'] ?? entry['name'] ?? entry['model'];
    if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_CHARS || models.size >= MAX_MODELS) {
      leftOut++;
      continue;
    }
    // Hearth names the owner of the repository, and tells of itself in a field of its own.
    kind ??= isHearths(entry) ? 'hearth' : ownerKind(entry['owned_by']);
    models.set(name, modelOf(name, entry, described.get(name) ?? {}));
  }
  return { models: [...models.values()], leftOut, kind };
}

/** The kind of server that names itself as the owner of its models. */
function ownerKind(owner: unknown): ServerKind | null {
  switch (owner) {
    case 'llamacpp':
      return 'llama-server';
    case 'vllm':
    case 'sglang':
    case 'hearth':
      return owner;
    case 'library':
      return 'ollama';
    case 'organization_owner':
      return 'lm-studio';
    default:
      return null;
  }
}

const isHearths = (entry: Fields): boolean => typeof entry['hearth'] === 'object' && entry['hearth'] !== null;

function modelOf(name: string, entry: Fields, described: Fields): ServerModel {
  // `max_model_len` is vLLM's and SGLang's; the others are those of gateways.
  const contextSize = isHearths(entry)
    ? // Until a model is loaded nobody knows its size. The other fields then have the one that it was trained for.
      contextOf(fieldsOf(entry['hearth'])['loaded_context_size'])
    : contextOf(entry['max_model_len'], entry['context_length'], entry['context_window'], entry['max_context_length']);
  const modalities = textsOf(fieldsOf(entry['architecture'])['input_modalities']);
  const parameters = textsOf(entry['supported_parameters']);
  const own = [...textsOf(entry['capabilities']), ...textsOf(described['capabilities'])];
  const flags = fieldsOf(entry['capabilities']);
  /** Told as a word of a list, or as a flag. A list that lacks it says no only where it says anything of the kind. */
  const has = (...names: readonly string[]): boolean | null => {
    if (names.some((one) => own.includes(one) || flags[one] === true)) return true;
    return names.some((one) => flags[one] === false) ? false : null;
  };
  const isOther = entry['type'] === 'embeddings' || entry['type'] === 'embedding';
  return {
    name,
    contextSize,
    sequences: null,
    abilities: {
      ...unknownAbilities,
      chat: isOther ? false : has('chat', 'completion', 'completion_chat'),
      vision: modalities.length > 0 ? modalities.includes('image') : has('vision', 'image', 'multimodal'),
      audio: modalities.length > 0 ? modalities.includes('audio') : has('audio'),
      tools: parameters.length > 0 ? parameters.includes('tools') : has('tools', 'tool_use', 'function_calling'),
      reasoning: parameters.length > 0 ? parameters.includes('reasoning') : has('reasoning', 'thinking'),
      embeddings: isOther ? true : has('embedding', 'embeddings'),
    },
  };
}
