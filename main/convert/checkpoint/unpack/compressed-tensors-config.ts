/** The schemes of a checkpoint that compressed-tensors wrote, after `QuantizationConfig` of that library. */
import { isFields, readBlock, readSize, unknownMethod, wrongField, type Block, type Fields } from './config-fields.ts';

/** How the weights of a group of modules are stored. */
export interface Scheme {
  readonly isPacked: boolean;
  readonly isFloat: boolean;
  readonly bits: number;
  readonly sharing: Sharing;
  readonly hasZeroPoints: boolean;
}

/** Which values have one scale. */
export type Sharing =
  | { readonly kind: 'tensor' | 'channel' }
  | { readonly kind: 'group'; readonly size: number }
  | ({ readonly kind: 'block' } & Block);

/** Published checkpoints have one to three. */
const MAX_SCHEMES = 64;

/**
 * The schemes in `fields`, the `quantization_config`. Schemes without quantized weights are left out; plain weights have none.
 * @throws AppError `convert.unsupported` (`reason: 'quantization'`) for a format that cannot be unpacked, and `convert.invalid`
 * (`reason: 'config'`) for values that make no scheme.
 */
export function readSchemes(fields: Fields): readonly Scheme[] {
  const {
    sparsity_config: sparsity,
    transform_config: transform,
    config_groups: groups,
  } = fields as Record<string, unknown>;
  if (isFields(sparsity) && typeof sparsity['format'] === 'string' && sparsity['format'] !== 'dense')
    throw unknownFormat(sparsity['format']);
  if (isFields(transform) && isFields(transform['config_groups']) && Object.keys(transform['config_groups']).length > 0)
    throw unknownFormat('transforms');
  // A checkpoint with a quantized cache, or with sparse weights that are stored in full, has no groups.
  if (groups === undefined || groups === null) return [];
  if (!isFields(groups)) throw wrongField('config_groups', 'an object', groups);
  const entries = Object.entries(groups);
  if (entries.length > MAX_SCHEMES)
    throw wrongField('config_groups', `at most ${String(MAX_SCHEMES)} groups`, entries.length);
  return entries.flatMap(([name, group]) => {
    if (!isFields(group)) throw wrongField(name, 'an object', group);
    const weights = group['weights'];
    if (weights === null || weights === undefined) return [];
    if (!isFields(weights)) throw wrongField(`${name}.weights`, 'an object', weights);
    return [readScheme(name, weights, group['format'] ?? fields['format'])];
  });
}

function readScheme(name: string, weights: Fields, format: unknown): Scheme {
  const isPacked = format === 'pack-quantized';
  if (!isPacked && !['int-quantized', 'float-quantized', 'naive-quantized'].includes(String(format)))
    throw unknownFormat(typeof format === 'string' ? format : 'unnamed');
  const isFloat = (weights['type'] ?? 'int') === 'float';
  const bits = readSize(`${name}.num_bits`, weights['num_bits']) ?? 8;
  if (bits > 8) throw unknownFormat(`${String(bits)} bits`);
  if (isFloat && (bits !== 8 || isPacked)) throw unknownFormat(`${String(format)}, float of ${String(bits)} bits`);
  return {
    isPacked,
    isFloat,
    bits,
    sharing: readSharing(name, weights),
    hasZeroPoints: weights['symmetric'] === false,
  };
}

function readSharing(name: string, weights: Fields): Sharing {
  const groupSize = weights['group_size'] === -1 ? null : readSize(`${name}.group_size`, weights['group_size']);
  const block = readBlock(`${name}.block_structure`, weights['block_structure']);
  const given = weights['strategy'];
  const strategy =
    typeof given === 'string'
      ? given
      : groupSize !== null
        ? 'group'
        : weights['group_size'] === -1
          ? 'channel'
          : 'tensor';
  switch (strategy) {
    case 'tensor':
    case 'channel':
      return { kind: strategy };
    case 'group':
      if (groupSize === null) throw wrongField(`${name}.group_size`, 'a whole number', weights['group_size']);
      return { kind: 'group', size: groupSize };
    case 'block':
      if (block === null) throw wrongField(`${name}.block_structure`, 'two whole numbers', weights['block_structure']);
      return { kind: 'block', ...block };
    default:
      throw unknownFormat(`strategy ${strategy}`);
  }
}

function unknownFormat(format: string): Error {
  return unknownMethod(`compressed-tensors (${format})`);
}
