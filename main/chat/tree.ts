/** The tree of a chat's messages: what is added to it where, and what a model is told of it. */
import { randomUUID } from 'node:crypto';
import type { FreshChat, Message, Sampling } from '../../preload/contract/chat.ts';
import { textOf, type UserPart } from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { putChat, type ChatRow } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import { getMessage, newestLeaf, pathTo, putMessage } from '../store/messages.ts';
import { transaction, type Store } from '../store/store.ts';
import { hasContent } from './prompt-messages.ts';
import { titleFrom } from './title.ts';

export interface TreeOptions {
  readonly store: Store;
  readonly files: Pick<Files, 'sizeOf' | 'settle'>;
  readonly now: () => number;
  /** The model that a chat's next reply is written by. */
  readonly modelOf: (chat: Pick<ChatRow, 'modelId'>) => string;
  /** Of chats without their own. `again`: another version of a reply is wanted. */
  readonly defaultSampling: (modelId: string, again: boolean) => Sampling;
  /** A message as it is now, where it is ahead of what is stored. */
  readonly current: (message: Message) => Message;
}

export interface ChatTree {
  /** A chat that is not stored yet. */
  newChat(fresh: FreshChat): ChatRow;
  /** A message of the user, not stored yet. @throws AppError `invalid_input` for a file that is not stored. */
  newQuestion(chat: ChatRow, parentId: string | null, parts: readonly UserPart[]): Message;
  /** A reply that is still to be written, not stored yet. */
  newReply(chat: ChatRow, parentId: string | null, again?: boolean): Message;
  /** Where a message of the chat is to hang. @throws AppError `not_found`, `invalid_input` for a message of another chat. */
  parentIn(chat: ChatRow, parentId: string | null | undefined): string | null;
  /** Stores messages, the last of which is the leaf from now on, and the chat with them. Names a chat that has no name. */
  add(chat: ChatRow, messages: readonly Message[]): ChatRow;
  /** Shows the branch of a message, down to its newest leaf. */
  select(chat: ChatRow, messageId: string): void;
  /** The messages down to this one that have something to say to a model. */
  conversation(leafId: string | null): Message[];
}

/** The tree over a store. */
export function createChatTree({ store, files, now, modelOf, defaultSampling, current }: TreeOptions): ChatTree {
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

  /** The size of a file is the disk's word, not the sender's. */
  function withStoredFile(part: UserPart): UserPart {
    if (part.type === 'text') return part;
    const sizeBytes = files.sizeOf(part.file.sha256);
    if (sizeBytes === null)
      throw new AppError('invalid_input', `${part.file.name} is not stored here.`, { field: 'parts' });
    return { ...part, file: { ...part.file, sizeBytes } };
  }

  return {
    newChat(fresh) {
      const at = now();
      return {
        ...fresh,
        contextPolicy: fresh.contextPolicy ?? 'roll',
        id: randomUUID(),
        title: '',
        pinned: false,
        leafId: null,
        createdAt: at,
        updatedAt: at,
      };
    },

    newQuestion: (chat, parentId, parts) =>
      newMessage(chat, parentId, { role: 'user', parts: parts.map(withStoredFile), status: 'complete' }),

    newReply(chat, parentId, again = false) {
      const modelId = modelOf(chat);
      const sampling = chat.sampling ?? defaultSampling(modelId, again);
      return newMessage(chat, parentId, { role: 'assistant', parts: [], status: 'pending', modelId, sampling });
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
        title: chat.title === '' && first ? titleFrom(textOf(first)) : chat.title,
        leafId: messages.at(-1)?.id ?? chat.leafId,
        updatedAt: now(),
      };
      transaction(store, () => {
        putChat(store, added);
        for (const message of messages) putMessage(store, message);
      });
      for (const { parts } of messages)
        files.settle(parts.flatMap((part) => ('file' in part ? [part.file.sha256] : [])));
      return added;
    },

    select(chat, messageId) {
      transaction(store, () => putChat(store, { ...chat, leafId: newestLeaf(store, messageId) }));
    },

    conversation: (leafId) => (leafId === null ? [] : pathTo(store, leafId).map(current).filter(hasContent)),
  };
}
