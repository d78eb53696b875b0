/** adapter_config.json of an adapter, as the PEFT library writes it. */
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint, unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import { createConfig, isRecord, type Config } from '../architectures/config.ts';
import { readModulePattern } from './module-pattern.ts';

export interface AdapterConfig {
  /** As the adapter names it, which may be a folder of another computer; empty where it names none. */
  readonly baseModel: string;
  /** The rank and the scale of the product of both factors for the module at a path, such as `model.layers.0.mlp.up_proj`. */
  readonly scalingOf: (module: string) => Scaling;
  /** `lora_alpha`, with the square root of the rank in it where the adapter is rank-stabilized. */
  readonly alpha: number;
  /** DoRA: every module has the lengths of its rows, too. */
  readonly isDora: boolean;
  /** Tokens after which an activated adapter begins to work; empty for others. */
  readonly invocationTokens: readonly number[];
}

export interface Scaling {
  readonly rank: number;
  readonly scale: number;
}

/** Larger ranks than 1,024 are not published. */
export const MAX_RANK = 4096;
const MAX_PATTERNS = 10_000;
/** Patterns that are more than names; published adapters have a few. */
const MAX_EXPRESSIONS = 20;

/** The error for an adapter that cannot be converted; `kind` names it. */
export function unknownAdapter(kind: string): Error {
  return unsupportedCheckpoint({
    ...{ reason: 'adapter_kind', file: 'adapter_config.json', found: kind },
    detail: `This adapter needs ${shownName(kind)}, which is not known here. Plain LoRA adapters are.`,
  });
}

/**
 * Reads the parsed file.
 * @throws AppError `convert.unsupported` (`reason: 'adapter_kind'`, `found` names it) for anything but a LoRA of linear modules and embeddings
 * over unchanged weights, and `convert.invalid` (`reason: 'config'`) for values that make no sense.
 */
export function readAdapterConfig(values: Readonly<Record<string, unknown>>): AdapterConfig {
  const config = createConfig(values, 'adapter_config.json: ');
  const type = config.text('peft_type', 'LORA');
  if (type.toUpperCase() !== 'LORA') throw unknownAdapter(type);
  refuseVariants(config, values);
  const rank = config.count('r', { max: MAX_RANK });
  const alpha = config.number('lora_alpha', 8);
  // llama.cpp takes an alpha of 0 for none.
  if (alpha === 0) throw wrongPattern('lora_alpha', 'a number other than 0', alpha);
  const isStabilized = config.flag('use_rslora', false);
  const rankOf = patternReader(values, 'rank_pattern', rank);
  const alphaOf = patternReader(values, 'alpha_pattern', alpha);
  const divisor = (rankOfModule: number): number => (isStabilized ? Math.sqrt(rankOfModule) : rankOfModule);
  return {
    baseModel: config.text('base_model_name_or_path', ''),
    alpha: (alpha / divisor(rank)) * rank,
    scalingOf: (module) => {
      const ownRank = rankOf(module);
      if (!Number.isInteger(ownRank) || ownRank < 1 || ownRank > MAX_RANK)
        throw wrongPattern('rank_pattern', `a rank from 1 to ${String(MAX_RANK)}`, ownRank);
      return { rank: ownRank, scale: alphaOf(module) / divisor(ownRank) };
    },
    isDora: config.flag('use_dora', false),
    invocationTokens: readTokens(values['alora_invocation_tokens']),
  };
}

/** Ways to start a training that change the base's weights. */
const changedStarts = /^(?:pissa|olora|corda|loftq|lora_ga)/i;

function refuseVariants(config: Config, values: Readonly<Record<string, unknown>>): void {
  for (const flag of ['use_qalora', 'use_bdlora', 'lora_bias']) if (values[flag] === true) throw unknownAdapter(flag);
  const bias = config.text('bias', 'none');
  if (bias !== 'none') throw unknownAdapter(`bias: ${bias}`);
  const start = values['init_lora_weights'];
  if (typeof start === 'string' && changedStarts.test(start)) throw unknownAdapter(`init_lora_weights: ${start}`);
  for (const key of ['layer_replication', 'target_parameters', 'trainable_token_indices', 'arrow_config']) {
    const value = values[key];
    const isEmpty = value === null || value === undefined || value === false || Object.keys(value).length === 0;
    if (!isEmpty) throw unknownAdapter(key);
  }
  if (values['invocation_string'] !== undefined && values['invocation_string'] !== null)
    if (readTokens(values['alora_invocation_tokens']).length === 0) throw unknownAdapter('invocation_string');
}

function readTokens(value: unknown): readonly number[] {
  if (value === undefined || value === null) return [];
  const isToken = (token: unknown): boolean => Number.isInteger(token) && Number(token) >= 0 && Number(token) < 2 ** 32;
  if (Array.isArray(value) && value.length <= 1000 && value.every(isToken)) return value as number[];
  throw wrongPattern('alora_invocation_tokens', 'a list of token ids', value);
}

/**
 * The value for a module: of the first pattern that ends its path, or is all of it after `^`, as PEFT looks them up; else `otherwise`.
 */
function patternReader(
  values: Readonly<Record<string, unknown>>,
  key: string,
  otherwise: number,
): (module: string) => number {
  const found = values[key] ?? {};
  if (!isRecord(found) || Object.keys(found).length > MAX_PATTERNS)
    throw wrongPattern(key, 'an object of names and numbers', found);
  let expressions = 0;
  const patterns = Object.entries(found).map(([pattern, value]) => {
    const name = pattern.replace(/^\^/, '').replaceAll('\\.', '.');
    const isName = /^[\w.]+$/.test(name);
    if (!isName) expressions += 1;
    const isWhole = pattern.startsWith('^');
    const matches = isName
      ? (module: string) => module === name || (!isWhole && module.endsWith(`.${name}`))
      : readModulePattern(pattern);
    if (matches === null || expressions > MAX_EXPRESSIONS) throw unknownAdapter(`${key}: ${pattern}`);
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw wrongPattern(`${key}.${pattern}`, 'a number', value);
    return { matches, value };
  });
  return (module) => patterns.find(({ matches }) => matches(module))?.value ?? otherwise;
}

function wrongPattern(key: string, expected: string, found: unknown): Error {
  const shown = (JSON.stringify(found) ?? 'nothing').slice(0, 100);
  return invalidCheckpoint({
    ...{ reason: 'config', file: 'adapter_config.json', expected, found: shown },
    detail: `adapter_config.json: ${shownName(key)} is ${shown}, and should be ${expected}.`,
  });
}
