/** The hits of a search over all titles and messages. */
import { Archive, Folder, List, MessageSquare, MessagesSquare, SearchX, Tag } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import type { SearchFilters } from '../../../../preload/contract/chat.ts';
import { useQuery } from '../../../connection/live.ts';
import { Select, type SelectOption } from '../../../ui/controls/Select.tsx';
import { useChatFolders, useChatList } from '../../../parts/watched.ts';
import { EmptyState } from '../../../ui/display/EmptyState.tsx';
import { useSettled } from '../../../ui/use-settled.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { formatRelativeDate } from '../../../words/format.ts';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { titleOf } from '../actions.ts';
import { tagsOf } from './chat-groups.ts';
import { groupHits, hasWords, snippetParts, withoutMarkdown, type HitGroup } from './snippet.ts';
import { words } from '../../../words/words.ts';

/** Typing is not interrupted by a search for every letter. */
const TYPING_MS = 180;

export function SearchResults({
  query,
  openId,
  onHit,
}: {
  query: string;
  /** The open chat, which the search can be limited to. */
  openId: string | null;
  onHit: (chatId: string, messageId: string | null) => void;
}): React.JSX.Element {
  const [place, setPlace] = useState('everywhere');
  const places = usePlaces(openId);
  // A folder may be deleted meanwhile.
  const chosen = places.find(({ value }) => value === place) ?? places[0];
  return (
    <>
      <div className="chat-search-where">
        <Select
          label={words.chatList.where}
          labelHidden
          size="sm"
          value={chosen?.value ?? 'everywhere'}
          options={places}
          onChange={setPlace}
        />
      </div>
      <Hits query={query} filters={chosen?.filters ?? {}} onHit={onHit} />
    </>
  );
}

/** Where a search can look: everywhere, in the open chat, in or without the archive, in a folder, or among the chats with a tag. */
function usePlaces(openId: string | null): readonly (SelectOption<string> & { filters: SearchFilters })[] {
  const chats = useChatList().value;
  const folders = useChatFolders();
  const { chatList } = words;
  return useMemo(
    () => [
      { value: 'everywhere', label: chatList.everywhere, icon: MessagesSquare, filters: {} },
      ...(openId === null
        ? []
        : [{ value: 'chat', label: chatList.inThisChat, icon: MessageSquare, filters: { chatId: openId } }]),
      { value: 'list', label: chatList.notArchived, icon: List, filters: { archived: false } },
      { value: 'archive', label: chatList.inArchive, icon: Archive, filters: { archived: true } },
      ...folders.map(({ id, name }) => ({
        ...{ value: `folder ${id}`, label: chatList.inFolder(name), icon: Folder, filters: { folderId: id } },
      })),
      ...tagsOf(chats?.values() ?? []).map((tag) => ({
        ...{ value: `tag ${tag}`, label: chatList.withTagChoice(tag), icon: Tag, filters: { tag } },
      })),
    ],
    [chats, folders, openId, chatList],
  );
}

function Hits({
  query,
  filters,
  onHit,
}: {
  query: string;
  filters: SearchFilters;
  onHit: (chatId: string, messageId: string | null) => void;
}): ReactNode {
  const settled = useSettled(query, TYPING_MS);
  const found = useQuery('chat.search', { query: settled.slice(0, 300), ...filters }, { keep: true });
  if (found.status === 'loading') return <Skeleton lines={5} label={words.chat.searching} />;
  if (found.status === 'error') return <ErrorCard error={found.error} compact onRetry={found.retry} />;
  const { hits } = found.value;
  if (hits.length === 0 && !hasWords(settled)) {
    return <EmptyState icon={SearchX} compact title={words.chat.noWords} text={words.chat.noWordsText} />;
  }
  if (hits.length === 0) {
    return (
      <EmptyState
        icon={SearchX}
        compact
        title={words.chat.nothingFound}
        text={`${words.chat.nothingFoundText(settled)} ${words.chatList.searchHint}`}
      />
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
  const { chatId, title, at, archived, titleHit, messages } = group;
  return (
    <section aria-label={titleOf({ title })}>
      <button type="button" data-row={chatId} className="chat-hit chat-hit-head" onClick={() => onHit(chatId, null)}>
        <span className="truncate" dir="auto">
          {titleHit === null ? titleOf({ title }) : <Snippet text={titleHit} />}
        </span>
        <span className="faint">
          {archived ? `${words.chatList.isArchived} · ` : ''}
          {formatRelativeDate(at)}
        </span>
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
