/** What config.json says of how a checkpoint was quantized. */
import { isFields, readBlock, readSize, unknownMethod, wrongField, type Block, type Fields } from './config-fields.ts';
import { readSchemes, type Scheme } from './compressed-tensors-config.ts';

export type QuantizationMethod =
  | { readonly kind: 'none' }
  /** 8-bit floats with a scale for each block, or for each row or tensor where there are no blocks. */
  | { readonly kind: 'float8'; readonly block: Block | null }
  | { readonly kind: 'compressed-tensors'; readonly schemes: readonly Scheme[] }
  | {
      readonly kind: 'gptq';
      /** Null where single modules may have others than the rest. */
      readonly bits: number | null;
      /** Null: one group for all columns, or single modules may have others than the rest. */
      readonly groupSize: number | null;
      readonly hasOwnOrder: boolean;
      readonly isZeroLessOne: boolean;
    }
  | { readonly kind: 'awq'; readonly groupSize: number | null; readonly hasZeroPoints: boolean };

/** The part of config.json about the quantization; null for a checkpoint that was not quantized. */
function fieldsOf(config: Fields): Fields | null {
  const text = config['text_config'];
  for (const holder of [config, isFields(text) ? text : {}])
    for (const key of ['quantization_config', 'compression_config']) {
      const found = Object.hasOwn(holder, key) ? holder[key] : null;
      if (isFields(found)) return found;
      if (found !== null && found !== undefined) throw wrongField(key, 'an object', found);
    }
  return null;
}

/** Whether config.json names a quantization. @throws AppError `convert.invalid` (`reason: 'config'`) where it is no object. */
export const isQuantized = (config: Fields): boolean => fieldsOf(config) !== null;

/**
 * The method by which the checkpoint of `config`, its config.json, was quantized.
 * @throws AppError `convert.unsupported` (`reason: 'quantization'`, `found` is the method) for one that is not known here, and
 * `convert.invalid` (`reason: 'config'`) for values that contradict their method.
 */
export function readQuantizationMethod(config: Fields): QuantizationMethod {
  const fields = fieldsOf(config);
  if (fields === null) return { kind: 'none' };
  const method = methodName(fields);
  switch (method) {
    case 'fp8':
      return { kind: 'float8', block: readBlock('weight_block_size', fields['weight_block_size']) };
    case 'fbgemm_fp8':
      return { kind: 'float8', block: null };
    case 'modelopt':
      if (fields['quant_algo'] !== 'FP8') throw unknownMethod(`modelopt (${named(fields['quant_algo'])})`);
      return { kind: 'float8', block: null };
    case 'compressed-tensors':
      return { kind: 'compressed-tensors', schemes: readSchemes(fields) };
    case 'gptq':
      return readGptq(fields);
    case 'awq':
      return readAwq(fields);
    default:
      throw unknownMethod(method);
  }
}

function methodName(fields: Fields): string {
  const { quant_method: name, producer } = fields as { quant_method?: unknown; producer?: unknown };
  if (typeof name === 'string') return name.toLowerCase();
  if (isFields(producer) && typeof producer['name'] === 'string') return producer['name'].toLowerCase();
  if (fields['load_in_4bit'] === true || fields['load_in_8bit'] === true) return 'bitsandbytes';
  return 'unnamed';
}

const named = (value: unknown): string => (typeof value === 'string' ? value : 'unnamed');

/** `group_size`: -1 is one group for all columns. */
function readGroupSize(fields: Fields, key: string): number | null {
  return fields[key] === -1 ? null : readSize(key, fields[key]);
}

function readGptq(fields: Fields): QuantizationMethod {
  const bits = readSize('bits', fields['bits']);
  if (bits === null) throw wrongField('bits', 'a number', null);
  if (![2, 3, 4, 8].includes(bits)) throw unknownMethod(`gptq (${String(bits)} bits)`);
  const format = named(fields['checkpoint_format'] ?? fields['format'] ?? 'gptq').toLowerCase();
  const words = named(fields['pack_dtype'] ?? 'int32').replace('torch.', '');
  if (fields['is_marlin_format'] === true) throw unknownMethod('gptq (marlin)');
  if (format !== 'gptq' && format !== 'gptq_v2') throw unknownMethod(`gptq (${format})`);
  if (words !== 'int32') throw unknownMethod(`gptq (${words})`);
  const hasExceptions = isFields(fields['dynamic']) && Object.keys(fields['dynamic']).length > 0;
  return {
    kind: 'gptq',
    bits: hasExceptions ? null : bits,
    groupSize: hasExceptions ? null : readGroupSize(fields, 'group_size'),
    hasOwnOrder: fields['desc_act'] === true && fields['static_groups'] !== true,
    isZeroLessOne: format === 'gptq',
  };
}

function readAwq(fields: Fields): QuantizationMethod {
  const bits = readSize('bits', fields['bits'] ?? fields['w_bit']) ?? 4;
  const layout = named(fields['version'] ?? fields['format'] ?? 'gemm').toLowerCase();
  if (bits !== 4) throw unknownMethod(`awq (${String(bits)} bits)`);
  if (layout !== 'gemm') throw unknownMethod(`awq (${layout})`);
  return {
    kind: 'awq',
    groupSize: readGroupSize(fields, fields['group_size'] === undefined ? 'q_group_size' : 'group_size'),
    hasZeroPoints: fields['zero_point'] !== false,
  };
}
