/** The model that ships with Hearth, and what is particular to it. */
import type { Sampling } from '../../preload/contract/chat.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import { encodeError, isAppError } from '../../preload/wire/errors.ts';

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

/**
 * Loads models at the start, so that the first chat does not wait for it: the chosen ones in their order while they fit (`ifRoom`),
 * else the built-in one. A model that cannot be loaded is logged; the user is told when somebody asks for it. Never throws.
 */
export async function preload(
  chosen: readonly string[],
  load: (modelId: string, ifRoom: boolean) => Promise<unknown>,
  log: (line: string) => void,
): Promise<void> {
  for (const modelId of chosen.length > 0 ? chosen : [builtInModel.id])
    try {
      await load(modelId, chosen.length > 0);
    } catch (error) {
      // Hearth is closing.
      if (isAppError(error, 'cancelled')) return;
      log(`${modelId} was not loaded at the start: ${encodeError(error).message}`);
    }
}
