/** The order of the list: folders, tags, the archive, and acts on many chats at once, each with an undo. */
import { randomUUID } from 'node:crypto';
import { MOST_FOLDERS, MOST_TAGS } from '../../preload/contract/chat-limits.ts';
import type { chatOrderRoutes } from '../../preload/contract/chat-order.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { InputOf } from '../../preload/wire/rpc.ts';
import {
  addFolder,
  chatsIn,
  listedChat,
  listFolders,
  listTags,
  markFolderDeleted,
  placeChat,
  purgeFolders,
  renameFolder,
  type ChatPlace,
  type ListedChat,
} from '../store/chat-order.ts';
import { copyChat } from '../store/chat-copy.ts';
import { getChat, isShown } from '../store/chats.ts';
import { isPassing } from '../store/store-error.ts';
import { transaction, type Store } from '../store/store.ts';
import type { Deletions } from './deletions.ts';
import type { ChatFeeds } from './feeds.ts';
import type { RunningTurns } from './running-turns.ts';

export type Arrangement = InputOf<typeof chatOrderRoutes, 'chat.arrange'>;

export interface ChatOrder {
  /** @throws AppError `invalid_input` for one folder too many, `disk.full`. */
  createFolder(name: string): { folderId: string };
  /** @throws AppError `not_found`, `disk.full`. */
  renameFolder(folderId: string, name: string): null;
  /** @throws AppError `not_found`, `disk.full`. */
  deleteFolder(folderId: string): { undoMs: number };
  undoDeleteFolder(folderId: string): { restored: boolean };
  /** @throws AppError `not_found` (the folder), `invalid_input` (too many tags), `disk.full`. */
  arrange(arrangement: Arrangement): { undoId: string; undoMs: number; count: number };
  undoArrange(undoId: string): { restored: boolean };
  /** @throws AppError `disk.full`. */
  deleteMany(chatIds: readonly string[]): Promise<{ undoMs: number; count: number }>;
  undoDeleteMany(chatIds: readonly string[]): { restored: number };
  /** @throws AppError `not_found`, `busy`, `disk.full`. */
  duplicate(chatId: string, title: string): { chatId: string };
  /** Ends all undo times. */
  close(): void;
}

export interface ChatOrderOptions {
  readonly store: Store;
  readonly feeds: Pick<ChatFeeds, 'publish' | 'publishToList'>;
  readonly deletions: Pick<Deletions, 'delete' | 'undo'>;
  readonly turns: Pick<RunningTurns, 'stop' | 'refuseIfBusy'>;
  /** Publishes the present state of chats, to those who show one of them and to the list. */
  readonly publishChats: (chatIds: readonly string[]) => void;
  readonly undoMs: number;
  readonly now: () => number;
  /** Gets the error of a folder's purge, except for a full or locked disk. */
  readonly onDefect: (error: unknown) => void;
}

/** A place as it was, or becomes. */
type Placed = Partial<ChatPlace> & { readonly pinned?: boolean };

/** The order over a store. Folders that an earlier process hid are deleted for good. */
export function createChatOrder(options: ChatOrderOptions): ChatOrder {
  const { store, feeds, deletions, turns, publishChats, undoMs, now } = options;
  const folderTimers = new Map<string, NodeJS.Timeout>();
  /** What arrangements changed, by the id of their undo. */
  const arranged = new Map<string, ReadonlyMap<string, { readonly before: Placed; readonly after: Placed }>>();
  purgeIfPossible();

  /** When the disk refuses, the next start purges them. Never throws, because a timer calls it. */
  function purgeIfPossible(folderId?: string): void {
    try {
      transaction(store, () => purgeFolders(store, folderId));
    } catch (error) {
      if (!isPassing(error)) options.onDefect(error);
    }
  }

  const publishFolders = (): void => feeds.publishToList({ type: 'folders', folders: listFolders(store) });
  const noFolder = (): AppError => new AppError('not_found', 'This folder is no longer here.');

  /** The chats change by their folder: what is shown of them is another. */
  function showFolderChats(folderId: string, change: () => boolean): boolean {
    const changed = transaction(store, change);
    if (!changed) return false;
    publishFolders();
    publishChats(chatsIn(store, folderId));
    return true;
  }

  function endFolder(folderId: string): void {
    clearTimeout(folderTimers.get(folderId));
    folderTimers.delete(folderId);
    purgeIfPossible(folderId);
  }

  function keepUndo(changes: ReadonlyMap<string, { readonly before: Placed; readonly after: Placed }>): string {
    const undoId = randomUUID();
    arranged.set(undoId, changes);
    setTimeout(() => arranged.delete(undoId), undoMs).unref();
    return undoId;
  }

  return {
    createFolder(name) {
      if (listFolders(store).length >= MOST_FOLDERS)
        throw new AppError('invalid_input', `There can be ${MOST_FOLDERS} folders of chats.`, {
          ...{ reason: 'too_many_folders', field: 'name', most: MOST_FOLDERS },
        });
      const folderId = transaction(store, () => addFolder(store, name, now()));
      publishFolders();
      return { folderId };
    },
    renameFolder(folderId, name) {
      if (!transaction(store, () => renameFolder(store, folderId, name))) throw noFolder();
      publishFolders();
      return null;
    },
    deleteFolder(folderId) {
      if (!showFolderChats(folderId, () => markFolderDeleted(store, folderId, now()))) throw noFolder();
      const timer = setTimeout(() => endFolder(folderId), undoMs);
      timer.unref();
      folderTimers.set(folderId, timer);
      return { undoMs };
    },
    undoDeleteFolder(folderId) {
      if (!folderTimers.has(folderId)) return { restored: false };
      const restored = showFolderChats(folderId, () => markFolderDeleted(store, folderId, null));
      clearTimeout(folderTimers.get(folderId));
      folderTimers.delete(folderId);
      return { restored };
    },

    arrange({ chatIds, ...wanted }) {
      const { folderId } = wanted;
      if (typeof folderId === 'string' && !listFolders(store).some(({ id }) => id === folderId)) throw noFolder();
      const spelling = new Map(listTags(store).map((tag) => [tag.toLowerCase(), tag]));
      const changes = transaction(store, () => {
        const made = new Map<string, { before: Placed; after: Placed }>();
        for (const chatId of new Set(chatIds)) {
          const chat = listedChat(store, chatId);
          const change = chat && changeOf(chat, wanted, spelling);
          if (!change) continue;
          placeChat(store, chatId, change.after);
          made.set(chatId, change);
        }
        return made;
      });
      publishChats([...changes.keys()]);
      return { undoId: keepUndo(changes), undoMs, count: changes.size };
    },
    undoArrange(undoId) {
      const changes = arranged.get(undoId);
      if (!changes) return { restored: false };
      const folders = new Set(listFolders(store).map(({ id }) => id));
      const here = [...changes].filter(([chatId]) => isShown(store, chatId));
      transaction(store, () => {
        for (const [chatId, { before }] of here) {
          const { folderId } = before;
          const isGone = typeof folderId === 'string' && !folders.has(folderId);
          placeChat(store, chatId, isGone ? { ...before, folderId: null } : before);
        }
      });
      arranged.delete(undoId);
      publishChats(here.map(([chatId]) => chatId));
      return { restored: true };
    },

    async deleteMany(chatIds) {
      const shown = [...new Set(chatIds)].filter((chatId) => isShown(store, chatId));
      await Promise.all(shown.map((chatId) => turns.stop(chatId)));
      deletions.delete(...shown);
      feeds.publishToList({ type: 'many', chats: [], removed: shown });
      for (const chatId of shown) feeds.publish(chatId, { type: 'removed' });
      return { undoMs, count: shown.length };
    },
    undoDeleteMany(chatIds) {
      publishChats(deletions.undo(...new Set(chatIds)));
      // A caller who missed the first answer asks again: the chats are back already.
      return { restored: chatIds.filter((chatId) => isShown(store, chatId)).length };
    },

    duplicate(chatId, title) {
      getChat(store, chatId);
      turns.refuseIfBusy(chatId);
      const copyId = transaction(store, () => copyChat(store, chatId, title, now()));
      publishChats([copyId]);
      return { chatId: copyId };
    },

    close() {
      for (const folderId of [...folderTimers.keys()]) endFolder(folderId);
    },
  };
}

/** What becomes of a chat; undefined where it is so already. Tags keep the spelling (`spelling`, by small letters) that they have elsewhere. */
function changeOf(
  chat: ListedChat,
  { folderId, pinned, archived, addTags = [], removeTags = [] }: Omit<Arrangement, 'chatIds'>,
  spelling: ReadonlyMap<string, string>,
): { before: Placed; after: Placed } | undefined {
  const removed = new Set(removeTags.map((tag) => tag.toLowerCase()));
  const tags = new Map(chat.tags.map((tag) => [tag.toLowerCase(), tag]));
  for (const tag of removed) tags.delete(tag);
  for (const tag of addTags)
    if (!tags.has(tag.toLowerCase())) tags.set(tag.toLowerCase(), spelling.get(tag.toLowerCase()) ?? tag);
  if (tags.size > MOST_TAGS)
    throw new AppError('invalid_input', `A chat can have ${MOST_TAGS} tags.`, {
      ...{ reason: 'too_many_tags', field: 'addTags', most: MOST_TAGS, name: chat.title },
    });
  const newTags = [...tags.values()].sort();
  const isTagged = newTags.length !== chat.tags.length || newTags.some((tag) => !chat.tags.includes(tag));
  const before: Placed = {
    ...(folderId !== undefined && folderId !== chat.folderId && { folderId: chat.folderId }),
    ...(pinned !== undefined && pinned !== chat.pinned && { pinned: chat.pinned }),
    ...(archived !== undefined && archived !== chat.archived && { archived: chat.archived }),
    ...(isTagged && { tags: chat.tags }),
  };
  if (Object.keys(before).length === 0) return undefined;
  return {
    before,
    after: {
      ...(folderId !== undefined && { folderId }),
      ...(pinned !== undefined && { pinned }),
      ...(archived !== undefined && { archived }),
      ...(isTagged && { tags: newTags }),
    },
  };
}
