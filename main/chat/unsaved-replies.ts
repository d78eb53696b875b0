/** Finished replies that could not be stored. They are shown in place of their rows, and stored when that works again. */
import type { Message } from '../../preload/contract/chat.ts';

/** A reply as windows see it, with the error that kept it from being stored, and as it shall be stored. */
export interface UnsavedReply {
  readonly shown: Message;
  readonly finished: Message;
}

export interface UnsavedRepliesOptions {
  /** Stores a message. Throws while that does not work. */
  readonly save: (message: Message) => void;
  /** Whether the message's chat was deleted: only then is there nothing left to store it to. Throws while that cannot be told. */
  readonly isGone: (message: Message) => boolean;
  readonly onSaved: (message: Message) => void;
  /** Between two tries. */
  readonly retryMs?: number;
}

export interface UnsavedReplies {
  hold(reply: UnsavedReply): void;
  /** The reply that is shown in place of the stored one. */
  find(messageId: string): Message | undefined;
  /** Tries to store them all. Never throws. */
  retry(): void;
  /** Tries once more, and not again. */
  close(): void;
}

const RETRY_MS = 3000;

/** None is held yet. A full disk, a database that another program holds and a disk that fails are all waited for. */
export function createUnsavedReplies(options: UnsavedRepliesOptions): UnsavedReplies {
  const held = new Map<string, UnsavedReply>();

  function isSaved({ finished }: UnsavedReply): boolean {
    try {
      options.save(finished);
      return true;
    } catch {
      return false;
    }
  }

  function isGone({ finished }: UnsavedReply): boolean {
    try {
      return options.isGone(finished);
    } catch {
      return false;
    }
  }

  function retry(): void {
    for (const reply of [...held.values()]) {
      if (isSaved(reply)) {
        held.delete(reply.finished.id);
        options.onSaved(reply.finished);
      } else if (isGone(reply)) held.delete(reply.finished.id);
    }
  }
  const timer = setInterval(retry, options.retryMs ?? RETRY_MS);
  timer.unref();

  return {
    hold: (reply) => void held.set(reply.finished.id, reply),
    find: (messageId) => held.get(messageId)?.shown,
    retry,
    close() {
      clearInterval(timer);
      retry();
    },
  };
}
