/** From the files of a checkpoint to the plan of its conversion. Main makes it to refuse early, the child to write the file. */
import { findArchitecture } from '../architectures/registry.ts';
import { readStoredTensors } from '../checkpoint/checkpoint.ts';
import { findFile, readSmallJson, type CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { withoutSpareBiases } from '../checkpoint/unpack/column-tensors.ts';
import { isQuantized } from '../checkpoint/unpack/quantization-config.ts';
import { unpackedTensors, type UnpackedTensor } from '../checkpoint/unpack/unpack.ts';
import { invalidCheckpoint, unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { isTokenizerFile, readTokenizerFiles } from '../vocabulary/tokenizer-files.ts';
import { readVocabulary } from '../vocabulary/vocabulary.ts';
import type { TokenizerFiles, Vocabulary } from '../vocabulary/vocabulary-model.ts';
import { MAX_CARD_BYTES, readModelCard } from './model-card.ts';
import { architectureName, makePlan, withVocabularySize, type Plan, type PlanInput } from './plan.ts';
import { sourcesOf } from './planned-tensor.ts';
import { readPooling } from './pooling-files.ts';

export interface CheckpointFiles {
  readonly config: Readonly<Record<string, unknown>>;
  /** The tensors as an architecture names them, with the places of their values. */
  readonly tensors: readonly UnpackedTensor[];
  /** The files with weights, in the order of their names. */
  readonly weightFiles: readonly string[];
}

export interface CheckpointPlan extends CheckpointFiles {
  readonly plan: Plan;
  readonly vocabulary: Vocabulary;
}

/** Files that tell of a model beside its weights and its tokenizer. */
const otherFiles: ReadonlySet<string> = new Set([
  ...['config.json', 'generation_config.json', 'README.md', 'modules.json', '1_Pooling/config.json'],
  ...['model.safetensors.index.json', 'quantize_config.json', 'quant_config.json'],
]);

/** Whether a conversion reads this file beside the weights. */
export const isDescription = (path: string): boolean => otherFiles.has(path) || isTokenizerFile(path);

/**
 * config.json and the tensors of the headers. `nextTurn` lets other work of the process go first.
 * @throws AppError `convert.*` as `readStoredTensors` and `unpackedTensors`; `convert.invalid` (`no_config`); what the source throws.
 */
async function readCheckpointFiles(
  source: CheckpointSource,
  nextTurn: () => Promise<unknown>,
): Promise<CheckpointFiles> {
  const config = await readConfig(source);
  // Before the headers: most refusals are about the architecture.
  findArchitecture(config);
  const { tensors, weightFiles } = await readStoredTensors(source, nextTurn);
  return { config, tensors: unpackedTensors(config, tensors), weightFiles };
}

/** config.json, with the quantization that older programs store in a file of its own. @throws AppError as `readSmallJson`; `convert.*`. */
export async function readConfig(source: CheckpointSource): Promise<Readonly<Record<string, unknown>>> {
  const config = await readSmallJson(source, 'config.json');
  if (config !== null) return await withOlderQuantization(source, config);
  if (findFile(source, 'adapter_config.json') !== null)
    throw unsupportedCheckpoint({
      reason: 'adapter',
      detail: 'This is an adapter (LoRA), which changes a model, and no model by itself.',
    });
  throw invalidCheckpoint({ reason: 'no_config', file: 'config.json', detail: 'There is no config.json.' });
}

/** How weights are quantized, as AutoGPTQ and AutoAWQ stored it before transformers 4.32 and 4.35 took it into config.json. */
const olderQuantizations = [
  ['quantize_config.json', 'gptq'],
  ['quant_config.json', 'awq'],
] as const;

async function withOlderQuantization(
  source: CheckpointSource,
  config: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  if (isQuantized(config)) return config;
  for (const [file, quant_method] of olderQuantizations) {
    const fields = await readSmallJson(source, file);
    if (fields !== null) return { ...config, quantization_config: { quant_method, ...fields } };
  }
  return config;
}

/**
 * The whole plan of the checkpoint called `name` (its repository, or its folder's name), which reads all files of the tokenizer.
 * @throws AppError as `readCheckpointFiles`, `readVocabulary` and `makePlan`.
 */
export async function readCheckpointPlan(
  source: CheckpointSource,
  name: string,
  nextTurn: () => Promise<unknown>,
): Promise<CheckpointPlan> {
  const files = await readCheckpointFiles(source, nextTurn);
  const vocabulary = await readWholeVocabulary(source, files.config, await readTokenizerFiles(source));
  const unplanned = { config: files.config, tensors: files.tensors.map(({ tensor }) => tensor) };
  const plan = await planOf(source, name, unplanned, vocabulary.entries);
  const tensors = withoutSpareBiases(files.tensors, sourcesOf(plan.tensors));
  return { ...files, tensors, plan, vocabulary };
}

/** The plan with these `tokenizer.*` entries; without any, the count of tokens is not checked. @throws as `makePlan`. */
export async function planOf(
  source: CheckpointSource,
  name: string,
  { config, tensors }: Pick<CheckpointFiles, 'config'> & Pick<PlanInput, 'tensors'>,
  vocabulary: readonly GgufEntry[],
): Promise<Plan> {
  const configuredName = config['_name_or_path'];
  return makePlan({
    config,
    generation: await readSmallJson(source, 'generation_config.json'),
    tensors,
    vocabulary,
    pooling: await readPooling(source),
    facts: {
      name,
      configuredName: typeof configuredName === 'string' ? configuredName : null,
      card: readModelCard(await readCard(source)),
    },
  });
}

/** The vocabulary of `files` for the model of `source` with this config.json. @throws as `readVocabulary`. */
export async function readWholeVocabulary(
  source: CheckpointSource,
  config: Readonly<Record<string, unknown>>,
  files: TokenizerFiles,
): Promise<Vocabulary> {
  const pooling = await readPooling(source);
  return readVocabulary(files, {
    architecture: architectureName(config, pooling),
    config: withVocabularySize(config, pooling),
  });
}

/** The beginning of README.md; empty without one. A card is no reason to refuse a model. */
async function readCard(source: CheckpointSource): Promise<string> {
  const file = findFile(source, 'README.md');
  if (file === null) return '';
  return new TextDecoder().decode(await source.read('README.md', 0, Math.min(file.sizeBytes, MAX_CARD_BYTES)));
}
