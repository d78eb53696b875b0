/** The reasoning of a reply: open while it is written, folded afterwards unless the user opened or closed it. */
import { ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import { formatDuration } from '../../../words/format.ts';
import type { MessageBlock } from '../markdown/message-blocks.ts';
import { MessageText } from '../markdown/MessageText.tsx';
import { words } from '../../../words/words.ts';

type ReasoningBlock = Extract<MessageBlock, { readonly kind: 'reasoning' }>;

/** `thinking`: the reasoning is being written. */
export function Reasoning({ block, thinking }: { block: ReasoningBlock; thinking: boolean }): React.JSX.Element {
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
        {headOf(block, thinking)}
      </button>
      {open ? (
        <div id={id} className="chat-reasoning-body">
          <MessageText text={block.text} live={thinking} />
        </div>
      ) : null}
    </div>
  );
}

function headOf({ durationMs }: ReasoningBlock, thinking: boolean): string {
  if (thinking) return words.conversation.thinking;
  if (durationMs === null) return words.conversation.thoughts;
  return words.conversation.thoughtFor(formatDuration(durationMs));
}
