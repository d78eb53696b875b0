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
import type { Titles } from './titles.ts';
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
  /** A reply is stored, and nothing is being written for it any more. */
  readonly onEnded: (reply: Message) => void;
  /** Publishes the present state of a chat. @throws AppError `not_found` when it is gone. */
  readonly publishChat: (chatId: string) => Chat;
  /** A reply begins, and one has ended that was complete. */
  readonly titles: Pick<Titles, 'yield' | 'afterReply'>;
  readonly now: () => number;
}

export interface Replies {
  /**
   * Stores and publishes the first messages of a turn, and starts to write the reply. `plainTemplate` uses the plain form of a prompt in
   * place of the model's own template. @throws AppError `disk.full`.
   */
  begin(chat: ChatRow, questions: readonly Message[], reply: Message, plainTemplate?: boolean): void;
  /** Stores and publishes replies to the same message, and starts to write them at once. @throws AppError `disk.full`. */
  beginBeside(chat: ChatRow, replies: readonly Message[]): void;
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
  const { files, states, feeds, tree, turns, save, now } = options;

  function add(chat: ChatRow, messages: readonly Message[]): ChatRow {
    options.titles.yield();
    const added = tree.add(chat, messages);
    for (const message of messages) feeds.publish(chat.id, { type: 'message', message });
    return added;
  }

  /** `others`: the replies that are written beside this one, and began before it. */
  function start(
    chat: ChatRow,
    reply: Message,
    { plainTemplate = false, others = [] as readonly Message[] } = {},
  ): void {
    const inference = others.length === 0 ? options.inference : waitingForRoom(others);
    let ended: Message | undefined;
    let isComplete = false;
    turns.start(
      reply,
      async (signal, onMessage) => {
        const outcome = await write({ chat, reply, plainTemplate, inference, signal, onMessage });
        ended = outcome.message;
        isComplete = outcome.message.status === 'complete' && outcome.unsaved === null;
        finish(outcome, !isBlank(reply));
      },
      () => {
        publishIfHere(chat.id);
        if (ended) options.onEnded(ended);
        if (isComplete) options.titles.afterReply(chat.id);
      },
    );
  }

  function begin(chat: ChatRow, questions: readonly Message[], reply: Message, plainTemplate = false): void {
    const added = add(chat, [...questions, reply]);
    // A reply that goes on was stored just now, whole.
    options.unsaved.release(reply.id);
    start(added, reply, { plainTemplate });
    options.publishChat(chat.id);
  }

  /** Waits for other replies where their models leave no memory for this one's. */
  function waitingForRoom(others: readonly Message[]): Pick<Inference, 'generate'> {
    return {
      async *generate(request, signal) {
        for (;;) {
          try {
            yield* options.inference.generate(request, signal);
            return;
          } catch (error) {
            const isRoomMissing = isAppError(error, 'busy') && error.data['reason'] === 'memory_in_use';
            if (!isRoomMissing || others.every((one) => turns.find(one) === undefined)) throw error;
            await Promise.race(others.map(({ id }) => turns.ended(id, signal)));
            if (signal.aborted) throw error;
          }
        }
      },
    };
  }

  function write({
    chat,
    reply,
    plainTemplate,
    inference,
    signal,
    onMessage,
  }: {
    readonly chat: ChatRow;
    readonly reply: Message;
    readonly plainTemplate: boolean;
    readonly inference: Pick<Inference, 'generate'>;
    readonly signal: AbortSignal;
    readonly onMessage: (message: Message) => void;
  }): Promise<TurnOutcome> {
    return runTurn({
      reply,
      tell: async (modelId, stopped) => await options.memory.tell(chat, reply.parentId, modelId, stopped),
      isLoaded: (modelId) =>
        options.inference.loaded().some((model) => model.modelId === modelId && model.contextSize > 0),
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
    beginBeside(chat, replies) {
      const added = add(chat, replies);
      replies.forEach((reply, index) => start(added, reply, { others: replies.slice(0, index) }));
      options.publishChat(chat.id);
    },
    ask(chat, parentId, parts, messageId, holds = []) {
      const question = tree.newQuestion(chat, parentId, parts, messageId);
      const reply = tree.newReply(chat, question.id);
      begin(chat, [question], reply);
      files.settle(holds);
      return { messageId: question.id, replyId: reply.id };
    },
  };
}
