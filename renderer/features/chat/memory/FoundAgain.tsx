/** Under a reply: the left-out messages that were quoted with its question. */
import { History } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { textOf } from '../../../../preload/contract/message-parts.ts';
import { useChat } from '../use-chat.ts';
import { Popover } from '../../../ui/layers/Popover.tsx';
import { words } from '../../../words/words.ts';
import './memory.css';

export function FoundAgain({ message, onShow }: { message: Message; onShow: (messageId: string) => void }): ReactNode {
  const [open, setOpen] = useState(false);
  const ids = message.timing?.memory?.recalledIds ?? [];
  if (ids.length === 0) return null;
  return (
    <Popover
      title={words.memory.foundTitle}
      side="top"
      align="start"
      width={320}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="chat-memory-found">
          <History size={14} aria-hidden="true" />
          {words.memory.found(ids.length)}
        </button>
      }
    >
      <div className="stack">
        <p className="secondary">{words.memory.foundText}</p>
        <Found chatId={message.chatId} ids={ids} onShow={(id) => (setOpen(false), onShow(id))} />
      </div>
    </Popover>
  );
}

const SHOWN_CHARS = 140;

function Found({
  chatId,
  ids,
  onShow,
}: {
  chatId: string;
  ids: readonly string[];
  onShow: (messageId: string) => void;
}): React.JSX.Element {
  const messages = useChat(chatId).value?.messages;
  return (
    <ul className="chat-memory-quotes">
      {ids.map((id) => {
        const message = messages?.get(id);
        const text = message ? textOf(message).trim().slice(0, SHOWN_CHARS) : '';
        return (
          <li key={id}>
            <span className="secondary" dir="auto">
              {message ? text : words.memory.isGone}
            </span>
            {message ? (
              <Button size="sm" onClick={() => onShow(id)} aria-label={words.memory.goToMessage(text)}>
                {words.memory.goTo}
              </Button>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}
