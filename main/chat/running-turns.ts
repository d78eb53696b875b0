/** The turns that are running: one for a chat, and two while it compares replies. */
import type { Message } from '../../preload/contract/chat.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { isPassing } from '../store/store-error.ts';

interface RunningTurn {
  readonly abort: AbortController;
  done: Promise<void>;
  message: Message;
}

export interface RunningTurns {
  isBusy(chatId: string): boolean;
  /** @throws AppError `busy`. */
  refuseIfBusy(chatId: string): void;
  /** The reply as it is now, newer than its journal entry; undefined when this message is not being written. */
  find(message: Pick<Message, 'id'>): Message | undefined;
  /**
   * Runs `work` as a turn of the chat. `work` gets the signal that stops it and reports each new state of the reply. `onEnd` is called when
   * the turn is over, also after a failure of `work`.
   */
  start(
    reply: Message,
    work: (signal: AbortSignal, onMessage: (message: Message) => void) => Promise<void>,
    onEnd: () => void,
  ): void;
  /** Stops the chat's turns, or the one of this reply, and resolves when they are over. Never throws. */
  stop(chatId: string, replyId?: string): Promise<void>;
  /** Resolves when the turn of this reply is over, or `signal` fires. */
  ended(replyId: string, signal: AbortSignal): Promise<void>;
  stopAll(): Promise<void>;
}

/** `onDefect` gets errors that are bugs of Hearth. */
export function createRunningTurns(onDefect: (error: unknown) => void): RunningTurns {
  /** By the id of the reply. */
  const running = new Map<string, RunningTurn>();
  const turnsOf = (chatId: string): RunningTurn[] =>
    [...running.values()].filter(({ message }) => message.chatId === chatId);
  const isBusy = (chatId: string): boolean => turnsOf(chatId).length > 0;

  /** An AppError here, such as a full disk, costs no more than a date or a saved state, so it is ignored. */
  function report(error: unknown): void {
    if (!isPassing(error)) onDefect(error);
  }

  async function stopTurns(turns: readonly RunningTurn[]): Promise<void> {
    for (const { abort } of turns) abort.abort();
    await Promise.all(turns.map(({ done }) => done));
  }

  async function run(turn: RunningTurn, work: () => Promise<void>, onEnd: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      report(error);
    }
    running.delete(turn.message.id);
    try {
      onEnd();
    } catch (error) {
      report(error);
    }
  }

  return {
    isBusy,
    refuseIfBusy(chatId) {
      if (isBusy(chatId))
        throw new AppError('busy', 'A reply is being written in this chat. Stop it first, or wait for its end.', {
          reason: 'reply_running',
        });
    },
    find: ({ id }) => running.get(id)?.message,
    start(reply, work, onEnd) {
      const turn: RunningTurn = { abort: new AbortController(), done: Promise.resolve(), message: reply };
      running.set(reply.id, turn);
      turn.done = run(turn, () => work(turn.abort.signal, (message) => (turn.message = message)), onEnd);
    },
    stop: (chatId, replyId) =>
      stopTurns(turnsOf(chatId).filter(({ message }) => replyId === undefined || message.id === replyId)),
    async ended(replyId, signal) {
      if (signal.aborted) return;
      const { promise: stopped, resolve } = Promise.withResolvers<void>();
      const onAbort = (): void => resolve();
      signal.addEventListener('abort', onAbort);
      await Promise.race([running.get(replyId)?.done, stopped]);
      signal.removeEventListener('abort', onAbort);
    },
    stopAll: () => stopTurns([...running.values()]),
  };
}
