import { useState } from 'react';

/** What was typed and chosen, for all tokenizers: one text is tried with several. */
const kept = new Map<string, unknown>();

/** A state that stays while other screens are shown. */
export function useKept<V>(field: string, initial: V): [V, (value: V) => void] {
  const [value, setValue] = useState<V>(() => (kept.has(field) ? (kept.get(field) as V) : initial));
  const keep = (next: V): void => {
    kept.set(field, next);
    setValue(next);
  };
  return [value, keep];
}
