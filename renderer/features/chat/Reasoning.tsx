/** What the model thought aloud: open while it does, folded afterwards unless the reader opened or closed it. */
import { ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import type { Message } from '../../../preload/contract/chat.ts';
import { formatDuration } from '../../words/format.ts';
import { MessageText } from './MessageText.tsx';

export function Reasoning({ message }: { message: Message }): React.JSX.Element {
  const thinking = message.status === 'streaming' && message.content === '';
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? thinking;
  const id = useId();
  return (
    <div className="chat-reasoning" data-live={thinking || undefined}>
      <button
        type="button"
        className="chat-reasoning-head"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setChosen(!open)}
      >
        <ChevronRight size={14} aria-hidden="true" className="chat-reasoning-arrow" />
        {headOf(message, thinking)}
      </button>
      {open ? (
        <div id={id} className="chat-reasoning-body">
          <MessageText text={message.reasoning} live={thinking} />
        </div>
      ) : null}
    </div>
  );
}

function headOf(message: Message, thinking: boolean): string {
  if (thinking) return 'Thinking…';
  if (message.reasoningMs === null) return 'Thoughts';
  return `Thought for ${formatDuration(message.reasoningMs)}`;
}
