/** What config.json says of rotary positions, in the forms of transformers 4 (`rope_theta`, `rope_scaling`) and 5 (`rope_parameters`). */
import { shownName } from '../../base/foreign-text.ts';
import type { ComputedTensor, MetadataEntry } from './architecture.ts';
import { keyList, limits, unknownFeature, wrongValue, type Config, type Keys } from './config.ts';
import { bool, float32, string, uint32 } from './entries.ts';

/** Ways to stretch positions. Every architecture takes `default`; llama.cpp must know the others for an architecture. */
export type RopeScaling = 'default' | 'linear' | 'yarn' | 'llama3' | 'longrope';

export interface Rope {
  readonly scaling: RopeScaling;
  readonly theta: number;
  /** The base of layers with a sliding window, where it differs. */
  readonly slidingTheta: number | null;
  /** The share of a head that is rotated; null where config.json names none. */
  readonly partialFactor: number | null;
  /** The context of the training before it was stretched; null where config.json names none. */
  readonly originalContext: number | null;
  /** The object with the numbers of the scaling; empty without one. */
  readonly parameters: Config;
  /** `rope.freq_base` and `rope.scaling.*`, as llama.cpp reads them for any architecture. */
  readonly metadata: readonly MetadataEntry[];
}

export interface RopeOptions {
  /** The base that transformers takes where config.json names none. */
  readonly theta: number;
  readonly scalings: readonly RopeScaling[];
}

const thetaKeys = ['global_rope_theta', 'rope_global_theta', 'rope_theta_global', 'rope_theta', 'rotary_emb_base'];
const slidingThetaKeys = [
  'local_rope_theta',
  'rope_local_theta',
  'rope_theta_local',
  'swa_rope_theta',
  'rope_local_base_freq',
];
const partialKeys = ['partial_rotary_factor', 'rotary_pct', 'rope_pct', 'rope_percent'];

/**
 * The rope of a model.
 *
 * @throws AppError `convert.unsupported` for a scaling that is unknown or that llama.cpp does not compute for the architecture.
 */
export function readRope(config: Config, { theta: defaultTheta, scalings }: RopeOptions): Rope {
  const outer = config.group('rope_parameters') ?? config.group('rope_scaling') ?? config.empty;
  const parameters = outer.group('full_attention') ?? outer;
  const sliding = outer.group('sliding_attention');
  const scaling = scalingOf(parameters, scalings);

  const theta = positive(
    'rope_theta',
    parameters.has('rope_theta') ? parameters.number('rope_theta') : config.number(thetaKeys, defaultTheta),
  );
  const slidingTheta =
    sliding?.has('rope_theta') === true
      ? positive('rope_theta', sliding.number('rope_theta'))
      : config.has(...slidingThetaKeys)
        ? positive('rope_local_base_freq', config.number(slidingThetaKeys))
        : null;
  const partialFactor = parameters.has('partial_rotary_factor')
    ? parameters.number('partial_rotary_factor')
    : config.has(...partialKeys)
      ? config.number(partialKeys)
      : null;
  if (partialFactor !== null && !(partialFactor > 0 && partialFactor <= 1))
    throw wrongValue('partial_rotary_factor', 'a number above 0 and up to 1', partialFactor);
  const source = config.has('original_max_position_embeddings') ? config : parameters;
  const originalContext = source.has('original_max_position_embeddings')
    ? source.count('original_max_position_embeddings', { max: limits.positions })
    : null;

  const rope = { scaling, theta, slidingTheta, partialFactor, originalContext, parameters };
  return { ...rope, metadata: [...scalingEntries(rope, config), float32('rope.freq_base', theta)] };
}

/** Its metadata where the reference converter leaves the base out, which llama.cpp then takes for 10,000: another one is written. */
export const entriesWithoutUsualBase = ({ theta, metadata }: Pick<Rope, 'theta' | 'metadata'>): Rope['metadata'] =>
  metadata.filter(({ key }) => key !== 'rope.freq_base' || theta !== 10_000);

function scalingOf(parameters: Config, scalings: readonly RopeScaling[]): RopeScaling {
  const named = parameters.text(['rope_type', 'type'], 'default').toLowerCase();
  // transformers stretches a dynamic rope only beyond max_position_embeddings, and the GGUF file's context ends there.
  const name = named === 'dynamic' ? 'default' : named === 'su' ? 'longrope' : named;
  const known = scalings.find((one) => one === name);
  if (known !== undefined) return known;
  if (name === 'default') return name;
  const detail = `config.json asks for the rope scaling ${shownName(named)}, which is not known for this architecture.`;
  throw unknownFeature(named, detail);
}

function scalingEntries(rope: Omit<Rope, 'metadata'>, config: Config): readonly MetadataEntry[] {
  const { scaling, parameters } = rope;
  switch (scaling) {
    case 'default':
    case 'llama3':
    case 'longrope':
      return [];
    case 'linear':
      return [string('rope.scaling.type', 'linear'), float32('rope.scaling.factor', factorOf(parameters))];
    case 'yarn':
      return yarnEntries(rope, config);
    default:
      return scaling satisfies never;
  }
}

function yarnEntries(
  { parameters, originalContext }: Omit<Rope, 'metadata'>,
  config: Config,
): readonly MetadataEntry[] {
  const factor = factorOf(parameters);
  const hasOwnFactor = parameters.has('attention_factor');
  if (parameters.has('mscale') && parameters.has('mscale_all_dim') && !hasOwnFactor) {
    const detail = 'config.json asks for a YaRN rope with mscale_all_dim, which is not known for this architecture.';
    throw unknownFeature('mscale_all_dim', detail);
  }
  if (hasOwnFactor) checkAttentionFactor(parameters.number('attention_factor'), factor);
  const context = originalContext ?? config.count('max_position_embeddings', { max: limits.positions });
  const optional = (keys: Keys, key: string): readonly MetadataEntry[] =>
    parameters.has(...keyList(keys)) ? [float32(`rope.scaling.${key}`, parameters.number(keys))] : [];
  return [
    string('rope.scaling.type', 'yarn'),
    float32('rope.scaling.factor', factor),
    uint32('rope.scaling.original_context_length', context),
    ...(parameters.has('truncate') ? [bool('rope.scaling.yarn_truncate', parameters.flag('truncate'))] : []),
    ...optional('extrapolation_factor', 'yarn_ext_factor'),
    ...optional(['attention_factor', 'attn_factor'], 'yarn_attn_factor'),
    ...optional('beta_fast', 'yarn_beta_fast'),
    ...optional('beta_slow', 'yarn_beta_slow'),
  ];
}

/** Published factors are the computed ones, of which some have four decimals. */
const FACTOR_TOLERANCE = 1e-4;

/**
 * llama.cpp computes the factor of the attention from that of the positions, as `_compute_yarn_parameters` of transformers does without
 * `attention_factor`, and reads no other from a GGUF file.
 * @throws AppError `convert.unsupported` for another one.
 */
function checkAttentionFactor(found: number, factor: number): void {
  const computed = factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
  if (Math.abs(found - computed) <= FACTOR_TOLERANCE) return;
  const detail = `config.json asks for a YaRN rope with the attention_factor ${String(found)}; llama.cpp computes ${computed.toFixed(4)} for its factor.`;
  throw unknownFeature('attention_factor', detail);
}

const factorOf = (parameters: Config): number => positive('rope_scaling.factor', parameters.number('factor'));

function positive(key: string, value: number): number {
  if (value > 0) return value;
  throw wrongValue(key, 'a number above 0', value);
}

/**
 * `rope_freqs.weight`: by how much each frequency is divided. Llama 3.1 stretches low frequencies and leaves high ones; formula of
 * `_compute_llama3_parameters` in transformers. Its roundings are those of PyTorch, which divides a number by a tensor by way of the
 * reciprocal. Nothing for other scalings.
 */
export function llama3Factors(
  { scaling, theta, originalContext, parameters }: Rope,
  headSize: number,
): readonly ComputedTensor[] {
  if (scaling !== 'llama3') return [];
  const single = Math.fround;
  const factor = positive('rope_scaling.factor', parameters.number('factor', 8));
  const low = positive('rope_scaling.low_freq_factor', parameters.number('low_freq_factor', 1));
  const high = positive('rope_scaling.high_freq_factor', parameters.number('high_freq_factor', 4));
  if (high <= low) throw wrongValue('rope_scaling.high_freq_factor', 'a number above low_freq_factor', high);
  const context = originalContext ?? 8192;
  const values = Float32Array.from({ length: Math.floor(headSize / 2) }, (_, index) => {
    const frequency = single(1 / single(theta ** single((2 * index) / headSize)));
    const wavelength = single(single(1 / frequency) * single(2 * Math.PI));
    if (wavelength < context / high) return 1;
    if (wavelength > context / low) return factor;
    const smooth = single(single(single(single(1 / wavelength) * context) - low) / single(high - low));
    return single(1 / single(single(single(1 - smooth) / factor) + smooth));
  });
  return [{ name: 'rope_freqs.weight', values }];
}
