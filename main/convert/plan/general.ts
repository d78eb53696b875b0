/** The `general.*` keys of a GGUF file, as the reference converter of llama.cpp writes them. */
import { valueCount } from '../../model-file/ggml-types.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { createConfig, isRecord } from '../architectures/config.ts';
import type { ModelCard, Origin } from './model-card.ts';
import { readModelName, titleOf, type ModelNameParts } from './model-name.ts';
import type { PlannedTensor } from './planned-tensor.ts';

/** What is known of a model beside its weights. */
export interface ModelFacts {
  /** The repository, `OWNER/NAME`, or the name of the folder. */
  readonly name: string;
  /** `_name_or_path` of config.json, by which older releases of transformers name the model that was loaded. */
  readonly configuredName?: string | null;
  /** The model card, where there is one. */
  readonly card?: Partial<ModelCard>;
}

/** GGML_QUANT_VERSION of llama.cpp. */
const QUANTIZATION_VERSION = 2;
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
  const { card = {} } = facts;
  const parts = nameParts(facts, count.total);
  return [
    ...text('architecture', architecture),
    ...text('type', 'model'),
    ...samplingEntries(generation),
    ...text('name', card.name ?? parts.name ?? facts.name),
    ...text('author', card.author),
    ...text('version', card.version ?? parts.version),
    ...text('organization', card.organization ?? parts.organization),
    ...text('finetune', card.finetune ?? parts.finetune),
    ...text('basename', card.basename ?? parts.basename),
    ...text('description', card.description),
    ...text('size_label', card.sizeLabel ?? parts.sizeLabel ?? sizeLabel(count)),
    ...text('license', card.license),
    ...text('license.name', card.licenseName),
    ...text('license.link', card.licenseLink),
    ...Object.entries(card.source ?? {}).flatMap(([key, value]) => text(`source.${key}`, value)),
    ...originEntries('base_model', card.baseModels, count.total),
    ...originEntries('dataset', card.datasets, count.total),
    ...list('tags', card.tags),
    ...list('languages', card.languages),
    { key: 'general.quantization_version', type: 'uint32', value: QUANTIZATION_VERSION },
  ];
}

/**
 * What the names say: that in config.json first, where it is no path. The name of a repository is its own, while that in config.json may be
 * another model's, which was trained further.
 */
function nameParts({ name, configuredName }: ModelFacts, parameterCount: number): ModelNameParts {
  const own = readModelName(name, parameterCount);
  if (typeof configuredName !== 'string' || name.includes('/') || /\/.*\//s.test(configuredName)) return own;
  const configured = readModelName(configuredName, parameterCount);
  return {
    name: configured.name ?? own.name,
    organization: configured.organization ?? own.organization,
    basename: configured.basename ?? own.basename,
    finetune: configured.finetune ?? own.finetune,
    version: configured.version ?? own.version,
    sizeLabel: configured.sizeLabel ?? own.sizeLabel,
  };
}

const list = (key: string, values: readonly string[] | undefined): readonly GgufEntry[] =>
  values === undefined || values.length === 0 ? [] : [{ key: `general.${key}`, type: 'strings', value: values }];

/** Models or data sets that a model was made of. */
function originEntries(
  key: 'base_model' | 'dataset',
  origins: readonly Origin[] | null | undefined,
  parameterCount: number,
): readonly GgufEntry[] {
  if (origins === null || origins === undefined) return [];
  return [
    { key: `general.${key}.count`, type: 'uint32', value: origins.length },
    ...origins.flatMap((origin, index) =>
      Object.entries(typeof origin === 'string' ? originFacts(origin, parameterCount) : origin).flatMap(
        ([name, value]) => text(`${key}.${String(index)}.${name}`, value),
      ),
    ),
  ];
}

/** What a repository's name or address says. Of addresses those of the Hub alone say a name. */
function originFacts(origin: string, parameterCount: number): Readonly<Record<string, string | null>> {
  const isAddress = /^(?:https?|ssh):\/\//.test(origin);
  const id = isAddress ? /^https?:\/\/huggingface\.co\/([^/]+\/[^/]+)$/.exec(origin)?.[1] : origin;
  if (id === undefined) return { repo_url: origin };
  const { name, version, organization } = readModelName(id, parameterCount);
  const isRepository = /^[^./ ][^ /]*\/[^ ]/.test(id);
  const address = isAddress ? origin : isRepository ? `https://huggingface.co/${id}` : null;
  return { name: name ?? titleOf(id), version, organization, repo_url: address };
}

const samplingKeys: readonly { readonly from: readonly string[]; readonly to: string; readonly isWhole?: true }[] = [
  { from: ['top_k'], to: 'top_k', isWhole: true },
  { from: ['top_p'], to: 'top_p' },
  { from: ['min_p'], to: 'min_p' },
  { from: ['xtc_probability'], to: 'xtc_probability' },
  { from: ['xtc_threshold'], to: 'xtc_threshold' },
  { from: ['temperature'], to: 'temp' },
  { from: ['penalty_last_n'], to: 'penalty_last_n', isWhole: true },
  { from: ['penalty_repeat', 'repetition_penalty'], to: 'penalty_repeat' },
  { from: ['mirostat'], to: 'mirostat', isWhole: true },
  { from: ['mirostat_tau'], to: 'mirostat_tau' },
  { from: ['mirostat_eta'], to: 'mirostat_eta' },
];

/** Sampling that the model's authors recommend. A value that is no number is left out: the file works without it. */
function samplingEntries(generation: unknown): readonly GgufEntry[] {
  if (!isRecord(generation)) return [];
  const config = createConfig(generation);
  const { sequence } = generation;
  return [
    ...text('sampling.sequence', typeof sequence === 'string' ? sequence : null),
    ...samplingKeys.flatMap(({ from, to, isWhole }): readonly GgufEntry[] => {
      const value = from
        .map((key) => (config.has(key) ? generation[key] : null))
        .find((one) => typeof one === 'number');
      if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > 2 ** 31 - 1) return [];
      const key = `general.sampling.${to}`;
      return isWhole === true ? [{ key, type: 'int32', value: Math.trunc(value) }] : [{ key, type: 'float32', value }];
    }),
  ];
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
