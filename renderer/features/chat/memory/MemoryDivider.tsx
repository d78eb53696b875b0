/** A line in the conversation: the model does not see what is above, or reads a summary of it. */
import type { Message } from '../../../../preload/contract/chat.ts';
import type { ChatMemory } from '../../../../preload/contract/memory.ts';
import { summaryInForce } from '../../../../preload/contract/summary-in-force.ts';
import type { ReactNode } from 'react';
import { Button } from '../../../ui/controls/Button.tsx';
import { words } from '../../../words/words.ts';
import { boundaries } from './memory-state.ts';
import { openSummary } from './summary-dialog-state.ts';
import './memory.css';

/** The lines of a path, by the id of the message below each. */
export function memoryDividers(
  path: readonly Message[],
  memory: ChatMemory | undefined,
): ReadonlyMap<string, ReactNode> {
  const dividers = new Map<string, ReactNode>();
  if (!memory) return dividers;
  const { summarized, untold } = boundaries(path, memory);
  const inForce = summaryInForce(path, memory.summaries);
  const leftOut = untold > summarized ? path[untold] : undefined;
  if (leftOut) dividers.set(leftOut.id, <Divider text={words.memory.dividerLeftOut} />);
  const below = path[summarized];
  if (inForce && below)
    dividers.set(
      below.id,
      <Divider text={words.memory.dividerSummary(inForce.messages)}>
        <Button size="sm" variant="ghost" onClick={() => openSummary.set(inForce.summary.id)}>
          {words.memory.show}
        </Button>
      </Divider>,
    );
  return dividers;
}

function Divider({ text, children }: { text: string; children?: ReactNode }): React.JSX.Element {
  return (
    <div className="chat-memory-divider">
      <span>{text}</span>
      {children}
    </div>
  );
}
