/** Folds the events of `chat.watch` into the view of a chat. Pure: the same events give the same view. */
import type { Chat, ChatEvent, Message, QueuedMessage } from '../../../../preload/contract/chat.ts';
import { withAppend } from '../../../../preload/contract/message-parts.ts';

export interface ChatView {
  readonly chat: Chat;
  /** In the order in which they were written. */
  readonly messages: ReadonlyMap<string, Message>;
  /** The messages that wait for the end of a reply. */
  readonly queued: readonly QueuedMessage[];
  /**
   * `gap`: text is missing, and the stream must be opened again for a snapshot. `removed`: the chat was deleted; the
   * other fields keep their last values.
   */
  readonly outcome: 'ok' | 'gap' | 'removed';
}

/**
 * The view after `event`. Null until the first snapshot. A gap is an append to an unknown message or at a wrong offset;
 * events after it are ignored until the next snapshot. Repeated text is appended once.
 */
export function foldChat(view: ChatView | null, event: ChatEvent): ChatView | null {
  if (event.type === 'snapshot') {
    return {
      chat: event.chat,
      messages: new Map(event.messages.map((message) => [message.id, message])),
      queued: event.queued,
      outcome: 'ok',
    };
  }
  if (view?.outcome !== 'ok') return view;
  switch (event.type) {
    case 'chat':
      return { ...view, chat: event.chat };
    case 'queue':
      return { ...view, queued: event.queued };
    case 'message':
      return { ...view, messages: withMessage(view.messages, event.message) };
    case 'append': {
      const message = view.messages.get(event.messageId);
      const parts = message && withAppend(message.parts, event);
      if (message === undefined || parts === undefined) return { ...view, outcome: 'gap' };
      if (parts === message.parts) return view;
      // An append makes a waiting reply a streaming one, also when the event for that has not arrived yet.
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
