/** Sampling in the words of a server elsewhere. */
import type { Sampling } from '../../../preload/contract/chat.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ServerDialect } from './server.ts';

/** A sampler that a server may not take, with the fields that it becomes. */
interface Optional {
  /** As `Sampling` calls it. */
  readonly sampler: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** It changes nothing. It is sent where the server has a default of its own, and is not missed elsewhere. */
  readonly isOff: boolean;
}

export interface SamplerFields {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Those that are wanted and that this kind of server does not take. */
  readonly notTaken: readonly string[];
  /** By field: the sampler that is not taken when the server refuses the field. Null: nothing is lost without it. */
  readonly droppable: ReadonlyMap<string, string | null>;
}

/**
 * The fields of a sampling. What is off is sent as well where the server knows it, because servers have defaults of their own; the kinds that
 * do not know it are spared. @throws AppError `unsupported` for a logit bias by text, where the server takes only numbers of tokens.
 */
export function samplerFields(sampling: Sampling, dialect: ServerDialect, seed: number): SamplerFields {
  const { samplers } = dialect;
  const { xtc, dry, presencePenalty, frequencyPenalty, stop, logitBias, maxTokens } = sampling;
  const named = (name: string | undefined, value: number): Record<string, unknown> | null =>
    name === undefined ? null : { [name]: value };
  const llama = samplers.llamaSamplers === true;
  const others: readonly { sampler: string; fields: Record<string, unknown> | null; isOff: boolean }[] = [
    { sampler: 'topK', fields: named(samplers.topK, sampling.topK), isOff: sampling.topK === 0 },
    { sampler: 'minP', fields: named(samplers.minP, sampling.minP), isOff: sampling.minP === 0 },
    {
      sampler: 'repeatPenalty',
      fields: named(samplers.repeatPenalty, sampling.repeatPenalty),
      isOff: sampling.repeatPenalty === 1,
    },
    {
      sampler: 'xtc',
      fields: llama ? { xtc_probability: xtc?.probability ?? 0, xtc_threshold: xtc?.threshold ?? 0.1 } : null,
      isOff: xtc === undefined || xtc.probability === 0,
    },
    {
      sampler: 'penaltyTokens',
      fields: llama && sampling.penaltyTokens !== undefined ? { repeat_last_n: sampling.penaltyTokens ?? -1 } : null,
      isOff: sampling.penaltyTokens === undefined,
    },
    {
      sampler: 'minTokens',
      fields: named(samplers.minTokens, sampling.minTokens ?? 0),
      isOff: (sampling.minTokens ?? 0) === 0,
    },
    { sampler: 'dry', fields: llama ? dryFields(dry) : null, isOff: dry === undefined || dry.strength === 0 },
  ];
  const taken = others.filter((one): one is Optional => one.fields !== null);
  const droppable = new Map<string, string | null>([
    ['stream_options', null],
    ['seed', sampling.seed === null ? null : 'seed'],
    ['temperature', 'temperature'],
    ['top_p', sampling.topP === 1 ? null : 'topP'],
    ['presence_penalty', 'presencePenalty'],
    ['frequency_penalty', 'frequencyPenalty'],
  ]);
  for (const { sampler, fields, isOff } of taken)
    for (const name of Object.keys(fields)) droppable.set(name, isOff ? null : sampler);
  return {
    fields: {
      temperature: sampling.temperature,
      top_p: sampling.topP,
      seed,
      ...(maxTokens !== null && { max_tokens: maxTokens }),
      ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
      ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
      ...(stop && stop.length > 0 && { stop }),
      ...(logitBias && logitBias.length > 0 && { logit_bias: biasOf(logitBias, dialect) }),
      ...Object.fromEntries(taken.flatMap(({ fields }) => Object.entries(fields))),
    },
    notTaken: others.flatMap(({ sampler, fields, isOff }) => (fields === null && !isOff ? sampler : [])),
    droppable,
  };
}

function dryFields(dry: Sampling['dry']): Record<string, unknown> {
  if (!dry) return { dry_multiplier: 0 };
  return {
    dry_multiplier: dry.strength,
    dry_base: dry.base,
    dry_allowed_length: dry.allowedLength,
    dry_penalty_last_n: dry.lastTokens ?? -1,
    ...(dry.breakers && { dry_sequence_breakers: dry.breakers }),
  };
}

function biasOf(biases: NonNullable<Sampling['logitBias']>, { biasByText }: ServerDialect): unknown {
  if (biasByText) return biases.map((one) => ['token' in one ? one.token : one.text, one.bias]);
  return Object.fromEntries(
    biases.map((one) => {
      if ('token' in one) return [String(one.token), one.bias];
      throw new AppError('unsupported', 'This server takes a logit bias only for numbers of tokens, not for texts.', {
        reason: 'remote_logit_bias',
      });
    }),
  );
}
