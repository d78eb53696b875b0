/** Finished replies that the disk had no room for. They are shown in place of their rows, and stored when there is room. */
import type { Message } from '../../preload/contract/chat.ts';
import { isAppError } from '../../preload/wire/errors.ts';

export interface UnsavedReplies {
  hold(message: Message): void;
  /** The reply that is shown in place of the stored one. */
  find(messageId: string): Message | undefined;
  /** Tries to store them all. Never throws. */
  retry(): void;
  /** Tries once more, and not again. */
  close(): void;
}

const RETRY_MS = 3000;

/** `save` throws `disk.full` while there is no room; whatever else it throws means that there is nothing to save to any longer. */
export function createUnsavedReplies(
  save: (message: Message) => void,
  onSaved: (message: Message) => void,
  retryMs = RETRY_MS,
): UnsavedReplies {
  const held = new Map<string, Message>();

  function retry(): void {
    for (const message of [...held.values()]) {
      const saved: Message = message.error?.code === 'disk.full' ? { ...message, error: null } : message;
      try {
        save(saved);
      } catch (error) {
        if (isAppError(error, 'disk.full')) return;
        held.delete(message.id); // its chat is gone
        continue;
      }
      held.delete(message.id);
      onSaved(saved);
    }
  }
  const timer = setInterval(retry, retryMs);
  timer.unref();

  return {
    hold: (message) => void held.set(message.id, message),
    find: (messageId) => held.get(messageId),
    retry,
    close() {
      clearInterval(timer);
      retry();
    },
  };
}
