/** Personas, presets, defaults of models and lorebooks, live; and what is in force below a chat. */
import type { InForce } from '../../../preload/contract/in-force.ts';
import type { PersonasEvent } from '../../../preload/contract/personas.ts';
import { useLive, type LiveResult } from '../../connection/live.ts';

/** Everything but the long texts. */
export function usePersonas(): LiveResult<PersonasEvent> {
  return useLive('personas.watch', {});
}

/** What is in force in a chat with this model and persona that says nothing itself. */
export function useInForce(modelId: string | null, personaId: string | null): LiveResult<InForce> {
  return useLive('personas.watchInForce', { modelId, personaId });
}
