import type { Persona, PersonaDefinition } from '../../../preload/contract/personas.ts';

/** A persona that says nothing yet. */
export const newPersona: PersonaDefinition = {
  name: '',
  systemPrompt: '',
  description: '',
  personality: '',
  scenario: '',
  exampleDialogue: '',
  lastInstructions: '',
  greetings: [],
  modelId: null,
  sampling: null,
  lorebookIds: [],
  card: { nickname: '', creator: '', creatorNotes: '', version: '', tags: [], extensions: '' },
};

/** What of a persona is edited. */
export function definitionOf(persona: Persona): PersonaDefinition {
  const { id: _id, picture: _picture, changedAt: _changedAt, ...definition } = persona;
  return definition;
}

/** The persona as it is saved: without openings that say nothing, and without lorebooks that are gone. */
export function toSave(draft: PersonaDefinition, lorebookIds: ReadonlySet<string>): PersonaDefinition {
  return {
    ...draft,
    name: draft.name.trim(),
    greetings: draft.greetings.filter((greeting) => greeting.trim() !== ''),
    lorebookIds: draft.lorebookIds.filter((id) => lorebookIds.has(id)),
  };
}
