/** The turns that are running, at most one for each chat. */
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
  find(message: Pick<Message, 'id' | 'chatId'>): Message | undefined;
  /**
   * Runs `work` as the chat's turn. `work` gets the signal that stops it and reports each new state of the reply. `onEnd` is called when
   * the turn is over, also after a failure of `work`.
   */
  start(
    reply: Message,
    work: (signal: AbortSignal, onMessage: (message: Message) => void) => Promise<void>,
    onEnd: () => void,
  ): void;
  /** Stops the chat's turn and resolves when it is over. Never throws. */
  stop(chatId: string): Promise<void>;
  stopAll(): Promise<void>;
}

/** `onDefect` gets errors that are bugs of Hearth. */
export function createRunningTurns(onDefect: (error: unknown) => void): RunningTurns {
  const running = new Map<string, RunningTurn>();

  /** An AppError here, such as a full disk, costs no more than a date or a saved state, so it is ignored. */
  function report(error: unknown): void {
    if (!isPassing(error)) onDefect(error);
  }

  async function stop(chatId: string): Promise<void> {
    const turn = running.get(chatId);
    turn?.abort.abort();
    await turn?.done;
  }

  async function run(turn: RunningTurn, work: () => Promise<void>, onEnd: () => void): Promise<void> {
    try {
      await work();
    } catch (error) {
      report(error);
    }
    running.delete(turn.message.chatId);
    try {
      onEnd();
    } catch (error) {
      report(error);
    }
  }

  return {
    isBusy: (chatId) => running.has(chatId),
    refuseIfBusy(chatId) {
      if (running.has(chatId))
        throw new AppError('busy', 'A reply is being written in this chat. Stop it first, or wait for its end.', {
          reason: 'reply_running',
        });
    },
    find({ id, chatId }) {
      const message = running.get(chatId)?.message;
      return message?.id === id ? message : undefined;
    },
    start(reply, work, onEnd) {
      const turn: RunningTurn = { abort: new AbortController(), done: Promise.resolve(), message: reply };
      running.set(reply.chatId, turn);
      turn.done = run(turn, () => work(turn.abort.signal, (message) => (turn.message = message)), onEnd);
    },
    stop,
    stopAll: async () => void (await Promise.all([...running.keys()].map(stop))),
  };
}
