/** The hits of a search over all titles and messages. */
import { SearchX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useQuery } from '../../../connection/live.ts';
import { EmptyState } from '../../../ui/display/EmptyState.tsx';
import { useSettled } from '../../../ui/use-settled.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { formatRelativeDate } from '../../../words/format.ts';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { titleOf } from '../actions.ts';
import { groupHits, hasWords, snippetParts, withoutMarkdown, type HitGroup } from './snippet.ts';
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
        {groupHits(hits).map((group) => (
          <li key={group.chatId}>
            <ChatHits group={group} onHit={onHit} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** The title of a chat, and its messages with the words below it. */
function ChatHits({
  group,
  onHit,
}: {
  group: HitGroup;
  onHit: (chatId: string, messageId: string | null) => void;
}): React.JSX.Element {
  const { chatId, title, at, titleHit, messages } = group;
  return (
    <section aria-label={titleOf({ title })}>
      <button type="button" data-row={chatId} className="chat-hit chat-hit-head" onClick={() => onHit(chatId, null)}>
        <span className="truncate" dir="auto">
          {titleHit === null ? titleOf({ title }) : <Snippet text={titleHit} />}
        </span>
        <span className="faint">{formatRelativeDate(at)}</span>
      </button>
      {messages.length === 0 ? null : (
        <ul className="chat-hit-messages">
          {messages.map(({ messageId, role, snippet }) => (
            <li key={messageId}>
              <button
                type="button"
                data-row={messageId}
                className="chat-hit chat-hit-text"
                onClick={() => onHit(chatId, messageId)}
              >
                <span>
                  {role === 'user' ? <strong>{words.conversation.you}</strong> : null}{' '}
                  <Snippet text={role === 'assistant' ? withoutMarkdown(snippet) : snippet} />
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Snippet({ text }: { text: string }): React.JSX.Element {
  return (
    <bdi>{snippetParts(text).map((part, index) => (part.hit ? <mark key={index}>{part.text}</mark> : part.text))}</bdi>
  );
}
