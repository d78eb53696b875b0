/** The families that can be converted. */
import { shownName } from '../../base/foreign-text.ts';
import { unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { Architecture, Description, Surroundings } from './architecture.ts';
import { createConfig, isRecord, wrongValue } from './config.ts';
import { bert, roberta } from './families/bert.ts';
import { distilBert } from './families/distilbert.ts';
import { falcon } from './families/falcon.ts';
import { gemma1 } from './families/gemma1.ts';
import { gemma2 } from './families/gemma2.ts';
import { gemma3 } from './families/gemma3.ts';
import { gptNeoX } from './families/gpt-neox.ts';
import { gpt2 } from './families/gpt2.ts';
import { granite } from './families/granite.ts';
import { llama, mistral, mixtral } from './families/llama.ts';
import { modernBert } from './families/modernbert.ts';
import { nomicBert } from './families/nomic-bert.ts';
import { olmo2 } from './families/olmo2.ts';
import { phi3 } from './families/phi3.ts';
import { qwen2, qwen3 } from './families/qwen.ts';
import { qwen2Moe, qwen3Moe } from './families/qwen-moe.ts';
import { smollm3 } from './families/smollm3.ts';
import { stablelm } from './families/stablelm.ts';
import { starcoder2 } from './families/starcoder2.ts';

/** Each family once. A new one is a file of its own and a line here. */
export const architectures: readonly Architecture[] = [
  llama,
  mistral,
  mixtral,
  qwen2,
  qwen3,
  qwen2Moe,
  qwen3Moe,
  gemma1,
  gemma2,
  gemma3,
  phi3,
  smollm3,
  olmo2,
  granite,
  stablelm,
  starcoder2,
  gpt2,
  falcon,
  gptNeoX,
  bert,
  roberta,
  distilBert,
  nomicBert,
  modernBert,
];

/** Classes that llama.cpp computes and that have no table here, with the reason. */
const withoutTable: Readonly<Record<string, string>> = {
  Gemma3TextModel:
    'EmbeddingGemma (Gemma3TextModel) cannot be converted: it sees the text in both directions, and dense layers of further files follow its pooling.',
};

/**
 * The family that a parsed config.json names. A model that takes more than text names its language model inside `text_config`.
 *
 * @throws AppError `convert.unsupported` (`reason: 'architecture'`) for a name that is not known, `convert.invalid` without any name.
 */
export function findArchitecture(values: Readonly<Record<string, unknown>>): Architecture {
  const inner = isRecord(values['text_config']) ? values['text_config']['architectures'] : undefined;
  const named = [inner, values['architectures']].find((list) => Array.isArray(list) && list.length > 0) as
    unknown[] | undefined;
  const name = named?.[0];
  if (typeof name !== 'string')
    throw wrongValue('architectures', 'a list with the name of an architecture', values['architectures']);
  const found = architectures.find(({ classes }) => classes.includes(name));
  if (found !== undefined) return found;
  throw unsupportedCheckpoint({
    ...{ reason: 'architecture', file: 'config.json', found: name },
    detail:
      (Object.hasOwn(withoutTable, name) ? withoutTable[name] : null) ??
      `The architecture ${shownName(name)} cannot be converted.`,
  });
}

/** The configuration of the language model: its own part, where a model takes more than text. */
function languageModelOf(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const inner = values['text_config'];
  return isRecord(inner) ? { ...values, ...inner } : values;
}

const ALONE: Surroundings = { pooling: null, tokenCount: null };

/** The family that a parsed config.json names, and what it says of the model. @throws AppError as `findArchitecture`; as the family. */
export function describeModel(
  values: Readonly<Record<string, unknown>>,
  surroundings = ALONE,
): { readonly architecture: Architecture; readonly description: Description } {
  const architecture = findArchitecture(values);
  return { architecture, description: architecture.describe(createConfig(languageModelOf(values)), surroundings) };
}
