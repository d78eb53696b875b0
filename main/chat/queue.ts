/** Messages that wait for the end of a reply, and are sent one after another. They are stored, and so survive a restart. */
import type { Message, QueuedMessage } from '../../preload/contract/chat.ts';
import { MOST_QUEUED } from '../../preload/contract/chat-queue.ts';
import type { UserPart } from '../../preload/contract/message-parts.ts';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { getChat, type ChatRow } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import { getMessage, hasMessage, isCompared } from '../store/messages.ts';
import { deleteQueued, findQueued, listQueued, putQueued, type QueuedRow } from '../store/queued-messages.ts';
import { transaction, type Store } from '../store/store.ts';
import type { Replies } from './replies.ts';
import type { RunningTurns } from './running-turns.ts';

export interface QueueOptions {
  readonly store: Store;
  readonly files: Pick<Files, 'settle'>;
  readonly turns: RunningTurns;
  readonly replies: () => Replies;
  readonly publish: (chatId: string, queued: readonly QueuedMessage[]) => void;
  readonly now: () => number;
}

export interface EnqueuedMessage {
  readonly chatId: string;
  readonly messageId: string;
  readonly parts: readonly UserPart[];
  readonly holds?: readonly string[] | undefined;
  readonly waits?: boolean | undefined;
}

/** See the routes of the same names. */
export interface MessageQueue {
  enqueue(message: EnqueuedMessage): null;
  takeQueued(messageId: string): QueuedMessage;
  sendQueued(messageId: string): Promise<null>;
  /** The messages that wait in a chat. */
  list(chatId: string): readonly QueuedMessage[];
  /** Sends the next message of a chat, if nothing is being written in it. Never throws. */
  sendNext(chatId: string): void;
}

/** Whether a reply ended so that the next message can follow it: nobody stopped it, and nothing cut it. */
export function endedWell({ status, error, timing }: Pick<Message, 'status' | 'error' | 'timing'>): boolean {
  return status === 'complete' && error === null && timing?.endReason !== 'context_full';
}

const facts = ({ id, parts, createdAt }: QueuedRow): QueuedMessage => ({ id, parts, createdAt });

/** Queues over a store. */
export function createQueue({ store, files, turns, replies, publish, now }: QueueOptions): MessageQueue {
  const list = (chatId: string): readonly QueuedMessage[] => listQueued(store, chatId).map(facts);
  const publishQueue = (chatId: string): void => publish(chatId, list(chatId));

  function find(messageId: string): QueuedRow {
    const queued = findQueued(store, messageId);
    if (queued === null) throw new AppError('not_found', 'This message no longer waits.', { reason: 'not_queued' });
    return queued;
  }

  /** In one transaction, so that a message is in the queue or in the chat, and never in both or in none. */
  function send(chat: ChatRow, { id, parts }: QueuedRow): void {
    transaction(store, () => {
      deleteQueued(store, id);
      replies().ask(chat, chat.leafId, parts, id);
    });
    publishQueue(chat.id);
  }

  /** Nobody knows which of two compared replies a message follows. */
  const isOpen = ({ id, leafId }: ChatRow): boolean =>
    !turns.isBusy(id) && (leafId === null || !isCompared(store, getMessage(store, leafId)));

  function sendNext(chatId: string): void {
    try {
      const chat = getChat(store, chatId);
      const next = listQueued(store, chatId)[0];
      if (next && isOpen(chat)) send(chat, next);
    } catch (error) {
      // The chat was deleted, or the disk is full: the message stays in the queue.
      if (!isAppError(error)) throw error;
    }
  }

  return {
    list,
    sendNext,
    enqueue({ chatId, messageId, parts, holds = [], waits = false }) {
      if (findQueued(store, messageId) !== null || hasMessage(store, messageId)) return null;
      const chat = getChat(store, chatId);
      const before = listQueued(store, chatId);
      if (before.length >= MOST_QUEUED)
        throw new AppError('invalid_input', 'Too many messages wait already.', {
          reason: 'queue_full',
          field: 'parts',
        });
      const queued = { id: messageId, chatId, parts, createdAt: now() };
      transaction(store, () => putQueued(store, queued));
      files.settle(holds);
      if (!waits && before.length === 0 && isOpen(chat)) send(chat, queued);
      else publishQueue(chatId);
      return null;
    },
    takeQueued(messageId) {
      const queued = find(messageId);
      transaction(store, () => deleteQueued(store, messageId));
      publishQueue(queued.chatId);
      return facts(queued);
    },
    async sendQueued(messageId) {
      const { chatId } = find(messageId);
      await turns.stop(chatId);
      // The end of the reply, or another window, may have sent it.
      const queued = findQueued(store, messageId);
      if (queued === null) return null;
      turns.refuseIfBusy(chatId);
      send(getChat(store, chatId), queued);
      return null;
    },
  };
}
