import { useState } from 'react';

/** What was typed and chosen, by the names of the fields. */
const kept = new Map<string, unknown>();

/**
 * A state that stays while other screens are shown. Each field's name begins with its screen's, as in `tokenizer.text`, and has one
 * type of value.
 */
export function useKept<V>(field: string, initial: V): [V, (value: V) => void] {
  const [value, setValue] = useState<V>(() => (kept.has(field) ? (kept.get(field) as V) : initial));
  const keep = (next: V): void => {
    kept.set(field, next);
    setValue(next);
  };
  return [value, keep];
}
