/**
 * Which type each tensor gets in a quantized file, for predicting its size before there is one. The rules are those of
 * `llama_tensor_get_type` in llama.cpp's llama-quant.cpp, without an importance matrix.
 */
import type { OutputType, TensorType } from '../../../preload/contract/convert.ts';
import { ggmlTypes, valueCount, type GgmlType } from '../../model-file/ggml-types.ts';

export interface MixtureTensor {
  readonly name: string;
  /** In ggml's order: the contiguous dimension comes first. */
  readonly shape: readonly number[];
  /** True for tensors that stay F32 in a file of any type. */
  readonly isFloat32: boolean;
}

export interface MixtureModel {
  readonly architecture: string;
  readonly layers: number;
  /** Heads of queries for each head of keys. */
  readonly grouping: number;
  readonly experts: number;
  readonly isTied: boolean;
}

/** The type of the tensors that no rule mentions. */
const baseTypes: Readonly<Record<OutputType, TensorType>> = {
  ...{ F32: 'F32', F16: 'F16', BF16: 'BF16', Q8_0: 'Q8_0', Q6_K: 'Q6_K', Q5_K_M: 'Q5_K', Q5_K_S: 'Q5_K' },
  ...{ Q5_1: 'Q5_1', Q5_0: 'Q5_0', Q4_K_M: 'Q4_K', Q4_K_S: 'Q4_K', Q4_1: 'Q4_1', Q4_0: 'Q4_0', IQ4_NL: 'IQ4_NL' },
  ...{ IQ4_XS: 'IQ4_XS', Q3_K_L: 'Q3_K', Q3_K_M: 'Q3_K', Q3_K_S: 'Q3_K', Q2_K: 'Q2_K', Q2_K_S: 'Q2_K' },
  ...{ IQ3_M: 'IQ3_S', IQ3_S: 'IQ3_S', IQ3_XS: 'IQ3_S', IQ3_XXS: 'IQ3_XXS', IQ2_M: 'IQ2_S', IQ2_S: 'IQ2_XS' },
  ...{ IQ2_XS: 'IQ2_XS', IQ2_XXS: 'IQ2_XXS', IQ1_M: 'IQ1_M', IQ1_S: 'IQ1_S' },
};

/** Types that are so small that further tensors are kept better. */
const lowBits: ReadonlySet<OutputType> = new Set(['IQ2_M', 'IQ2_S', 'IQ2_XS', 'IQ2_XXS', 'IQ1_M', 'IQ1_S']);

/** Types that are written directly, without a rule for single tensors. */
const direct: ReadonlySet<OutputType> = new Set(['F32', 'F16', 'BF16']);

const types = new Map([...ggmlTypes.values()].map((type) => [type.name, type]));

/** Parts of names whose tensors llama.cpp never quantizes. */
const kept =
  /_norm\.weight$|ffn_gate_inp\.weight$|^position_embd\.weight$|^token_types\.weight$|^altup|^laurel|ssm_conv1d/;

/** The type of each tensor in a file of `output`, in the tensors' order. */
export function mixtureOf(
  tensors: readonly MixtureTensor[],
  output: OutputType,
  model: MixtureModel,
): readonly GgmlType[] {
  return tensors.map((tensor) => {
    const wanted = tensor.isFloat32 ? 'F32' : typeOf(tensor, output, model);
    return typeNamed(fitting(wanted, tensor.shape[0] ?? 1));
  });
}

/** Whether most quantized values are in rows that do not divide into blocks of the output's own type. */
export function fallsBack(tensors: readonly MixtureTensor[], output: OutputType, model: MixtureModel): boolean {
  const { blockSize } = typeNamed(baseTypes[output]);
  let [divided, others] = [0, 0];
  for (const { shape } of tensors.filter((tensor) => !tensor.isFloat32 && typeOf(tensor, output, model) !== 'F32'))
    if ((shape[0] ?? 1) % blockSize === 0) divided += valueCount(shape);
    else others += valueCount(shape);
  return others > divided;
}

function typeNamed(name: string): GgmlType {
  const found = types.get(name);
  if (found === undefined) throw new Error(`${name} is no type of ggml.`);
  return found;
}

function typeOf(tensor: MixtureTensor, output: OutputType, model: MixtureModel): TensorType {
  const base = baseTypes[output];
  if (direct.has(output)) return base;
  const { name, shape } = tensor;
  if (shape.length < 2 || !name.endsWith('weight') || kept.test(name)) return 'F32';
  if (name === 'output.weight' || (name === 'token_embd.weight' && model.isTied))
    return outputType(output, base, shape);
  if (name === 'token_embd.weight') return embeddingType(output, base);
  const layer = Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? 0);
  const part = /^blk\.\d+\.(.+?)(?:_exps)?\.weight$/.exec(name)?.[1] ?? '';
  return lowBits.has(output) ? lowType(part, layer, output, base, model) : partType(part, layer, output, base, model);
}

function outputType(output: OutputType, base: TensorType, shape: readonly number[]): TensorType {
  if ((shape[0] ?? 0) % 256 !== 0) return 'Q8_0';
  if (lowBits.has(output) || output === 'IQ3_XXS') return 'Q5_K';
  return base === 'Q8_0' ? base : 'Q6_K';
}

function embeddingType(output: OutputType, base: TensorType): TensorType {
  switch (output) {
    case 'IQ2_XXS':
    case 'IQ2_XS':
    case 'IQ1_S':
    case 'IQ1_M':
      return 'Q2_K';
    case 'IQ2_S':
    case 'IQ2_M':
    case 'IQ3_XXS':
      return 'IQ3_S';
    default:
      return base;
  }
}

function lowType(part: string, layer: number, output: OutputType, base: TensorType, model: MixtureModel): TensorType {
  const isBetter = output === 'IQ2_S' || output === 'IQ2_M';
  switch (part) {
    case 'attn_v':
      return model.grouping >= 4 || model.experts >= 4 ? 'Q4_K' : isBetter ? 'IQ3_S' : 'Q2_K';
    case 'attn_k':
      return model.experts === 8 ? 'Q4_K' : base;
    case 'ffn_down':
      return layer < Math.floor(model.layers / 8) ? (isBetter ? 'IQ3_S' : 'Q2_K') : base;
    case 'attn_output':
      if (model.experts === 8) return 'Q5_K';
      return output === 'IQ1_S' || output === 'IQ1_M' ? 'IQ2_XXS' : isBetter ? 'IQ3_S' : base;
    default:
      return base;
  }
}

function partType(part: string, layer: number, output: OutputType, base: TensorType, model: MixtureModel): TensorType {
  switch (part) {
    case 'attn_v':
      return valueType(layer, output, base, model);
    case 'attn_k':
    case 'attn_q':
      if (part === 'attn_k' && model.experts === 8) return 'Q8_0';
      return output === 'IQ3_XS' ? 'IQ3_XXS' : output === 'IQ3_XXS' ? 'IQ2_S' : base;
    case 'ffn_down':
      return downType(layer, output, base, model);
    case 'attn_output':
      return attentionOutputType(output, base, model);
    case 'attn_qkv':
      if (output === 'Q3_K_M' || output === 'Q3_K_L' || output === 'IQ3_M') return 'Q4_K';
      return output === 'Q4_K_M' ? 'Q5_K' : output === 'Q5_K_M' ? 'Q6_K' : base;
    case 'ffn_gate':
    case 'ffn_up':
      return output === 'IQ3_XS' && layer >= Math.floor(model.layers / 8) && layer < Math.floor((7 * model.layers) / 8)
        ? 'IQ3_XXS'
        : base;
    default:
      return base;
  }
}

function valueType(layer: number, output: OutputType, base: TensorType, model: MixtureModel): TensorType {
  const isGrouped = model.grouping >= 4;
  const found = ((): TensorType => {
    switch (output) {
      case 'Q2_K':
        return isGrouped ? 'Q4_K' : 'Q3_K';
      case 'Q2_K_S':
        return isGrouped ? 'Q4_K' : base;
      case 'IQ3_XXS':
        return isGrouped ? 'Q4_K' : 'IQ3_S';
      case 'IQ3_XS':
      case 'IQ3_S':
        return isGrouped ? 'Q4_K' : base;
      case 'IQ3_M':
        return 'Q4_K';
      case 'Q3_K_M':
        return layer < 2 ? 'Q5_K' : 'Q4_K';
      case 'Q3_K_L':
        return 'Q5_K';
      case 'IQ4_NL':
      case 'IQ4_XS':
        return isGrouped ? 'Q5_K' : base;
      case 'Q4_K_M':
      case 'Q5_K_M':
        return hasMoreBits(layer, model.layers) ? 'Q6_K' : base;
      case 'Q4_K_S':
        return layer < 4 ? 'Q5_K' : base;
      default:
        return base;
    }
  })();
  return model.experts === 8 ? 'Q8_0' : found;
}

function downType(layer: number, output: OutputType, base: TensorType, model: MixtureModel): TensorType {
  const { layers } = model;
  const isFalcon = model.architecture === 'falcon';
  const isEarly = layer < Math.floor(layers / 8);
  switch (output) {
    case 'Q2_K':
      return 'Q3_K';
    case 'Q2_K_S':
      return isEarly ? 'Q4_K' : base;
    case 'IQ3_XXS':
      return isEarly ? 'Q4_K' : 'Q3_K';
    case 'Q3_K_M':
      if (layer < Math.floor(layers / 16)) return 'Q5_K';
      return !isFalcon || hasMoreBits(layer, layers) ? 'Q4_K' : 'Q3_K';
    case 'IQ3_M':
      return isEarly || (model.experts === 8 && hasMoreBits(layer, layers)) ? 'Q4_K' : base;
    case 'Q3_K_L':
      return isFalcon ? 'Q4_K' : 'Q5_K';
    case 'Q4_K_M':
      if (!isFalcon) return hasMoreBits(layer, layers) ? 'Q6_K' : base;
      return layer < Math.floor(layers / 16) ? 'Q6_K' : hasMoreBits(layer, layers) ? 'Q5_K' : 'Q4_K';
    case 'Q5_K_M':
      return hasMoreBits(layer, layers) ? 'Q6_K' : base;
    case 'IQ4_NL':
    case 'IQ4_XS':
      return isEarly ? 'Q5_K' : base;
    case 'Q4_K_S':
      return !isFalcon && isEarly ? 'Q5_K' : base;
    default:
      return base;
  }
}

function attentionOutputType(output: OutputType, base: TensorType, model: MixtureModel): TensorType {
  if (model.architecture === 'falcon') return output === 'Q3_K_L' ? 'Q4_K' : base;
  const isSmall = /^(?:Q2_K|Q3_K_[SM]|Q4_K_[SM]|IQ3_|IQ4_)/.test(output);
  if (model.experts === 8 && isSmall && output !== 'Q2_K_S') return 'Q5_K';
  switch (output) {
    case 'Q2_K':
      return 'Q3_K';
    case 'IQ3_XXS':
      return 'IQ3_S';
    case 'Q3_K_M':
    case 'IQ3_M':
      return 'Q4_K';
    case 'Q3_K_L':
      return 'Q5_K';
    default:
      return base;
  }
}

/** The first and the last eighth of the layers, and every third between. */
const hasMoreBits = (layer: number, layers: number): boolean =>
  layer < Math.floor(layers / 8) || layer >= Math.floor((7 * layers) / 8) || (layer - Math.floor(layers / 8)) % 3 === 2;

/** The type that a row of `length` values can have: blocks of K-quants have 256 values, others 32. */
function fitting(type: TensorType, length: number): TensorType {
  if (length % typeNamed(type).blockSize === 0) return type;
  const smaller = ((): TensorType => {
    switch (type) {
      case 'Q2_K':
      case 'Q3_K':
        return 'Q4_0';
      case 'Q4_K':
        return 'Q5_0';
      case 'Q5_K':
        return 'Q5_1';
      case 'Q6_K':
        return 'Q8_0';
      default:
        return 'IQ4_NL';
    }
  })();
  return length % typeNamed(smaller).blockSize === 0 ? smaller : 'F16';
}
