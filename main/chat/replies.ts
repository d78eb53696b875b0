/** Replies of chats: what begins one, what is told while it is written, and what is kept of it at its end. */
import type { Chat, Message } from '../../preload/contract/chat.ts';
import type { UserPart } from '../../preload/contract/message-parts.ts';
import { isAppError } from '../../preload/wire/errors.ts';
import type { Inference } from '../inference/inference.ts';
import type { ChatRow } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import type { ChatFeeds } from './feeds.ts';
import type { KeptTokens } from './kept-tokens.ts';
import type { RunningTurns } from './running-turns.ts';
import type { ChatStates } from './states.ts';
import type { ChatTree } from './tree.ts';
import { runTurn, type TurnOutcome } from './turn.ts';
import type { UnsavedReplies } from './unsaved-replies.ts';

export interface RepliesOptions {
  readonly files: Pick<Files, 'pathOf'>;
  readonly inference: Pick<Inference, 'generate'>;
  readonly states: ChatStates | undefined;
  readonly feeds: ChatFeeds;
  readonly tree: ChatTree;
  readonly turns: RunningTurns;
  readonly tokens: KeptTokens;
  readonly unsaved: UnsavedReplies;
  /** Stores a message as it is. Throws disk.full among others. */
  readonly save: (message: Message) => void;
  readonly onModelUsed: (modelId: string) => void;
  /** Tells every window of a chat as it is now. Throws not_found when it is gone. */
  readonly tellChat: (chatId: string) => Chat;
  readonly now: () => number;
}

export interface Replies {
  /**
   * Stores what a turn begins with and shows it; the reply is then written, whoever watches. `plainTemplate` writes the turns in a
   * plain form in place of the model's own template. @throws AppError `disk.full`.
   */
  begin(chat: ChatRow, questions: readonly Message[], reply: Message, plainTemplate?: boolean): void;
  /** A new question below `parentId`, and its reply. @throws AppError `disk.full`. */
  ask(chat: ChatRow, parentId: string | null, parts: readonly UserPart[]): { messageId: string; replyId: string };
}

/** No reply is being written yet. */
export function createReplies(options: RepliesOptions): Replies {
  const { files, inference, states, feeds, tree, turns, save, now } = options;

  function begin(chat: ChatRow, questions: readonly Message[], reply: Message, plainTemplate = false): void {
    const messages = [...questions, reply];
    const added = tree.add(chat, messages);
    for (const message of messages) feeds.publish(chat.id, { type: 'message', message });
    turns.start(
      reply,
      async (signal, onMessage) => finish(await write(added, reply, plainTemplate, signal, onMessage)),
      () => tellIfHere(chat.id),
    );
    options.tellChat(chat.id);
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
      history: tree.conversation(reply.parentId),
      systemPrompt: chat.systemPrompt,
      pathOfFile: files.pathOf,
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

  function finish({ message, unsaved, tokens }: TurnOutcome): void {
    if (unsaved) options.unsaved.hold({ shown: message, finished: unsaved });
    options.tokens.keep(message, tokens);
    const { chatId, modelId, timing } = message;
    if (!modelId || !timing) return;
    states?.afterTurn(chatId, modelId, timing.promptTokens + timing.generatedTokens);
    options.onModelUsed(modelId);
  }

  /** After a turn the chat may be gone, or the database closed. */
  function tellIfHere(chatId: string): void {
    try {
      options.tellChat(chatId);
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  }

  return {
    begin,
    ask(chat, parentId, parts) {
      const question = tree.newQuestion(chat, parentId, parts);
      const reply = tree.newReply(chat, question.id);
      begin(chat, [question], reply);
      return { messageId: question.id, replyId: reply.id };
    },
  };
}
