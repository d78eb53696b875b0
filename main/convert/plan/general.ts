/** The `general.*` keys of a GGUF file, as the reference converter of llama.cpp writes them. */
import { valueCount } from '../../model-file/ggml-types.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { createConfig, isRecord } from '../architectures/config.ts';
import { readModelName, titleOf } from './model-name.ts';
import type { PlannedTensor } from './planned-tensor.ts';

/** What is known of a model beside its files. */
export interface ModelFacts {
  /** The repository, `OWNER/NAME`, or the name of the folder. */
  readonly name: string;
  /** As the model card names it; null without one. */
  readonly license: string | null;
  /** The card's `license_name` and `license_link`, for licenses that have no id. */
  readonly licenseName?: string | null;
  readonly licenseLink?: string | null;
  /** Repositories, `OWNER/NAME`. */
  readonly baseModels: readonly string[];
  readonly tags?: readonly string[];
  readonly languages?: readonly string[];
}

/** GGML_QUANT_VERSION of llama.cpp. */
const QUANTIZATION_VERSION = 2;
/** Lists of a card that are longer are cut. */
const MAX_ITEMS = 100;

const text = (key: string, value: string | null | undefined): readonly GgufEntry[] =>
  value === null || value === undefined || value === '' ? [] : [{ key: `general.${key}`, type: 'string', value }];

/** All keys of `general.*` but the file type. `generation` is a parsed generation_config.json. */
export function generalEntries(
  architecture: string,
  facts: ModelFacts,
  generation: unknown,
  tensors: readonly PlannedTensor[],
): readonly GgufEntry[] {
  const count = countParameters(tensors);
  const parts = readModelName(facts.name, count.total);
  return [
    ...text('architecture', architecture),
    ...text('type', 'model'),
    ...samplingEntries(generation),
    ...text('name', parts.name ?? facts.name),
    ...text('version', parts.version),
    ...text('organization', parts.organization),
    ...text('finetune', parts.finetune),
    ...text('basename', parts.basename),
    ...text('size_label', parts.sizeLabel ?? sizeLabel(count)),
    ...text('license', facts.license),
    ...text('license.name', facts.licenseName),
    ...text('license.link', facts.licenseLink),
    ...baseModelEntries(facts.baseModels.slice(0, MAX_ITEMS), count.total),
    ...list('tags', facts.tags),
    ...list('languages', facts.languages),
    { key: 'general.quantization_version', type: 'uint32', value: QUANTIZATION_VERSION },
  ];
}

const list = (key: string, values: readonly string[] | undefined): readonly GgufEntry[] =>
  values === undefined || values.length === 0
    ? []
    : [{ key: `general.${key}`, type: 'strings', value: values.slice(0, MAX_ITEMS) }];

function baseModelEntries(ids: readonly string[], parameterCount: number): readonly GgufEntry[] {
  if (ids.length === 0) return [];
  return [
    { key: 'general.base_model.count', type: 'uint32', value: ids.length },
    ...ids.flatMap((id, index) => {
      const { name, version, organization } = readModelName(id, parameterCount);
      const isRepository = /^[^\s/.][^\s/]*\/[^\s/]+$/.test(id);
      return [
        ...text(`base_model.${String(index)}.name`, name ?? titleOf(id)),
        ...text(`base_model.${String(index)}.version`, version),
        ...text(`base_model.${String(index)}.organization`, organization),
        ...text(`base_model.${String(index)}.repo_url`, isRepository ? `https://huggingface.co/${id}` : null),
      ];
    }),
  ];
}

const samplingKeys: readonly { readonly from: readonly string[]; readonly to: string; readonly isWhole: boolean }[] = [
  { from: ['top_k'], to: 'top_k', isWhole: true },
  { from: ['top_p'], to: 'top_p', isWhole: false },
  { from: ['min_p'], to: 'min_p', isWhole: false },
  { from: ['temperature'], to: 'temp', isWhole: false },
  { from: ['penalty_repeat', 'repetition_penalty'], to: 'penalty_repeat', isWhole: false },
];

/** Sampling that the model's authors recommend. A value that is no number is left out: the file works without it. */
function samplingEntries(generation: unknown): readonly GgufEntry[] {
  if (!isRecord(generation)) return [];
  const config = createConfig(generation);
  return samplingKeys.flatMap(({ from, to, isWhole }): readonly GgufEntry[] => {
    const value = from.map((key) => (config.has(key) ? generation[key] : null)).find((one) => typeof one === 'number');
    if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > 2 ** 31 - 1) return [];
    const key = `general.sampling.${to}`;
    return isWhole ? [{ key, type: 'int32', value: Math.trunc(value) }] : [{ key, type: 'float32', value }];
  });
}

interface ParameterCount {
  readonly total: number;
  /** Of all tensors but those of experts, and of one expert. */
  readonly shared: number;
  readonly ofExpert: number;
  readonly experts: number;
}

/** Values in all tensors; of experts also those of a single one. */
export function countParameters(tensors: readonly PlannedTensor[]): ParameterCount {
  let total = 0;
  let shared = 0;
  let ofExpert = 0;
  let expertSum = 0;
  let expertTensors = 0;
  for (const { name, shape } of tensors) {
    const size = valueCount(shape);
    total += size;
    const experts = name.includes('_exps.') && shape.length >= 3 ? shape[2] : undefined;
    if (experts === undefined) {
      shared += size;
    } else {
      ofExpert += Math.floor(size / experts);
      expertSum += experts;
      expertTensors += 1;
    }
  }
  return { total, shared, ofExpert, experts: expertTensors === 0 ? 0 : Math.floor(expertSum / expertTensors) };
}

/** `7.2B`, `8x7B`: at least two digits. */
export function sizeLabel({ total, shared, ofExpert, experts }: ParameterCount): string {
  return experts > 0 ? `${String(experts)}x${roundedCount(shared + ofExpert)}` : roundedCount(total);
}

function roundedCount(count: number): string {
  const [scaled, suffix] =
    count > 1e12
      ? [count * 1e-12, 'T']
      : count > 1e9
        ? [count * 1e-9, 'B']
        : count > 1e6
          ? [count * 1e-6, 'M']
          : [count * 1e-3, 'K'];
  const digits = String(Math.round(scaled)).replace(/^0+/, '').length;
  return scaled.toFixed(Math.max(2 - digits, 0)) + suffix;
}
