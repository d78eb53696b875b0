/** Writes a GGUF model as a checkpoint: safetensors files with an index where there are several, config.json, and the tokenizer's files. */
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { valueCount } from '../../model-file/ggml-types.ts';
import { dtypeBytes } from '../../model-file/safetensors.ts';
import { openModel, type OpenModel, type OpenTensor } from '../split/gguf-files.ts';
import { writeTogether, type CopyContext, type NewFile } from '../split/write-together.ts';
import { encodeValues } from '../write/values/encode-values.ts';
import { configOfGguf, type ConfigValues } from './gguf-config.ts';
import { readGgufVocabulary } from './gguf-vocabulary.ts';
import { poolingFiles } from './pooling-of-gguf.ts';
import { reversePlan, type ReversedTensor } from './reverse-plan.ts';
import { assertReadable, eachValues } from './reversed-values.ts';
import { generationConfig, tokenIds, tokenizerOfGguf } from './tokenizer-of-gguf.ts';

export type FloatDtype = 'F32' | 'F16' | 'BF16';

export interface ExportRequest {
  /** The model, or any file of it. */
  readonly inputPath: string;
  /** Is made where it isn't there. No file in it is replaced. */
  readonly outputFolder: string;
  /** What quantized tensors become; the others keep their type. */
  readonly quantizedAs?: FloatDtype;
  /** All tensors get this type. */
  readonly allAs?: FloatDtype | null;
  /** Files get no larger than this, but for a tensor that is. */
  readonly maxFileBytes?: number;
}

export interface ExportedCheckpoint {
  readonly config: ConfigValues;
  /** Names of the files in the folder. */
  readonly files: readonly string[];
  readonly tensorCount: number;
  readonly sizeBytes: number;
  /** Why there is no tokenizer among the files, as a sentence; null where there is one. */
  readonly missingTokenizer: string | null;
}

/** As the Hub's libraries divide checkpoints. */
const MAX_FILE_BYTES = 5_000_000_000;

interface StoredTensor {
  readonly tensor: ReversedTensor;
  readonly dtype: FloatDtype;
  readonly sizeBytes: number;
}

/**
 * Writes the checkpoint. A tokenizer that the metadata does not tell is left out.
 * @throws AppError as `openModel`, `configOfGguf` and `reversePlan`; `convert.unsupported` (`reason: 'tensor_type'`) for types whose values
 * cannot be computed here, `model.corrupt` (`changed`) where the model changed meanwhile; as `writeTogether`. Then nothing is left.
 */
export async function exportSafetensors(request: ExportRequest, context: CopyContext): Promise<ExportedCheckpoint> {
  const model = await openModel(request.inputPath);
  try {
    const config = configOfGguf({ ...model, ropeFactors: await readRopeFactors(model) });
    const byName = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
    const find = (name: string): OpenTensor => {
      const tensor = byName.get(name);
      if (tensor === undefined) throw new AppError('internal', `There is no tensor ${name}.`);
      return tensor;
    };
    const stored = reversePlan(config, model).map((tensor): StoredTensor => {
      const source = find(
        tensor.origin.kind === 'transposed' ? tensor.origin.source : (tensor.origin.pieces[0]?.source ?? ''),
      );
      assertReadable(source);
      const dtype = request.allAs ?? keptDtype(source.type) ?? request.quantizedAs ?? 'F16';
      const count = valueCount(tensor.shape);
      return { tensor, dtype, sizeBytes: count * dtypeBytes[dtype] };
    });
    const groups = groupTensors(stored, request.maxFileBytes ?? MAX_FILE_BYTES);
    const vocabulary = readGgufVocabulary(model.entries);
    const { tokenizer, tokenizerConfig, missing } = tokenizerOfGguf(vocabulary);
    const named = { ...config, ...tokenIds(vocabulary), torch_dtype: torchDtype(stored) };
    const weights = groups.map((group, index) => weightFile(request.outputFolder, group, index, groups.length, find));
    const ending = generationConfig(vocabulary);
    const texts = { 'config.json': named, 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig };
    const pooling = poolingFiles(model.metadata);
    const isGenerating = pooling === null && /CausalLM|LMHeadModel/.test(String(config['architectures']));
    const generation = isGenerating && Object.keys(ending).length > 0 ? ending : null;
    const files = [...weights];
    for (const [name, content] of Object.entries({ ...texts, 'generation_config.json': generation, ...pooling }))
      if (content !== null) files.push(textFile(path.join(request.outputFolder, name), content));
    if (groups.length > 1) files.push(indexFile(request.outputFolder, groups, weights));
    await writeTogether(files, context, model.assertUnchanged);
    return {
      config: named,
      files: files.map((file) => path.relative(request.outputFolder, file.path).replaceAll('\\', '/')),
      tensorCount: stored.length,
      sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      missingTokenizer: missing,
    };
  } finally {
    await model.close();
  }
}

const keptDtype = (type: string): FloatDtype | null =>
  type === 'F32' || type === 'F16' || type === 'BF16' ? type : null;

/** The type of most values, as transformers names it. */
function torchDtype(stored: readonly StoredTensor[]): string {
  const names = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;
  const bytes = (dtype: FloatDtype): number =>
    stored.reduce((sum, one) => sum + (one.dtype === dtype ? one.sizeBytes / dtypeBytes[dtype] : 0), 0);
  const [most] = (['F32', 'F16', 'BF16'] as const).toSorted((one, other) => bytes(other) - bytes(one));
  return names[most ?? 'F32'];
}

/** Values of stretched ropes: some hundred at most. */
async function readRopeFactors(model: OpenModel): Promise<ReadonlyMap<string, Float32Array>> {
  const factors = new Map<string, Float32Array>();
  for (const source of model.tensors) {
    if (!/^rope_(?:freqs|factors_long|factors_short)\.weight$/.test(source.name)) continue;
    const [length = 0] = source.shape;
    if (source.shape.length !== 1 || source.type !== 'F32' || length > 65_536) continue;
    const pieces = [{ source: source.name, firstRow: 0, rowCount: length, deinterleave: null }];
    const all: number[] = [];
    const tensor: ReversedTensor = {
      name: source.name,
      shape: [length],
      origin: { kind: 'rows', pieces, subtract: 0 },
    };
    await eachValues(
      tensor,
      () => source,
      async (values) => void all.push(...values),
    );
    factors.set(source.name, Float32Array.from(all));
  }
  return factors;
}

function groupTensors(stored: readonly StoredTensor[], maxBytes: number): StoredTensor[][] {
  const groups: StoredTensor[][] = [[]];
  let bytes = 0;
  for (const one of stored) {
    if (bytes > 0 && bytes + one.sizeBytes > maxBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(one);
    bytes += one.sizeBytes;
  }
  return groups;
}

function weightFile(
  folder: string,
  group: readonly StoredTensor[],
  index: number,
  count: number,
  find: (name: string) => OpenTensor,
): NewFile {
  const digits = (value: number): string => String(value).padStart(5, '0');
  const name = count === 1 ? 'model.safetensors' : `model-${digits(index + 1)}-of-${digits(count)}.safetensors`;
  let at = 0;
  const entries = group.map(({ tensor, dtype, sizeBytes }) => {
    const data_offsets = [at, (at += sizeBytes)];
    return [tensor.name, { dtype, shape: tensor.shape, data_offsets }] as const;
  });
  const header = paddedHeader(JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) }));
  return {
    path: path.join(folder, name),
    sizeBytes: header.byteLength + at,
    async fill(write) {
      await write(header);
      for (const { tensor, dtype } of group)
        await eachValues(tensor, find, async (values) => await write(encoded(values, dtype)));
    },
  };
}

/** Eight bytes of length, and the text padded so that the data begins at a multiple of eight. */
function paddedHeader(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const length = Math.ceil(bytes.byteLength / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(bytes, 8);
  return header;
}

function encoded(values: Float32Array, dtype: FloatDtype): Uint8Array {
  const bytes = new Uint8Array(values.length * dtypeBytes[dtype]);
  encodeValues(values, dtype, bytes, true);
  return bytes;
}

/** Values that transformers takes as floats alone: a whole number among them has its decimal point. */
const floats =
  /^( +"(?:(?:final|attn)_logit_softcapping|\w+_multiplier|logits_scaling|(?:partial_)?rotary_\w+|rotary_pct|rope_\w+|\w+_rope_theta|(?:\w+_)?factor|beta_(?:fast|slow))": -?\d+)(,?)$/gm;

function textFile(at: string, content: object): NewFile {
  const text = JSON.stringify(content, null, 2).replaceAll(floats, '$1.0$2');
  const bytes = new TextEncoder().encode(`${text}\n`);
  return { path: at, sizeBytes: bytes.byteLength, fill: (write) => write(bytes) };
}

function indexFile(folder: string, groups: readonly (readonly StoredTensor[])[], weights: readonly NewFile[]): NewFile {
  const total_size = groups.flat().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const places = groups.flatMap((group, index) =>
    group.map(({ tensor }) => [tensor.name, path.basename(weights[index]?.path ?? '')] as const),
  );
  return textFile(path.join(folder, 'model.safetensors.index.json'), {
    metadata: { total_size },
    weight_map: Object.fromEntries(places.toSorted(([one], [other]) => (one < other ? -1 : 1))),
  });
}
