import { describe, expect, it } from 'vitest';
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
    drafts.set('a', 'one');
    drafts.set(null, 'two');
    drafts.flush();
    const later = createDrafts(storage);
    expect([later.get('a'), later.get(null), later.get('b')]).toEqual(['one', 'two', '']);
  });

  it('removes an empty draft', () => {
    const storage = memoryStorage();
    const drafts = createDrafts(storage);
    drafts.set('a', 'one');
    drafts.flush();
    drafts.set('a', '');
    drafts.flush();
    expect(storage.items.size).toBe(0);
  });

  it('tells listeners at once and stores a little later', async () => {
    const storage = memoryStorage();
    const drafts = createDrafts(storage, 5);
    const seen: string[] = [];
    const leave = drafts.subscribe(() => seen.push(drafts.get('a')));
    drafts.set('a', 'x');
    expect(seen).toEqual(['x']);
    await expect.poll(() => storage.items.size).toBe(1);
    leave();
    drafts.set('a', 'xy');
    expect(seen).toEqual(['x']);
  });

  it('works without a storage and with a full one', () => {
    const full = {
      ...memoryStorage(),
      setItem: () => {
        throw new Error('quota');
      },
    };
    for (const drafts of [createDrafts(null), createDrafts(full)]) {
      drafts.set('a', 'kept');
      drafts.flush();
      expect(drafts.get('a')).toBe('kept');
    }
  });
});
