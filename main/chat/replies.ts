/** Starts the replies of chats, publishes them while they are written, and keeps their results. */
import type { Chat, Message } from '../../preload/contract/chat.ts';
import { isBlank, type UserPart } from '../../preload/contract/message-parts.ts';
import { isAppError, type ErrorBody } from '../../preload/wire/errors.ts';
import type { Inference } from '../inference/inference.ts';
import type { ChatRow } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import type { ChatFeeds } from './feeds.ts';
import type { KeptTokens } from './kept-tokens.ts';
import type { RunningTurns } from './running-turns.ts';
import type { Memory } from './memory/memory.ts';
import type { ChatStates } from './states.ts';
import type { ChatTree } from './tree.ts';
import { runTurn, type TurnOutcome } from './turn.ts';
import type { UnsavedReplies } from './unsaved-replies.ts';

export interface RepliesOptions {
  readonly files: Pick<Files, 'settle'>;
  readonly inference: Pick<Inference, 'generate' | 'loaded'>;
  readonly memory: Pick<Memory, 'tell' | 'afterReply'>;
  readonly states: ChatStates | undefined;
  readonly feeds: ChatFeeds;
  readonly tree: ChatTree;
  readonly turns: RunningTurns;
  readonly tokens: KeptTokens;
  readonly unsaved: UnsavedReplies;
  /** Stores a message. @throws AppError `disk.full` and others. */
  readonly save: (message: Message) => void;
  readonly onModelUsed: (modelId: string) => void;
  readonly onFailed: (error: ErrorBody, modelId: string | null) => void;
  /** Publishes the present state of a chat. @throws AppError `not_found` when it is gone. */
  readonly publishChat: (chatId: string) => Chat;
  readonly now: () => number;
}

export interface Replies {
  /**
   * Stores and publishes the first messages of a turn, and starts to write the reply. `plainTemplate` uses the plain form of a prompt in
   * place of the model's own template. @throws AppError `disk.full`.
   */
  begin(chat: ChatRow, questions: readonly Message[], reply: Message, plainTemplate?: boolean): void;
  /** Adds a question below `parentId`, which takes the place of `holds` on its files, and begins its reply. @throws AppError `disk.full`. */
  ask(
    chat: ChatRow,
    parentId: string | null,
    parts: readonly UserPart[],
    messageId?: string,
    holds?: readonly string[],
  ): { messageId: string; replyId: string };
}

/** Replies over a store and models. */
export function createReplies(options: RepliesOptions): Replies {
  const { files, inference, states, feeds, tree, turns, save, now } = options;

  function begin(chat: ChatRow, questions: readonly Message[], reply: Message, plainTemplate = false): void {
    const messages = [...questions, reply];
    const added = tree.add(chat, messages);
    // A reply that goes on was stored just now, whole.
    options.unsaved.release(reply.id);
    for (const message of messages) feeds.publish(chat.id, { type: 'message', message });
    turns.start(
      reply,
      async (signal, onMessage) => finish(await write(added, reply, plainTemplate, signal, onMessage), !isBlank(reply)),
      () => publishIfHere(chat.id),
    );
    options.publishChat(chat.id);
  }

  function write(
    chat: ChatRow,
    reply: Message,
    plainTemplate: boolean,
    signal: AbortSignal,
    onMessage: (message: Message) => void,
  ): Promise<TurnOutcome> {
    return runTurn({
      reply,
      tell: async (modelId, stopped) => await options.memory.tell(chat, reply.parentId, modelId, stopped),
      isLoaded: (modelId) => inference.loaded().some((model) => model.modelId === modelId && model.contextSize > 0),
      contextPolicy: chat.contextPolicy,
      plainTemplate,
      states,
      inference,
      signal,
      now,
      save,
      onMessage(message) {
        onMessage(message);
        feeds.publish(chat.id, { type: 'message', message });
      },
      onAppend(message, append) {
        onMessage(message);
        feeds.publish(chat.id, { type: 'append', messageId: message.id, ...append });
      },
    });
  }

  function finish({ message, unsaved, tokens }: TurnOutcome, isContinued: boolean): void {
    if (unsaved) options.unsaved.hold({ shown: message, finished: unsaved });
    // The tokens of a reply are kept whole or not at all.
    const before = isContinued ? options.tokens.find(message.id) : [];
    if (before) options.tokens.keep(message, [...before, ...tokens]);
    const { chatId, modelId, timing, error } = message;
    if (error) options.onFailed(error, modelId);
    options.memory.afterReply(message);
    if (!modelId || !timing) return;
    states?.afterTurn(chatId, modelId, timing.promptTokens + timing.generatedTokens);
    options.onModelUsed(modelId);
  }

  /** Publishes a chat after its turn, when it may be deleted and the database closed. */
  function publishIfHere(chatId: string): void {
    try {
      options.publishChat(chatId);
    } catch (error) {
      if (!isAppError(error, 'not_found')) throw error;
    }
  }

  return {
    begin,
    ask(chat, parentId, parts, messageId, holds = []) {
      const question = tree.newQuestion(chat, parentId, parts, messageId);
      const reply = tree.newReply(chat, question.id);
      begin(chat, [question], reply);
      files.settle(holds);
      return { messageId: question.id, replyId: reply.id };
    },
  };
}
