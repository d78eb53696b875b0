/** Folds the events of `chat.watch` into what the screen shows. Pure: the same events give the same view. */
import type { Chat, ChatEvent, Message } from '../../../preload/contract/chat.ts';

export interface ChatView {
  readonly chat: Chat;
  /** In the order in which they were written. */
  readonly messages: ReadonlyMap<string, Message>;
  /** `gap`: text is missing, and only a fresh snapshot helps. `removed`: the chat was deleted; the rest is what it last was. */
  readonly outcome: 'ok' | 'gap' | 'removed';
}

/**
 * The view after `event`. Null until the first snapshot. A gap is an append to a message or at an offset that is not there;
 * what comes after it is not looked at before the next snapshot. Text that comes twice is taken once.
 */
export function foldChat(view: ChatView | null, event: ChatEvent): ChatView | null {
  if (event.type === 'snapshot') {
    return {
      chat: event.chat,
      messages: new Map(event.messages.map((message) => [message.id, message])),
      outcome: 'ok',
    };
  }
  if (view?.outcome !== 'ok') return view;
  switch (event.type) {
    case 'chat':
      return { ...view, chat: event.chat };
    case 'message':
      return { ...view, messages: withMessage(view.messages, event.message) };
    case 'append': {
      const message = view.messages.get(event.messageId);
      const joined = message && joinAt(message[event.field], event.offset, event.text);
      if (message === undefined || joined === undefined) return { ...view, outcome: 'gap' };
      if (joined === message[event.field]) return view;
      // Text makes a waiting reply a streaming one, also when the event that says so is still on the way.
      const status = message.status === 'pending' ? 'streaming' : message.status;
      return { ...view, messages: withMessage(view.messages, { ...message, [event.field]: joined, status }) };
    }
    case 'removed':
      return { ...view, outcome: 'removed' };
    default:
      return event satisfies never;
  }
}

function withMessage(messages: ReadonlyMap<string, Message>, message: Message): ReadonlyMap<string, Message> {
  return new Map(messages).set(message.id, message);
}

/** `existing` with `text` at `offset`; undefined when there is a hole before it or when what is there says otherwise. */
function joinAt(existing: string, offset: number, text: string): string | undefined {
  if (offset === existing.length) return existing + text;
  if (offset > existing.length) return undefined;
  const overlap = Math.min(text.length, existing.length - offset);
  if (existing.slice(offset, offset + overlap) !== text.slice(0, overlap)) return undefined;
  return existing + text.slice(overlap);
}
