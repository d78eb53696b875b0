import type { Lorebook, LorebookDefinition, LoreEntry } from '../../../preload/contract/personas.ts';

/** A lorebook without entries, with what most begin with. */
export const newLorebook: LorebookDefinition = {
  name: '',
  description: '',
  everywhere: false,
  scanDepth: 4,
  tokenBudget: 2000,
  recursive: false,
  matchCase: false,
  wholeWords: true,
  entries: [],
};

export const newEntry: LoreEntry = {
  title: '',
  enabled: true,
  keys: [],
  secondaryKeys: [],
  text: '',
  constant: false,
  order: 100,
  priority: 0,
  place: 'after',
  matchCase: null,
  wholeWords: null,
  scanDepth: null,
};

/** What of a lorebook is edited. */
export function bookOf(lorebook: Lorebook): LorebookDefinition {
  const { id: _id, changedAt: _changedAt, ...definition } = lorebook;
  return definition;
}

/** The places of the entries whose title, keywords or text have what is looked for. */
export function placesWith(entries: readonly LoreEntry[], wanted: string): readonly number[] {
  const text = wanted.trim().toLowerCase();
  return entries.flatMap((entry, place) =>
    text === '' || [entry.title, ...entry.keys, entry.text].some((one) => one.toLowerCase().includes(text))
      ? place
      : [],
  );
}
