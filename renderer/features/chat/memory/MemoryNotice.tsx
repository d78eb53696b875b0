/** Above the composer: that the context is nearly full, what can be done about it, and what is being done. */
import { BookText, Square, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import type { ChatMemory } from '../../../../preload/contract/memory.ts';
import { attempt } from '../../../connection/attempt.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { AppError } from '../../../../preload/wire/errors.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { ProgressBar } from '../../../ui/display/ProgressBar.tsx';
import { words } from '../../../words/words.ts';
import { removeSummary } from './memory-actions.ts';
import { offerOf, type Offer } from './memory-state.ts';
import { openSummary } from './summary-dialog-state.ts';
import './memory.css';

interface MemoryNoticeProps {
  readonly chatId: string;
  readonly path: readonly Message[];
  readonly memory: ChatMemory;
  /** A reply is being written: what it will have left out is not known yet. */
  readonly busy: boolean;
}

export function MemoryNotice({ chatId, path, memory, busy }: MemoryNoticeProps): ReactNode {
  /** The kind that was closed in this window, until another one is due. */
  const [closed, setClosed] = useState<Offer['kind'] | null>(null);
  const summarize = (): void => void attempt('memory.summarize', { chatId });
  const { running, failure } = memory;
  if (running) {
    const share = running.totalChars === 0 ? 0 : running.readChars / running.totalChars;
    return (
      <div className="chat-memory-notice" role="status">
        <BookText size={15} aria-hidden="true" />
        <span>{share === 0 ? words.memory.summarizing : words.memory.progress(share)}</span>
        <Button size="sm" icon={Square} onClick={() => void attempt('memory.stop', { chatId })}>
          {words.memory.stop}
        </Button>
        <ProgressBar label={words.memory.summarizing} value={running.totalChars === 0 ? null : share} />
      </div>
    );
  }
  if (failure) {
    return (
      <div className="chat-memory-failure">
        <ErrorCard
          error={new AppError(failure.code, failure.message, failure.data)}
          compact
          failed={words.memory.failed}
          onRetry={summarize}
        />
      </div>
    );
  }
  const offer = busy ? null : offerOf(path, memory);
  if (offer === null || offer.kind === closed || (memory.automatic && offer.kind !== 'ready')) return null;
  return (
    <div className="chat-memory-notice" role="status">
      <BookText size={15} aria-hidden="true" />
      <span>{offerWords(offer)}</span>
      {offer.kind === 'ready' ? (
        <>
          <Button size="sm" onClick={() => openSummary.set(offer.made.summary.id)}>
            {words.memory.show}
          </Button>
          <Button size="sm" variant="ghost" onClick={() => void removeSummary(offer.made.summary.id)}>
            {words.memory.takeBack}
          </Button>
        </>
      ) : (
        <Button size="sm" onClick={summarize}>
          {words.memory.summarize}
        </Button>
      )}
      <IconButton size="sm" icon={X} label={words.ui.dismiss} onClick={() => setClosed(offer.kind)} />
    </div>
  );
}

function offerWords(offer: Offer): string {
  switch (offer.kind) {
    case 'nearly_full':
      return words.memory.nearlyFull(offer.share);
    case 'left_out':
      return words.memory.leftOut(offer.messages);
    case 'ready':
      return words.memory.ready(offer.made.messages);
    default:
      return offer satisfies never;
  }
}
