/** Chats for measurements, written straight into the database of a data folder before the app starts. */
import path from 'node:path';
import { transaction, type Store } from '../../main/store/store.ts';
import { inStore } from './generated-chats.ts';

export interface SeededChat {
  readonly id: string;
  readonly title: string;
  /** One text for each message; questions and replies take turns. */
  readonly texts: readonly string[];
}

/** Writes chats into `folder`/data, the first one as the newest. */
export function seedChats(folder: string, chats: readonly SeededChat[]): void {
  inStore(path.join(folder, 'data'), (store) => {
    transaction(store, () => {
      for (const [at, chat] of chats.entries()) writeChat(store, chat, Date.now() - (at + 1) * 60_000);
    });
  });
}

function writeChat(store: Store, { id, title, texts }: SeededChat, at: number): void {
  const idOf = (index: number): string | null => (index < 0 ? null : `${id}-${index}`);
  store
    .prepare('INSERT INTO chats (id, title, leaf_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?)')
    .run(id, title, idOf(texts.length - 1), at, at);
  const message = store.prepare(
    'INSERT INTO messages (id, chat_id, parent_id, role, status, created_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const part = store.prepare('INSERT INTO message_parts (message_seq, position, type, text) VALUES (?, 0, ?, ?)');
  for (const [index, text] of texts.entries()) {
    const role = index % 2 === 0 ? 'user' : 'assistant';
    const { lastInsertRowid } = message.run(idOf(index), id, idOf(index - 1), role, 'complete', at);
    part.run(lastInsertRowid, 'text', text);
  }
}
