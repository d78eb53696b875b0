/** Unsent text, per chat. The page keeps it, because nothing else needs it. */

export interface Drafts {
  /** The draft of a chat (`null`: the new one), or an empty string. */
  get(chatId: string | null): string;
  /** Changes the draft at once and stores it soon afterwards; an empty one is removed. */
  set(chatId: string | null, text: string): void;
  /** Calls `listener` after every change. Returns the function that removes the listener. */
  subscribe(this: void, listener: () => void): () => void;
  /** Stores pending changes, before the page closes. */
  flush(): void;
}

const prefix = 'hearth.draft.';

/**
 * Drafts over a storage of the browser. A full or forbidden storage is no error: the drafts then live as long as the
 * page.
 */
export function createDrafts(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null,
  delayMs = 300,
): Drafts {
  const texts = new Map<string, string>();
  const unsaved = new Set<string>();
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const key of unsaved) {
      const text = texts.get(key) ?? '';
      try {
        if (text === '') storage?.removeItem(prefix + key);
        else storage?.setItem(prefix + key, text);
      } catch {
        continue;
      }
    }
    unsaved.clear();
  };

  return {
    get(chatId) {
      const key = chatId ?? 'new';
      const known = texts.get(key);
      if (known !== undefined) return known;
      let stored = '';
      try {
        stored = storage?.getItem(prefix + key) ?? '';
      } catch {
        stored = '';
      }
      texts.set(key, stored);
      return stored;
    },
    set(chatId, text) {
      const key = chatId ?? 'new';
      texts.set(key, text);
      unsaved.add(key);
      timer ??= setTimeout(flush, delayMs);
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush,
  };
}
