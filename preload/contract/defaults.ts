/** What a new installation starts with. Free of zod, so that the page can have it without. */
import type { Sampling } from './chat.ts';

/** Careful values that small and large models take well. */
export const defaultSampling: Sampling = {
  temperature: 0.3,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repeatPenalty: 1,
  maxTokens: null,
  seed: null,
};
