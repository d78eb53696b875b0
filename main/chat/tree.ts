/** The tree of a chat's messages: adds messages, selects branches, and collects the conversation for a model. */
import { randomUUID } from 'node:crypto';
import type { FreshChat, Message, Sampling } from '../../preload/contract/chat.ts';
import type { Writer } from '../../preload/contract/chat-tree.ts';
import { endsInEdit } from '../../preload/contract/continuing.ts';
import { hasContent, type UserPart } from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { setTitleBy, titleBy } from '../store/chat-order.ts';
import { putChat, type ChatRow } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import { getMessage, newestLeaf, pathTo, putMessage } from '../store/messages.ts';
import { transaction, type Store } from '../store/store.ts';
import { titleOfChat } from './title.ts';

export interface TreeOptions {
  readonly store: Store;
  readonly files: Pick<Files, 'sizeOf'>;
  readonly now: () => number;
  /** The model of a chat's next reply. */
  readonly modelOf: (chat: Pick<ChatRow, 'modelId'>) => string;
  /** The sampling that is in force in a chat. `again`: for another version of a reply. */
  readonly samplingOf: (chat: ChatRow, modelId: string, again: boolean) => Sampling;
  /** The persona that a chat's next reply is written as; null for none. */
  readonly personaOf: (chat: ChatRow) => NonNullable<Message['persona']> | null;
  /** The present form of a message, which may be newer than its row. */
  readonly current: (message: Message) => Message;
}

export interface ChatTree {
  /** Makes a chat without storing it. */
  newChat(fresh: FreshChat): ChatRow;
  /** Makes a message of the user without storing it. @throws AppError `invalid_input` for a file that is not stored. */
  newQuestion(chat: ChatRow, parentId: string | null, parts: readonly UserPart[], id?: string): Message;
  /** Makes an empty reply without storing it. `writer`: in place of the chat's own model and sampling. */
  newReply(
    chat: ChatRow,
    parentId: string | null,
    options?: { readonly again?: boolean; readonly writer?: Writer | undefined; readonly comparison?: string },
  ): Message;
  /** Makes a version of a reply with the user's text, without storing it. */
  editedReply(chat: ChatRow, old: Message, text: string, id?: string): Message;
  /** The cut reply as it is before it goes on, without storing it: itself, or a sibling where another model goes on, a message follows, or it ends in an edit. */
  continued(chat: ChatRow, old: Message): Message;
  /** The parent of a new message in the chat; default: the shown leaf. @throws AppError `not_found`, `invalid_input` for a message of another chat. */
  parentIn(chat: ChatRow, parentId: string | null | undefined): string | null;
  /** Stores messages and the chat, whose leaf becomes the last message. Gives a chat without a title one. */
  add(chat: ChatRow, messages: readonly Message[]): ChatRow;
  /** Whether the chat's title was made of this beginning, by its first words or by a model. One that the user gave stays. */
  isNamedAfter(chat: ChatRow, first: Message): boolean;
  /** Shows the branch of a message, down to its newest leaf. */
  select(chat: ChatRow, messageId: string): void;
  /** The messages down to this one that have content for a model. */
  conversation(leafId: string | null): Message[];
}

/** A new chat, which is not stored. */
export function newChatRow(fresh: FreshChat, at: number): ChatRow {
  return {
    ...fresh,
    personaId: fresh.personaId ?? null,
    contextPolicy: fresh.contextPolicy ?? 'roll',
    id: randomUUID(),
    title: '',
    pinned: false,
    leafId: null,
    createdAt: at,
    updatedAt: at,
  };
}

/** The tree over a store. */
export function createChatTree({ store, files, now, modelOf, samplingOf, personaOf, current }: TreeOptions): ChatTree {
  function newMessage(
    chat: ChatRow,
    parentId: string | null,
    given: Pick<Message, 'role' | 'parts' | 'status'> & Partial<Message>,
  ): Message {
    return {
      id: randomUUID(),
      chatId: chat.id,
      parentId,
      error: null,
      modelId: null,
      modelName: null,
      sampling: null,
      timing: null,
      createdAt: now(),
      ...given,
    };
  }

  /** The part with the file's real size in place of the sender's. */
  function withStoredFile(part: UserPart): UserPart {
    if (part.type === 'text') return part;
    const sizeBytes = files.sizeOf(part.file.sha256);
    if (sizeBytes === null)
      throw new AppError('invalid_input', `${part.file.name} is not stored here.`, { field: 'parts' });
    return { ...part, file: { ...part.file, sizeBytes } };
  }

  return {
    newChat: (fresh) => newChatRow(fresh, now()),

    newQuestion: (chat, parentId, parts, id = randomUUID()) =>
      newMessage(chat, parentId, { id, role: 'user', parts: parts.map(withStoredFile), status: 'complete' }),

    newReply(chat, parentId, { again = false, writer, comparison } = {}) {
      const modelId = writer?.modelId ?? modelOf(chat);
      const sampling = writer?.sampling ?? samplingOf(chat, modelId, again);
      const persona = personaOf(chat);
      return newMessage(chat, parentId, {
        ...{ role: 'assistant', parts: [], status: 'pending', modelId, sampling },
        ...(comparison !== undefined && { comparison }),
        ...(persona && { persona }),
      });
    },

    editedReply(chat, { parentId, modelId, modelName, sampling, persona }, text, id = randomUUID()) {
      const parts = [{ type: 'text', text }] as const;
      const kept = { modelId, modelName, sampling, ...(persona && { persona }) };
      return newMessage(chat, parentId, { id, role: 'assistant', parts, status: 'complete', ...kept, edited: true });
    },

    continued(chat, old) {
      const status = 'pending';
      // The model writes white space at a border itself: a prompt that ends in it is unlike what models were trained on.
      const parts = old.parts.map((part, index) =>
        index === old.parts.length - 1 && part.type === 'text' ? { ...part, text: part.text.trimEnd() } : part,
      );
      const modelId = modelOf(chat);
      const present = samplingOf(chat, modelId, false);
      // A grammar describes a whole reply.
      const sampling = present.grammar === undefined ? present : old.sampling;
      if (modelId === old.modelId && newestLeaf(store, old.id) === old.id && !endsInEdit(old))
        return { ...old, parts, status, sampling, error: null };
      const { role, timing, edited, persona } = old;
      return newMessage(chat, old.parentId, {
        ...{ role, parts, status, modelId, timing, sampling },
        ...(edited && { edited }),
        ...(persona && { persona }),
      });
    },

    parentIn(chat, parentId) {
      const parent = parentId === undefined ? chat.leafId : parentId;
      if (parent !== null && getMessage(store, parent).chatId !== chat.id)
        throw new AppError('invalid_input', 'That message belongs to another chat.', {
          reason: 'other_chat',
          field: 'parentId',
        });
      return parent;
    },

    add(chat, messages) {
      const [first] = messages;
      const added: ChatRow = {
        ...chat,
        title: chat.title === '' && first ? titleOfChat(first) : chat.title,
        leafId: messages.at(-1)?.id ?? chat.leafId,
        updatedAt: now(),
      };
      transaction(store, () => {
        putChat(store, added);
        if (added.title !== chat.title) setTitleBy(store, chat.id, 'words');
        for (const message of messages) putMessage(store, message);
      });
      return added;
    },

    isNamedAfter(chat, first) {
      const by = titleBy(store, chat.id);
      return first.parentId === null && (by === 'unknown' ? chat.title === titleOfChat(first) : by !== 'user');
    },

    select(chat, messageId) {
      transaction(store, () => putChat(store, { ...chat, leafId: newestLeaf(store, messageId) }));
    },

    conversation: (leafId) => (leafId === null ? [] : pathTo(store, leafId).map(current).filter(hasContent)),
  };
}
