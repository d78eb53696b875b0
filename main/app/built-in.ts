/** The model that ships with Hearth, and what is particular to it. */
import type { Sampling } from '../../preload/contract/chat.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';

/** Its id has the form of every other model's, so that nothing needs a second form of name. */
export const builtInModel = {
  id: 'hearth/ember-3M/ember-3M-Q8_0.gguf',
  name: 'Ember',
} as const;

/**
 * The sampling of a chat that has none of its own. Ember's card asks for greedy decoding: its likeliest answer is its best. Whoever
 * chose other settings, or asks for another answer (`again`), gets what was chosen.
 */
export function samplingFor(modelId: string, chosen: Sampling, again: boolean): Sampling {
  const isDefault = JSON.stringify(chosen) === JSON.stringify(defaultSampling);
  return modelId === builtInModel.id && isDefault && !again ? { ...chosen, temperature: 0 } : chosen;
}

/** The models that are loaded at the start, in this order: the chosen ones while they fit, else the built-in one. */
export function modelsToPreload(chosen: readonly string[]): {
  readonly modelIds: readonly string[];
  readonly ifRoom: boolean;
} {
  return chosen.length > 0 ? { modelIds: chosen, ifRoom: true } : { modelIds: [builtInModel.id], ifRoom: false };
}
