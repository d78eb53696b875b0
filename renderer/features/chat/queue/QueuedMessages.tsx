/** The messages that wait for the end of a reply, above the field. */
import { ArrowUp, Clock, Pencil, X } from 'lucide-react';
import type { QueuedMessage } from '../../../../preload/contract/chat.ts';
import { textOf } from '../../../../preload/contract/message-parts.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { words } from '../../../words/words.ts';
import { editQueued, removeQueued, sendQueued } from './queue-actions.ts';
import './queue.css';

interface QueuedMessagesProps {
  readonly chatId: string;
  readonly queued: readonly QueuedMessage[];
  /** A reply is being written, after which they are sent. */
  readonly busy: boolean;
  /** After a message went into the field. */
  readonly onEdit: () => void;
}

/** Characters of a message that are shown, and that name its buttons. */
const SHOWN = 120;
const beginning = (message: QueuedMessage): string => textOf(message).trim().slice(0, SHOWN);

export function QueuedMessages({ chatId, queued, busy, onEdit }: QueuedMessagesProps): React.JSX.Element | null {
  const [next] = queued;
  if (!next) return null;
  return (
    <section className="chat-queue" aria-label={words.queue.title}>
      <p className="chat-queue-head">
        <Clock size={13} aria-hidden="true" />
        <span>{busy ? words.queue.next : words.queue.held}</span>
        {busy ? null : (
          <Button size="sm" variant="ghost" icon={ArrowUp} onClick={() => sendQueued(next)}>
            {words.queue.sendNext}
          </Button>
        )}
      </p>
      <ol>
        {queued.map((message) => (
          <li key={message.id} className="chat-queued">
            <bdi className="truncate">{beginning(message)}</bdi>
            <IconButton
              label={words.queue.sendNow(beginning(message))}
              icon={ArrowUp}
              size="sm"
              side="top"
              onClick={() => sendQueued(message)}
            />
            <IconButton
              label={words.queue.edit(beginning(message))}
              icon={Pencil}
              size="sm"
              side="top"
              onClick={() => void editQueued(chatId, message).then(onEdit)}
            />
            <IconButton
              label={words.queue.remove(beginning(message))}
              icon={X}
              size="sm"
              side="top"
              onClick={() => void removeQueued(chatId, message)}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}
