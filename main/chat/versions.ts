/** New versions of messages: edited, written again, written by two models side by side, written on; and copies in another chat. */
import { randomUUID } from 'node:crypto';
import type { Message } from '../../preload/contract/chat.ts';
import type { Writer } from '../../preload/contract/chat-tree.ts';
import { canContinue } from '../../preload/contract/continuing.ts';
import type { UserPart } from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { getChat, type ChatRow } from '../store/chats.ts';
import { endComparison, findQuestion, getMessage, hasMessage, pathTo } from '../store/messages.ts';
import { transaction, type Store } from '../store/store.ts';
import { branchOf } from './branch.ts';
import type { ChatFeeds } from './feeds.ts';
import type { Replies } from './replies.ts';
import type { RunningTurns } from './running-turns.ts';
import type { ChatTree } from './tree.ts';

export interface VersionsOptions {
  readonly store: Store;
  readonly tree: ChatTree;
  readonly turns: RunningTurns;
  readonly replies: Replies;
  readonly feeds: ChatFeeds;
  /** The present form of a message, which may be newer than its row. */
  readonly current: (message: Message) => Message;
  readonly publishChat: (chatId: string) => unknown;
  /** A reply of a comparison was kept, so that messages can follow it. */
  readonly onKept: (chatId: string) => void;
  readonly now: () => number;
}

/** See the routes of the same names. */
export interface Versions {
  regenerate(messageId: string, writer?: Writer): { replyId: string };
  compare(messageId: string, writers: readonly [Writer, Writer]): { replyIds: readonly [string, string] };
  keep(messageId: string): Promise<null>;
  editReply(messageId: string, text: string, versionId?: string): { messageId: string };
  /** Goes on with a reply that was cut. @throws AppError `not_found`, `busy`, `invalid_input`. */
  continue(messageId: string): { replyId: string };
  /** `editId`: the id of the new message; a second edit with it adds nothing and returns the ids of the first. */
  edit(
    messageId: string,
    parts: readonly UserPart[],
    editId?: string,
    holds?: readonly string[],
  ): { messageId: string; replyId: string };
  branch(messageId: string, title: string): { chatId: string };
}

/** A message and its chat, if no reply is being written in it. @throws AppError `not_found`, `busy`. */
function idleMessage(store: Store, turns: RunningTurns, messageId: string): { old: Message; chat: ChatRow } {
  const old = getMessage(store, messageId);
  const chat = getChat(store, old.chatId);
  turns.refuseIfBusy(chat.id);
  return { old, chat };
}

/** @throws AppError `invalid_input` for a message that is no reply. */
function refuseOtherThanReply({ role }: Pick<Message, 'role'>, otherwise: string): void {
  if (role !== 'assistant')
    throw new AppError('invalid_input', otherwise, { reason: 'not_a_reply', field: 'messageId' });
}

/** Versions over a store and replies. */
export function createVersions(options: VersionsOptions): Versions {
  const { store, tree, turns, replies, feeds, current, publishChat, now } = options;

  /** The message that a new version answers. */
  function answered(old: Message): string | null {
    if (old.role === 'user') return old.id;
    refuseOtherThanReply(old, 'Only a reply can be written again.');
    return old.parentId;
  }

  return {
    regenerate(messageId, writer) {
      const { old, chat } = idleMessage(store, turns, messageId);
      const reply = tree.newReply(chat, answered(old), { again: old.role === 'assistant', writer });
      // After a failure of the model's own template the plain form is used.
      replies.begin(chat, [], reply, writer === undefined && old.error?.code === 'template.invalid');
      return { replyId: reply.id };
    },

    compare(messageId, writers) {
      const { old, chat } = idleMessage(store, turns, messageId);
      const parentId = answered(old);
      const comparison = randomUUID();
      const [first, second] = writers.map((writer) =>
        tree.newReply(chat, parentId, { again: true, writer, comparison }),
      );
      if (!first || !second) throw new AppError('internal', 'A comparison has two replies.');
      replies.beginBeside(chat, [first, second]);
      return { replyIds: [first.id, second.id] };
    },

    async keep(messageId) {
      const { chatId, comparison } = getMessage(store, messageId);
      if (comparison === undefined) return null;
      const ended = transaction(store, () => {
        tree.select(getChat(store, chatId), messageId);
        return endComparison(store, comparison);
      });
      await Promise.all(ended.filter((id) => id !== messageId).map((id) => turns.stop(chatId, id)));
      for (const id of ended) feeds.publish(chatId, { type: 'message', message: current(getMessage(store, id)) });
      publishChat(chatId);
      options.onKept(chatId);
      return null;
    },

    editReply(messageId, text, versionId) {
      if (versionId !== undefined && hasMessage(store, versionId)) return { messageId: versionId };
      const { old, chat } = idleMessage(store, turns, messageId);
      refuseOtherThanReply(old, 'Only a reply can be changed in this way.');
      if (old.parts.some(({ type }) => type === 'tool_call'))
        throw new AppError('invalid_input', 'A reply that calls tools cannot be edited.', {
          reason: 'calls_tools',
          field: 'messageId',
        });
      const version = tree.editedReply(chat, current(old), text, versionId);
      tree.add(chat, [version]);
      feeds.publish(chat.id, { type: 'message', message: version });
      publishChat(chat.id);
      return { messageId: version.id };
    },

    continue(messageId) {
      const { old: stored, chat } = idleMessage(store, turns, messageId);
      refuseOtherThanReply(stored, 'Only a reply can be continued.');
      const old = current(stored);
      if (!canContinue(old))
        throw new AppError('invalid_input', 'This reply was not cut, or it cannot be continued.', {
          reason: 'not_cut',
          field: 'messageId',
        });
      const reply = tree.continued(chat, old);
      replies.begin(chat, [], reply);
      return { replyId: reply.id };
    },

    edit(messageId, parts, editId, holds) {
      const first = editId === undefined ? null : findQuestion(store, editId);
      if (first !== null) return { messageId: first.messageId, replyId: first.replyId };
      const { old, chat } = idleMessage(store, turns, messageId);
      if (old.role !== 'user')
        throw new AppError('invalid_input', 'Only your own messages can be edited.', {
          reason: 'not_own_message',
          field: 'messageId',
        });
      const renamed = tree.isNamedAfter(chat, old) ? { ...chat, title: '' } : chat;
      return replies.ask(renamed, old.parentId, parts, editId, holds);
    },

    branch(messageId, title) {
      const chat = getChat(store, getMessage(store, messageId).chatId);
      const branch = branchOf(chat, pathTo(store, messageId).map(current), title, now());
      tree.add(branch.chat, branch.messages);
      publishChat(branch.chat.id);
      return { chatId: branch.chat.id };
    },
  };
}
