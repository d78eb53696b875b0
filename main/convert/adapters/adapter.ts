/** A LoRA adapter as PEFT stores it: adapter_config.json, and adapter_model.safetensors with two factors for each module. */
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint, unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import { readSafetensorsHeader, shownShape } from '../../model-file/safetensors.ts';
import { findFile, readSmallJson, type CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { StoredTensor } from '../checkpoint/checkpoint-tensor.ts';
import { MAX_RANK, readAdapterConfig, unknownAdapter, type AdapterConfig } from './adapter-config.ts';

export interface Adapter {
  readonly config: AdapterConfig;
  /** By the name of the tensor that they change, such as `model.layers.0.mlp.up_proj.weight`. */
  readonly factors: ReadonlyMap<string, Factors>;
  /** Tensors that take the place of the base's (`modules_to_save`), by its names. */
  readonly replaced: ReadonlyMap<string, StoredTensor>;
}

/** `scale * b * a` is added to a module's weights. */
export interface Factors {
  /** `rank` rows with a value for each input; of embeddings for each token. */
  readonly a: StoredTensor;
  /** A row with `rank` values for each output. */
  readonly b: StoredTensor;
  readonly rank: number;
  readonly scale: number;
  readonly isEmbedding: boolean;
  /** DoRA: the length of each row of the changed weights, one value for each output; null for a plain LoRA. */
  readonly magnitude: StoredTensor | null;
}

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';
const dtypes: readonly string[] = ['F32', 'F16', 'BF16', 'F64'];

/**
 * Reads the adapter in `source`, its header alone.
 * @throws AppError `convert.unsupported` as `readAdapterConfig` and for weights in PyTorch's own format; `convert.invalid` where a factor is
 * missing or does not fit the other; what the source throws.
 */
export async function readAdapter(source: CheckpointSource, nextTurn: () => Promise<unknown>): Promise<Adapter> {
  const values = await readSmallJson(source, CONFIG);
  if (values === null) throw invalidCheckpoint({ reason: 'no_config', file: CONFIG, detail: `There is no ${CONFIG}.` });
  const config = readAdapterConfig(values);
  const file = findFile(source, WEIGHTS);
  if (file === null) throw noWeights(source);
  const { tensors } = await readSafetensorsHeader(
    { path: WEIGHTS, sizeBytes: file.sizeBytes, read: (start, end) => source.read(WEIGHTS, start, end) },
    nextTurn,
  );
  return {
    config,
    ...sortTensors(
      tensors.map((tensor) => ({ ...tensor, file: WEIGHTS })),
      config,
    ),
  };
}

function noWeights(source: CheckpointSource): Error {
  if (findFile(source, 'adapter_model.bin') !== null)
    return unsupportedCheckpoint({
      ...{ reason: 'pytorch_weights', file: 'adapter_model.bin' },
      detail: `The adapter has its weights in PyTorch's own format, which can hold programs. Look for ${WEIGHTS}.`,
    });
  return invalidCheckpoint({ reason: 'no_weights', file: WEIGHTS, detail: `There is no ${WEIGHTS}.` });
}

/** `base_model.model.` before a module's path, then the factor, with the adapter's own name in some files. */
const factorName = /^(?:base_model\.model\.)?(.+)\.lora_(embedding_)?([AB])(?:\.default)?(?:\.weight)?$/;
const magnitudeName = /^(?:base_model\.model\.)?(.+)\.lora_magnitude_vector(?:\.default)?(?:\.weight)?$/;
const otherName = /^(?:base_model\.model\.)?(.+?)(?:\.modules_to_save(?:\.default)?)?(\.\w+)$/;

function sortTensors(tensors: readonly StoredTensor[], config: AdapterConfig): Omit<Adapter, 'config'> {
  const pairs = new Map<string, { a?: StoredTensor; b?: StoredTensor; isEmbedding: boolean }>();
  const replaced = new Map<string, StoredTensor>();
  const magnitudes = new Map<string, StoredTensor>();
  for (const tensor of tensors) {
    if (!dtypes.includes(tensor.dtype))
      throw unsupportedCheckpoint({
        ...{
          reason: 'dtype',
          file: tensor.file,
          tensor: tensor.name,
          expected: dtypes.join(', '),
          found: tensor.dtype,
        },
        detail: `The tensor ${shownName(tensor.name)} is of the type ${tensor.dtype}; adapters have floats.`,
      });
    const [, scaled] = magnitudeName.exec(tensor.name) ?? [];
    if (scaled !== undefined) {
      magnitudes.set(scaled, tensor);
      continue;
    }
    const [, module, embedding, letter] = factorName.exec(tensor.name) ?? [];
    if (module !== undefined) {
      const pair = pairs.get(module) ?? { isEmbedding: embedding !== undefined };
      pairs.set(module, { ...pair, [letter === 'A' ? 'a' : 'b']: tensor });
      continue;
    }
    if (tensor.name.includes('.lora_')) throw unknownAdapter(tensor.name);
    // The base's own weights: beside the factors of an embedding whose vocabulary was touched, and of a whole state beside what replaces them.
    if (tensor.name.includes('.base_layer.') || tensor.name.includes('.original_module.')) continue;
    const [, path = '', kind = ''] = otherName.exec(tensor.name) ?? [];
    replaced.set(path + kind, tensor);
  }
  const factors = new Map<string, Factors>();
  for (const [module, { a, b, isEmbedding }] of pairs) {
    if (a === undefined || b === undefined)
      throw invalidCheckpoint({
        ...{ reason: 'missing_tensor', file: WEIGHTS, tensor: (a ?? b)?.name ?? module },
        detail: `The adapter has only one of the two factors of ${shownName(module)}.`,
      });
    const { rank, scale } = config.scalingOf(module);
    assertRank(a, a.shape[0], rank);
    assertRank(b, b.shape[1], rank);
    const magnitude = magnitudes.get(module) ?? null;
    if (magnitude !== null) {
      magnitudes.delete(module);
      if (isEmbedding) throw unknownAdapter('DoRA of embeddings');
      assertMagnitude(magnitude, b.shape[0] ?? 0);
    } else if (config.isDora) throw lonely(a.name, `${module}.lora_magnitude_vector`);
    factors.set(`${module}.weight`, { a, b, rank, scale, isEmbedding, magnitude });
  }
  for (const [module, { name }] of magnitudes) throw lonely(name, `${module}.lora_A`);
  return { factors, replaced };
}

function lonely(tensor: string, missing: string): Error {
  return invalidCheckpoint({
    ...{ reason: 'missing_tensor', file: WEIGHTS, tensor, expected: missing, found: 'nothing' },
    detail: `The adapter has ${shownName(tensor)} and no ${shownName(missing)}.`,
  });
}

function assertMagnitude(magnitude: StoredTensor, outputs: number): void {
  const found = shownShape(magnitude.shape);
  if (String(magnitude.shape) === String([outputs])) return;
  throw invalidCheckpoint({
    ...{ reason: 'shape_mismatch', file: WEIGHTS, tensor: magnitude.name, expected: outputs, found },
    detail: `The lengths ${shownName(magnitude.name)} are ${found}; the factors beside them have ${String(outputs)} outputs.`,
  });
}

function assertRank(factor: StoredTensor, found: number | undefined, rank: number): void {
  if (factor.shape.length === 2 && found === rank && rank <= MAX_RANK) return;
  throw invalidCheckpoint({
    ...{ reason: 'shape_mismatch', file: factor.file, tensor: factor.name },
    ...{ expected: `rank ${String(rank)}`, found: shownShape(factor.shape) },
    detail: `The factor ${shownName(factor.name)} is ${shownShape(factor.shape)}; ${CONFIG} says that its rank is ${String(rank)}.`,
  });
}
