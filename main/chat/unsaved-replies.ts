/** Finished replies that could not be stored. They are shown in place of their rows, and storing them is tried again. */
import type { Message } from '../../preload/contract/chat.ts';

/** An unsaved reply in two forms: as windows see it, with the error of storing, and as it will be stored. */
export interface UnsavedReply {
  readonly shown: Message;
  readonly finished: Message;
}

export interface UnsavedRepliesOptions {
  /** Stores a message. Throws when that fails. */
  readonly save: (message: Message) => void;
  /** Whether the message's chat was deleted, so that the reply can be dropped. Throws when the database cannot be read. */
  readonly isGone: (message: Message) => boolean;
  readonly onSaved: (message: Message) => void;
  /** Gets what `onSaved` throws. */
  readonly onDefect?: (error: unknown) => void;
  /** Time between two tries. */
  readonly retryMs?: number;
}

export interface UnsavedReplies {
  hold(reply: UnsavedReply): void;
  /** The reply that is shown in place of the stored one. */
  find(messageId: string): Message | undefined;
  /** Forgets a reply that was stored by another way, so that its old form does not replace what came of it. */
  release(messageId: string): void;
  /** Tries to store them all. Never throws. */
  retry(): void;
  /** Tries a last time. */
  close(): void;
}

const RETRY_MS = 3000;

/** Holds unsaved replies and tries again after any error: a full disk, a locked database, a failing disk. */
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
        try {
          options.onSaved(reply.finished);
        } catch (error) {
          options.onDefect?.(error);
        }
      } else if (isGone(reply)) held.delete(reply.finished.id);
    }
  }
  const timer = setInterval(retry, options.retryMs ?? RETRY_MS);
  timer.unref();

  return {
    hold: (reply) => void held.set(reply.finished.id, reply),
    find: (messageId) => held.get(messageId)?.shown,
    release: (messageId) => void held.delete(messageId),
    retry,
    close() {
      clearInterval(timer);
      retry();
    },
  };
}
