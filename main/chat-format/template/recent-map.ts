/** A map of the entries that were used last. */

export interface RecentMap<Key, Value> {
  /** The entry of a key, made where there is none. It is the latest from now on. @throws what `make` throws; nothing is kept then. */
  get(key: Key, make: () => Value): Value;
}

/** An empty map that keeps `most` entries. */
export function createRecentMap<Key, Value>(most: number): RecentMap<Key, Value> {
  const entries = new Map<Key, { readonly value: Value }>();
  return {
    get(key, make) {
      const entry = entries.get(key) ?? { value: make() };
      entries.delete(key);
      entries.set(key, entry);
      const [oldest] = entries.keys();
      if (entries.size > most && oldest !== undefined) entries.delete(oldest);
      return entry.value;
    },
  };
}
