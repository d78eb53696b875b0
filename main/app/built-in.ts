/** The model that ships with Hearth, and its rules. */
import type { Sampling, SamplingOverrides } from '../../preload/contract/chat.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import { ofSettings, over } from '../../preload/contract/in-force.ts';
import { encodeError, isAppError } from '../../preload/wire/errors.ts';

/** Its id has the same form as every other model's id. */
export const builtInModel = {
  id: 'hearth/ember-3M/ember-3M-Q8_0.gguf',
  name: 'Ember',
  /** Its name for programs and in the terminal. */
  shortName: 'ember',
} as const;

/** The sampling that the app itself recommends. Ember is greedy, as the model's card says, unless the user has changed the settings. */
export function shippedSampling(modelId: string, chosen: Sampling): SamplingOverrides | null {
  const isDefault = JSON.stringify(chosen) === JSON.stringify(defaultSampling);
  return modelId === builtInModel.id && isDefault ? { temperature: 0 } : null;
}

/** The sampling of a program's request without its own: the settings, and what the app recommends for the model. */
export function samplingFor(modelId: string, chosen: Sampling): Sampling {
  const shipped = { origin: 'model', systemPrompt: '', sampling: shippedSampling(modelId, chosen) } as const;
  return over(ofSettings(chosen), shipped).sampling;
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
