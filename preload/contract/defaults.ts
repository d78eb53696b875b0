/** The defaults of a new installation. Without zod, so that the page can import them without it. */
import type { Sampling } from './chat.ts';

/** Conservative values that suit small and large models. */
export const defaultSampling: Sampling = {
  temperature: 0.3,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repeatPenalty: 1,
  maxTokens: null,
  seed: null,
};

/**
 * Tokens that a shortened conversation leaves for the reply: an eighth of the context, at most 512. A conversation is shortened only
 * where less would be left.
 */
export function replyReserveTokens(contextSize: number): number {
  return Math.min(512, Math.floor(contextSize / 8));
}
