/** The ids of sent messages: one that is sent again because its answer was lost keeps its id, so it is stored once. */
import type { FreshChat } from '../../../../preload/contract/chat.ts';

/** Where a message goes. The settings matter only for a chat that does not exist yet. */
interface Destination {
  readonly chatId: string | null;
  readonly fresh: FreshChat;
}

export interface MessageIds {
  /** A new id, or the same as before for a message that is sent again to the same destination. */
  idOf(target: Destination, text: string): string;
  /** The call failed, and the message may be stored or not. */
  lost(): void;
  /** The next message is one of its own. */
  forget(): void;
  /** A message that is in the chat was stored, so the same text again is a second message. */
  seen(messages: ReadonlyMap<string, unknown>): void;
  /** The user has changed a draft. One that is no longer the lost text is another message. */
  edited(chatId: string | null, draft: string): void;
}

export function createMessageIds(newId: () => string): MessageIds {
  let last: {
    readonly key: string;
    readonly chatId: string | null;
    readonly text: string;
    readonly id: string;
  } | null = null;
  let isLost = false;
  const forget = (): void => {
    last = null;
  };
  return {
    idOf({ chatId, fresh }, text) {
      const key = JSON.stringify([chatId, chatId === null ? fresh : null, text]);
      if (last?.key !== key) last = { key, chatId, text, id: newId() };
      isLost = false;
      return last.id;
    },
    lost() {
      isLost = true;
    },
    forget,
    seen(messages) {
      if (last !== null && messages.has(last.id)) forget();
    },
    edited(chatId, draft) {
      // While the call runs, the draft is the next message already.
      if (isLost && last?.chatId === chatId && last.text !== draft) forget();
    },
  };
}

/** 128 random bits in hexadecimal digits. */
export function randomId(): string {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
