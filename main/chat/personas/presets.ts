/** The presets of sampling that come with the app. Each sets what decides about words, and leaves lengths, seeds and forms alone. */
import type { SamplingPreset } from '../../../preload/contract/personas.ts';

export const builtInPresets: readonly SamplingPreset[] = [
  preset('precise', 0.1, 20, 0.8, 0.1),
  preset('balanced', 0.7, 40, 0.95, 0.05),
  preset('creative', 1.1, 0, 1, 0.03),
];

function preset(id: string, temperature: number, topK: number, topP: number, minP: number): SamplingPreset {
  return { id, name: id, builtIn: true, sampling: { temperature, topK, topP, minP, repeatPenalty: 1 } };
}
