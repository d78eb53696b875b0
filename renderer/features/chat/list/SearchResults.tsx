/** The hits of a search over all titles and messages. */
import { SearchX } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { SearchHit } from '../../../../preload/contract/chat.ts';
import { useQuery } from '../../../connection/live.ts';
import { EmptyState } from '../../../ui/display/EmptyState.tsx';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { formatRelativeDate } from '../../../words/format.ts';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { titleOf } from '../actions.ts';
import { hasWords, snippetParts } from './snippet.ts';
import { words } from '../../../words/words.ts';

/** Typing is not interrupted by a search for every letter. */
const TYPING_MS = 180;

export function SearchResults({
  query,
  onHit,
}: {
  query: string;
  onHit: (chatId: string, messageId: string | null) => void;
}): ReactNode {
  const settled = useSettled(query, TYPING_MS);
  const found = useQuery('chat.search', { query: settled.slice(0, 300) }, { keep: true });
  if (found.status === 'loading') return <Skeleton lines={5} label={words.chat.searching} />;
  if (found.status === 'error') return <ErrorCard error={found.error} compact onRetry={found.retry} />;
  const { hits } = found.value;
  if (hits.length === 0 && !hasWords(settled)) {
    return <EmptyState icon={SearchX} compact title={words.chat.noWords} text={words.chat.noWordsText} />;
  }
  if (hits.length === 0) {
    return (
      <EmptyState icon={SearchX} compact title={words.chat.nothingFound} text={words.chat.nothingFoundText(settled)} />
    );
  }
  return (
    <>
      <p className="visually-hidden" role="status">
        {words.chat.found(hits.length)}
      </p>
      <ul aria-label={words.chat.results} className="chat-hits">
        {hits.map((hit) => (
          <li key={hit.kind === 'title' ? hit.chatId : hit.messageId}>
            <Hit hit={hit} onHit={onHit} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Hit({
  hit,
  onHit,
}: {
  hit: SearchHit;
  onHit: (chatId: string, messageId: string | null) => void;
}): React.JSX.Element {
  return (
    <button
      type="button"
      data-row={hit.kind === 'title' ? hit.chatId : hit.messageId}
      className="chat-hit"
      onClick={() => onHit(hit.chatId, hit.kind === 'title' ? null : hit.messageId)}
    >
      <span className="chat-hit-head">
        <span className="truncate" dir="auto">
          {hit.kind === 'title' ? <Snippet text={hit.snippet} /> : titleOf({ title: hit.chatTitle })}
        </span>
        <span className="faint">{formatRelativeDate(hit.at)}</span>
      </span>
      {hit.kind === 'title' ? null : (
        <span className="chat-hit-text">
          {hit.role === 'user' ? <strong>{words.conversation.you}</strong> : null} <Snippet text={hit.snippet} />
        </span>
      )}
    </button>
  );
}

function Snippet({ text }: { text: string }): React.JSX.Element {
  return (
    <bdi>{snippetParts(text).map((part, index) => (part.hit ? <mark key={index}>{part.text}</mark> : part.text))}</bdi>
  );
}

function useSettled(value: string, delayMs: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return settled;
}
