/** The model that ships with Hearth, and its rules. */
import type { Sampling } from '../../preload/contract/chat.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import { encodeError, isAppError } from '../../preload/wire/errors.ts';

/** Its id has the same form as every other model's id. */
export const builtInModel = {
  id: 'hearth/ember-3M/ember-3M-Q8_0.gguf',
  name: 'Ember',
  /** Its name for programs and in the terminal. */
  shortName: 'ember',
} as const;

/**
 * The sampling of a chat without its own. For Ember it is greedy, as the model's card recommends, unless the user has changed the
 * settings or wants another version of a reply (`again`).
 */
export function samplingFor(modelId: string, chosen: Sampling, again: boolean): Sampling {
  const isDefault = JSON.stringify(chosen) === JSON.stringify(defaultSampling);
  return modelId === builtInModel.id && isDefault && !again ? { ...chosen, temperature: 0 } : chosen;
}

/**
 * Loads models at the start, so that the first chat need not wait: the chosen ones in their order while they fit (`ifRoom`), else the
 * built-in one. A model that cannot be loaded is only logged; its first use reports the error. Never throws.
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
