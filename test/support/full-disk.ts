/** A full disk, as SQLite meets it: a limit on the database's pages, with every page full. */
import type { Store } from '../../main/store/store.ts';

/** Leaves no space for one more row. Returns a function that frees space again. */
export function fillDisk(store: Store): () => void {
  store.pragma(`max_page_count = ${String(store.pragma('page_count', { simple: true }))}`);
  const filler = store.prepare(
    "INSERT INTO settings (key, value) VALUES ('fill-' || ? || '-' || ?, hex(randomblob(?)))",
  );
  // Smaller and smaller, until not even the smallest row fits.
  for (const bytes of [2000, 200, 20, 1])
    try {
      for (let index = 0; ; index++) filler.run(bytes, index, bytes);
    } catch {
      // Full for rows of this size.
    }
  return () => {
    store.pragma('max_page_count = 1000000');
    store.prepare("DELETE FROM settings WHERE key LIKE 'fill-%'").run();
  };
}
