/** Unsent messages, per chat. The page keeps them, because nothing else needs them. */
import { emptyDraft, type Draft, type DraftFile } from './draft.ts';

export interface Drafts {
  /** The draft of a chat (`null`: the new one), which may be empty. The same object until it changes. */
  get(chatId: string | null): Draft;
  /** Changes the draft at once and stores it soon afterwards; an empty one is removed. */
  set(chatId: string | null, draft: Draft): void;
  /** Calls `listener` after every change. Returns the function that removes the listener. */
  subscribe(this: void, listener: () => void): () => void;
  /** Stores pending changes, before the page closes. */
  flush(): void;
  /** Another tab has stored or removed this item of the storage: its draft is shown here too, unless this tab has a newer one. */
  storedElsewhere(name: string): void;
  /** Removes the draft of a deleted chat when its undo time is over, also where the page is closed before. */
  removeLater(chatId: string, undoMs: number): void;
  /** Keeps the draft after all: the chat was brought back. */
  keep(chatId: string): void;
}

const prefix = 'hearth.draft.';
/** Files are stored apart, so that a key in the field does not write them again. */
const filesPrefix = 'hearth.draft-files.';
/** The times at which the drafts of deleted chats are removed, by chat. */
const endsKey = 'hearth.draft-ends';

/**
 * Drafts over a storage of the browser. A full or forbidden storage is no error: the drafts then live as long as the
 * page. `onFull` is called when a draft could not be stored, and again only after one could;
 * what was stored of it before is removed.
 */
export function createDrafts(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null,
  { delayMs = 300, onFull = () => {} }: { readonly delayMs?: number; readonly onFull?: () => void } = {},
): Drafts {
  const drafts = new Map<string, Draft>();
  const unsavedTexts = new Set<string>();
  const unsavedFiles = new Set<string>();
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  let isFull = false;

  const forget = (key: string): void => {
    try {
      storage?.removeItem(key);
    } catch {
      // Forbidden: nothing is stored there either.
    }
  };
  const store = (key: string, value: string): void => {
    try {
      if (value === '') storage?.removeItem(key);
      else {
        storage?.setItem(key, value);
        isFull = false;
      }
    } catch {
      if (!isFull) onFull();
      isFull = true;
      // Without this the older draft would come back at the next start, as if it were the latest.
      forget(key);
    }
  };
  const read = (key: string): string => {
    try {
      return storage?.getItem(key) ?? '';
    } catch {
      return '';
    }
  };

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const key of unsavedTexts) store(prefix + key, drafts.get(key)?.text ?? '');
    for (const key of unsavedFiles) {
      const files = drafts.get(key)?.files ?? [];
      store(filesPrefix + key, files.length === 0 ? '' : JSON.stringify(files));
    }
    unsavedTexts.clear();
    unsavedFiles.clear();
  };

  const readDraft = (key: string): Draft => {
    const text = read(prefix + key);
    const files = readFiles(read(filesPrefix + key));
    return text === '' && files.length === 0 ? emptyDraft : { text, files };
  };
  const get = (chatId: string | null): Draft => {
    const key = chatId ?? 'new';
    const known = drafts.get(key);
    if (known) return known;
    const stored = readDraft(key);
    drafts.set(key, stored);
    return stored;
  };

  /** Where nothing can be stored, the ends of this page alone. */
  const ownEnds = new Map<string, number>();
  const endTimers = new Map<string, ReturnType<typeof setTimeout>>();
  /** What is stored is read anew each time: other tabs delete chats too, and bring theirs back. */
  const endOf = (chatId: string): number | undefined => ownEnds.get(chatId) ?? readEnds(read(endsKey))[chatId];
  const setEnd = (chatId: string, endMs: number | null): void => {
    const { [chatId]: _former, ...others } = readEnds(read(endsKey));
    const ends = endMs === null ? others : { ...others, [chatId]: endMs };
    store(endsKey, Object.keys(ends).length === 0 ? '' : JSON.stringify(ends));
    if (endMs === null) ownEnds.delete(chatId);
    else ownEnds.set(chatId, endMs);
  };

  const remove = (chatId: string): void => {
    clearTimeout(endTimers.get(chatId));
    endTimers.delete(chatId);
    drafts.delete(chatId);
    unsavedTexts.delete(chatId);
    unsavedFiles.delete(chatId);
    store(prefix + chatId, '');
    store(filesPrefix + chatId, '');
    setEnd(chatId, null);
  };
  const removeIfStillDue = (chatId: string): void => {
    endTimers.delete(chatId);
    const endMs = endOf(chatId);
    if (endMs === undefined) return;
    if (endMs <= Date.now()) remove(chatId);
    else removeAt(chatId, endMs);
  };
  const removeAt = (chatId: string, endMs: number): void => {
    clearTimeout(endTimers.get(chatId));
    endTimers.set(
      chatId,
      setTimeout(() => removeIfStillDue(chatId), endMs - Date.now()),
    );
  };
  for (const [chatId, endMs] of Object.entries(readEnds(read(endsKey)))) removeAt(chatId, endMs);

  return {
    get,
    set(chatId, draft) {
      const key = chatId ?? 'new';
      if (get(chatId).files !== draft.files) unsavedFiles.add(key);
      drafts.set(key, draft);
      unsavedTexts.add(key);
      timer ??= setTimeout(flush, delayMs);
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush,
    storedElsewhere(name) {
      const key = [prefix, filesPrefix].find((one) => name.startsWith(one));
      if (key === undefined) return;
      const chat = name.slice(key.length);
      const known = drafts.get(chat);
      // What was typed here since is stored soon, over that of the other tab.
      if (known === undefined || unsavedTexts.has(chat) || unsavedFiles.has(chat)) return;
      const stored = readDraft(chat);
      const hasSameFiles =
        stored.files.length === known.files.length && stored.files.every(({ id }, at) => id === known.files[at]?.id);
      if (stored.text === known.text && hasSameFiles) return;
      drafts.set(chat, hasSameFiles ? { ...stored, files: known.files } : stored);
      for (const listener of [...listeners]) listener();
    },
    removeLater(chatId, undoMs) {
      const endMs = Date.now() + undoMs;
      setEnd(chatId, endMs);
      removeAt(chatId, endMs);
    },
    keep(chatId) {
      clearTimeout(endTimers.get(chatId));
      endTimers.delete(chatId);
      setEnd(chatId, null);
    },
  };
}

function readEnds(stored: string): Record<string, number> {
  try {
    const ends: unknown = JSON.parse(stored);
    const entries = typeof ends === 'object' && ends !== null ? Object.entries(ends) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
  } catch {
    return {};
  }
}

/** Other programs can write to the storage of a page. */
function readFiles(stored: string): readonly DraftFile[] {
  try {
    const files: unknown = JSON.parse(stored);
    return Array.isArray(files) ? files.filter(isFile) : [];
  } catch {
    return [];
  }
}

function isFile(value: unknown): value is DraftFile {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, text } = value as Partial<Record<keyof DraftFile, unknown>>;
  return typeof id === 'string' && typeof name === 'string' && typeof text === 'string';
}
