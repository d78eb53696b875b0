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
