import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newFile, textDraft } from './draft.ts';
import { createDrafts } from './drafts.ts';

function memoryStorage(): { items: Map<string, string> } & Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

describe('createDrafts', () => {
  it('keeps a draft per chat, over a new page', () => {
    const storage = memoryStorage();
    const drafts = createDrafts(storage);
    drafts.set('a', textDraft('one'));
    drafts.set(null, textDraft('two'));
    drafts.flush();
    const later = createDrafts(storage);
    expect([later.get('a'), later.get(null), later.get('b')].map(({ text }) => text)).toEqual(['one', 'two', '']);
  });

  it('removes an empty draft', () => {
    const storage = memoryStorage();
    const drafts = createDrafts(storage);
    drafts.set('a', textDraft('one'));
    drafts.flush();
    drafts.set('a', textDraft(''));
    drafts.flush();
    expect(storage.items.size).toBe(0);
  });

  it('tells listeners at once and stores a little later', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const storage = memoryStorage();
    const drafts = createDrafts(storage);
    const seen: string[] = [];
    const leave = drafts.subscribe(() => seen.push(drafts.get('a').text));
    drafts.set('a', textDraft('x'));
    expect([seen, storage.items.size]).toEqual([['x'], 0]);
    vi.advanceTimersByTime(1000);
    expect(storage.items.size).toBe(1);
    leave();
    drafts.set('a', textDraft('xy'));
    expect(seen).toEqual(['x']);
  });

  it('stores while the user types without a pause, so that a crash costs less than a second', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const storage = memoryStorage();
    const drafts = createDrafts(storage);
    for (let key = 1; key <= 50; key++) {
      drafts.set('a', textDraft('x'.repeat(key)));
      vi.advanceTimersByTime(100);
      const stored = storage.getItem('hearth.draft.a')?.length ?? 0;
      if (key >= 10) expect(stored, `after key ${key}`).toBeGreaterThan(key - 10);
    }
    vi.advanceTimersByTime(1000);
    expect(storage.getItem('hearth.draft.a')).toBe('x'.repeat(50));
  });

  it('works without a storage and with a full one', () => {
    const full = {
      ...memoryStorage(),
      setItem: () => {
        throw new Error('quota');
      },
    };
    for (const drafts of [createDrafts(null), createDrafts(full)]) {
      drafts.set('a', textDraft('kept'));
      drafts.flush();
      expect(drafts.get('a').text).toBe('kept');
    }
  });

  it('keeps files over a new page, and writes them only when they change', () => {
    const storage = memoryStorage();
    const written: string[] = [];
    const drafts = createDrafts({
      ...storage,
      setItem(key, value) {
        written.push(key);
        storage.setItem(key, value);
      },
    });
    const files = [newFile('notes.txt', 'Rhubarb')];
    drafts.set('a', { text: 'x', files });
    drafts.flush();
    drafts.set('a', { text: 'xy', files });
    drafts.flush();
    expect(written).toEqual(['hearth.draft.a', 'hearth.draft-files.a', 'hearth.draft.a']);
    expect(createDrafts(storage).get('a')).toEqual({ text: 'xy', files });
    storage.setItem('hearth.draft-files.a', '[{"id": 1}, null]');
    expect(createDrafts(storage).get('a').files).toEqual([]);
  });

  it('is told of a full storage once, and again only after something was stored', () => {
    const storage = memoryStorage();
    let isFull = true;
    let told = 0;
    const drafts = createDrafts(
      {
        ...storage,
        setItem(key, value) {
          if (isFull) throw new DOMException('full', 'QuotaExceededError');
          storage.setItem(key, value);
        },
      },
      { onFull: () => told++ },
    );
    const type = (text: string): number => {
      drafts.set('a', textDraft(text));
      drafts.flush();
      return told;
    };
    expect([type('x'), type('xy')]).toEqual([1, 1]);
    isFull = false;
    expect([type('xyz'), storage.items.get('hearth.draft.a')]).toEqual([1, 'xyz']);
    isFull = true;
    expect(type('more')).toBe(2);
    // The next page gets no older self of it.
    expect(storage.items.get('hearth.draft.a')).toBeUndefined();
    expect(createDrafts(storage).get('a').text).toBe('');
  });
});

describe('two tabs', () => {
  it('show the same draft, and what was typed last wins', () => {
    const storage = memoryStorage();
    const [one, other] = [createDrafts(storage), createDrafts(storage)];
    const heard: string[] = [];
    other.subscribe(() => heard.push(other.get('a').text));
    // As the browser tells the other tabs.
    const store = (from: typeof one, to: typeof one): void => {
      const before = new Map(storage.items);
      from.flush();
      for (const key of new Set([...before.keys(), ...storage.items.keys()]))
        if (before.get(key) !== storage.items.get(key)) to.storedElsewhere(key);
    };
    expect(other.get('a').text).toBe('');
    const files = [newFile('notes.txt', 'Rhubarb')];
    one.set('a', { text: 'typed in one', files });
    store(one, other);
    expect([other.get('a'), heard.at(-1)]).toEqual([{ text: 'typed in one', files }, 'typed in one']);
    const kept = other.get('a').files;
    one.set('a', { text: 'typed in one, and more', files });
    store(one, other);
    // The files are the same list, so that nothing counts or stores them again.
    expect([other.get('a').text, other.get('a').files === kept]).toEqual(['typed in one, and more', true]);
    // Sent there.
    other.set('a', textDraft('newer here'));
    one.set('a', textDraft(''));
    store(one, other);
    expect(other.get('a').text).toBe('newer here');
    store(other, one);
    expect(one.get('a')).toEqual(textDraft('newer here'));
    const count = heard.length;
    other.storedElsewhere('hearth.theme');
    other.storedElsewhere('hearth.draft.b');
    expect([heard.length, other.get('b').text]).toEqual([count, '']);
  });
});

describe('the draft of a deleted chat', () => {
  const UNDO_MS = 10_000;
  const setUp = () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const storage = memoryStorage();
    const drafts = createDrafts(storage);
    for (const chat of ['a', 'b']) drafts.set(chat, { text: 'secret', files: [newFile('notes.txt', 'Rhubarb')] });
    drafts.flush();
    drafts.removeLater('a', UNDO_MS);
    return { storage, drafts };
  };
  const keysOf = (chat: string): string[] => [`hearth.draft.${chat}`, `hearth.draft-files.${chat}`];

  it('leaves the storage with its files when the undo time is over, and others stay', () => {
    const { storage, drafts } = setUp();
    vi.advanceTimersByTime(UNDO_MS - 1);
    expect(drafts.get('a').text).toBe('secret');
    vi.advanceTimersByTime(1);
    expect(drafts.get('a')).toEqual({ text: '', files: [] });
    drafts.flush();
    expect([...storage.items.keys()]).toEqual(keysOf('b'));
  });

  it('stays when the chat is brought back', () => {
    const { storage, drafts } = setUp();
    drafts.keep('a');
    vi.advanceTimersByTime(10 * UNDO_MS);
    expect(new Set(storage.items.keys())).toEqual(new Set([...keysOf('a'), ...keysOf('b')]));
    expect(createDrafts(storage).get('a').text).toBe('secret');
  });

  it('stays when the chat is brought back while another tab was opened', () => {
    const { storage, drafts } = setUp();
    const other = createDrafts(storage);
    drafts.keep('a');
    vi.advanceTimersByTime(10 * UNDO_MS);
    expect([other.get('a').text, createDrafts(storage).get('a').text]).toEqual(['secret', 'secret']);
  });

  it('leaves the storage also when another tab deleted another chat meanwhile', () => {
    const { storage } = setUp();
    createDrafts(storage).removeLater('b', UNDO_MS);
    vi.clearAllTimers();
    vi.advanceTimersByTime(UNDO_MS);
    createDrafts(storage);
    vi.advanceTimersByTime(0);
    expect([...storage.items.keys()]).toEqual([]);
  });

  it('is forgotten where nothing can be stored', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const drafts = createDrafts(null);
    drafts.set('a', { text: 'secret', files: [] });
    drafts.removeLater('a', UNDO_MS);
    vi.advanceTimersByTime(UNDO_MS);
    expect(drafts.get('a').text).toBe('');
  });

  it('is removed by the next page where this one was closed before', () => {
    const { storage } = setUp();
    vi.clearAllTimers();
    vi.advanceTimersByTime(UNDO_MS * 100);
    createDrafts(storage);
    vi.advanceTimersByTime(0);
    expect([...storage.items.keys()]).toEqual(keysOf('b'));
    storage.items.set('hearth.draft-ends', '{"b": "soon"}');
    createDrafts(storage);
    vi.advanceTimersByTime(UNDO_MS);
    expect(createDrafts(storage).get('b').text).toBe('secret');
  });
});
