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
});
