/** The samplers that llama.cpp's servers take beside OpenAI's, in all of their endpoints. */
import { z } from 'zod';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { isGiven } from './given.ts';

export const llamaSamplerFields = {
  repeat_last_n: z.int().min(-1).max(1_000_000).nullish(),
  dry_multiplier: z.number().min(0).max(10).nullish(),
  dry_base: z.number().min(1).max(10).nullish(),
  dry_allowed_length: z.int().min(1).max(1000).nullish(),
  dry_penalty_last_n: z.int().min(-1).max(1_000_000).nullish(),
  dry_sequence_breakers: z.array(z.string().min(1).max(40)).max(16).nullish(),
  xtc_probability: z.number().min(0).max(1).nullish(),
  xtc_threshold: z.number().min(0).max(1).nullish(),
};
export type LlamaSamplerFields = z.infer<z.ZodObject<typeof llamaSamplerFields>>;

/** The engine's sampling; what the request does not say is absent. */
export function readLlamaSamplers(fields: LlamaSamplerFields): Partial<Sampling> {
  const probability = fields.xtc_probability ?? 0;
  const strength = fields.dry_multiplier ?? 0;
  const last = fields.dry_penalty_last_n ?? -1;
  const range = fields.repeat_last_n;
  return {
    ...(isGiven(range) && { penaltyTokens: range < 0 ? null : range }),
    ...(probability > 0 && { xtc: { probability, threshold: Math.min(0.5, fields.xtc_threshold ?? 0.1) } }),
    ...(strength > 0 && {
      dry: {
        ...{ strength, base: fields.dry_base ?? 1.75, allowedLength: fields.dry_allowed_length ?? 2 },
        lastTokens: last < 0 ? null : last,
        ...(isGiven(fields.dry_sequence_breakers) && { breakers: fields.dry_sequence_breakers }),
      },
    }),
  };
}
