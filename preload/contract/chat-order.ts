/** The order of the list of chats: folders, tags, the archive, and acts on many chats at once. */
import { z } from 'zod';
import { call } from '../wire/rpc.ts';
import { MOST_TAGS } from './chat-limits.ts';

/** A folder of chats. A chat is in one folder or in none. */
export interface ChatFolder {
  readonly id: string;
  readonly name: string;
}

const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'expected an id');
/** A name as it is stored: without spaces around it, and without characters that show nothing. */
const name = (most: number) =>
  z
    .string()
    .max(most * 4)
    .transform((text) => text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim())
    .pipe(z.string().min(1).max(most));
const folderNameSchema = name(60);
export const tagSchema = name(40);
const tags = z.array(tagSchema).max(MOST_TAGS);
/** As many chats as a list may have. */
const chatIds = z.array(id).min(1).max(20_000);
const folderInput = z.strictObject({ folderId: id });

export const chatOrderRoutes = {
  /** Throws invalid_input for one folder too many. */
  'chat.createFolder': call(z.strictObject({ name: folderNameSchema })).returns<{ folderId: string }>(),
  /** Throws not_found. */
  'chat.renameFolder': call(z.strictObject({ folderId: id, name: folderNameSchema })).returns<null>(),
  /** Hides the folder at once and deletes it after `undoMs`, unless undone. Its chats stay, without a folder. Throws not_found. */
  'chat.deleteFolder': call(folderInput).returns<{ undoMs: number }>(),
  'chat.undoDeleteFolder': call(folderInput).returns<{ restored: boolean }>(),
  /**
   * Changes what is given of all these chats, or of none. Chats that are gone are left out. Throws not_found (the folder), invalid_input
   * (too many tags on one chat), disk.full.
   */
  'chat.arrange': call(
    z.strictObject({
      chatIds,
      /** Null: in no folder. */
      folderId: id.nullable().optional(),
      pinned: z.boolean().optional(),
      archived: z.boolean().optional(),
      addTags: tags.optional(),
      removeTags: tags.optional(),
    }),
  ).returns<{ undoId: string; undoMs: number; count: number }>(),
  /** Takes back an `arrange`: of the chats that are still there, what it changed. */
  'chat.undoArrange': call(z.strictObject({ undoId: z.uuid() })).returns<{ restored: boolean }>(),
  /** `chat.delete` of many chats, with one time for their undo. */
  'chat.deleteMany': call(z.strictObject({ chatIds })).returns<{ undoMs: number; count: number }>(),
  'chat.undoDeleteMany': call(z.strictObject({ chatIds })).returns<{ restored: number }>(),
  /** A copy of the chat with all branches, below `title`. Throws not_found, busy (a reply is being written), disk.full. */
  'chat.duplicate': call(z.strictObject({ chatId: id, title: z.string().min(1).max(250) })).returns<{
    chatId: string;
  }>(),
};
