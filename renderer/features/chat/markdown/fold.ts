/** Folds the events of `chat.watch` into what the screen shows. Pure: the same events give the same view. */
import type { Chat, ChatEvent, Message } from '../../../../preload/contract/chat.ts';
import { withAppend } from '../../../../preload/contract/message-parts.ts';

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
      const parts = message && withAppend(message.parts, event);
      if (message === undefined || parts === undefined) return { ...view, outcome: 'gap' };
      if (parts === message.parts) return view;
      // Text makes a waiting reply a streaming one, also when the event that says so is still on the way.
      const status = message.status === 'pending' ? 'streaming' : message.status;
      return { ...view, messages: withMessage(view.messages, { ...message, parts, status }) };
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
