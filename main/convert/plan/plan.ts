/**
 * The plan of a conversion: from config.json, the vocabulary and the headers of the weights to the metadata and tensors of the GGUF
 * file, or every reason why there is none. It reads no weights, so it works on a repository that is not downloaded.
 */
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { invalidCheckpoint } from '../../model-file/checkpoint-error.ts';
import { layOutGguf } from '../../model-file/gguf-writer.ts';
import type { Description, Surroundings } from '../architectures/architecture.ts';
import { isRecord, wrongValue } from '../architectures/config.ts';
import { poolingEntries } from '../architectures/pooling.ts';
import { describeModel } from '../architectures/registry.ts';
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensor.ts';
import { countParameters, generalEntries, type ModelFacts } from './general.ts';
import { fileTypeNumbers, typeOf, type OutputType } from './output-types.ts';
import { withVerification } from '../write/verification-entry.ts';
import type { PlannedTensor } from './planned-tensor.ts';
import { planRows, withoutHead } from './rows.ts';

export interface PlanInput {
  /** config.json, parsed. */
  readonly config: unknown;
  /** generation_config.json, parsed; null without one. */
  readonly generation: unknown;
  /** The tensors of the weights, unpacked where they are quantized, in the order of their files. */
  readonly tensors: readonly CheckpointTensor[];
  /** The `tokenizer.*` entries. */
  readonly vocabulary: readonly GgufEntry[];
  readonly pooling: Surroundings['pooling'];
  readonly facts: ModelFacts;
}

export interface Plan {
  /** `general.architecture`. */
  readonly architecture: string;
  /** In the order of the weights' files, so that these can be read as they arrive. */
  readonly tensors: readonly PlannedTensor[];
  readonly parameterCount: number;
  /** The metadata of a file of this type. */
  metadata(type: OutputType): readonly GgufEntry[];
  /** The size of the GGUF file, to the byte, with so much room for a verification. */
  sizeBytes(type: OutputType, verificationBytes: number): number;
}

/**
 * Makes the plan.
 *
 * @throws AppError `convert.unsupported` for what is not known: `reason` is `architecture`, `quantization` or `feature`.
 * @throws AppError `convert.invalid` for what is wrong: `reason` is `config` or `vocabulary`, or that of the first tensor that is missing,
 * unexpected or of another shape or dtype; `detail` names up to 20 tensors, and `count` says how many are wrong.
 */
export function makePlan({ config: values, generation, tensors, vocabulary, pooling, facts }: PlanInput): Plan {
  if (!isRecord(values)) throw wrongValue('The content', 'an object', values);
  const tokenCount = countTokens(vocabulary);
  const { architecture, description } = describeModel(values, { pooling, tokenCount });
  const { tensors: planned, problems } = planRows(
    architecture,
    // An embedding model's answer comes from before the head.
    pooling === null ? description : withoutHead(description),
    tensors,
  );
  problems.assertNone();
  checkVocabulary(planned, tokenCount);

  const general = generalEntries(description.name, facts, generation, planned);
  const own = ownEntries({ ...description, metadata: [...poolingEntries(pooling), ...description.metadata] });
  const common = withoutRepeats([...general, ...own, ...vocabulary]);
  const metadata = (type: OutputType): readonly GgufEntry[] =>
    description.hasFileType === false
      ? common
      : [...common, { key: 'general.file_type', type: 'uint32', value: fileTypeNumbers[type] }];
  return {
    architecture: description.name,
    tensors: planned,
    parameterCount: countParameters(planned).total,
    metadata,
    sizeBytes: (type, verificationBytes) => {
      const typed = planned.map((tensor) => ({ name: tensor.name, shape: tensor.shape, type: typeOf(tensor, type) }));
      return layOutGguf(withVerification(metadata(type), verificationBytes), typed).fileBytes;
    },
  };
}

/** `general.architecture` of a model, by its config.json alone. @throws AppError as `makePlan`. */
export function architectureName(values: Readonly<Record<string, unknown>>, pooling: Surroundings['pooling']): string {
  return describeModel(values, { pooling, tokenCount: null }).description.name;
}

/**
 * config.json with the `vocab_size` that transformers takes where it names none, as those of Gemma 3: the vocabulary is as long as the
 * embeddings. @throws AppError as `makePlan`.
 */
export function withVocabularySize(
  values: Readonly<Record<string, unknown>>,
  pooling: Surroundings['pooling'],
): Readonly<Record<string, unknown>> {
  const { sizes } = describeModel(values, { pooling, tokenCount: null }).description;
  return { ...values, vocab_size: sizes['vocabulary'] ?? values['vocab_size'] };
}

const ownEntries = ({ name, metadata }: Description): readonly GgufEntry[] =>
  metadata.map((entry) =>
    /^(?:general|tokenizer)\./.test(entry.key) ? entry : { ...entry, key: `${name}.${entry.key}` },
  );

/** A later entry of a key takes the place of an earlier one. */
const withoutRepeats = (entries: readonly GgufEntry[]): readonly GgufEntry[] => [
  ...new Map(entries.map((entry) => [entry.key, entry])).values(),
];

function countTokens(vocabulary: readonly GgufEntry[]): number | null {
  const tokens = vocabulary.find(({ key }) => key === 'tokenizer.ggml.tokens');
  return tokens?.type === 'strings' ? tokens.value.length : null;
}

/** llama.cpp takes one row of the embeddings for each token. */
function checkVocabulary(tensors: readonly PlannedTensor[], tokenCount: number | null): void {
  const rows = tensors.find(({ name }) => name === 'token_embd.weight')?.shape[1];
  if (tokenCount === null || rows === undefined || rows === tokenCount) return;
  throw invalidCheckpoint({
    ...{ reason: 'vocabulary', expected: rows, found: tokenCount },
    detail: `The vocabulary has ${String(tokenCount)} tokens, and the embeddings have ${String(rows)} rows.`,
  });
}
