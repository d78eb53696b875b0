/** The list of chats: search, groups by time, and the actions on each chat. */
import { MessageSquarePlus, Search, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';
import { attempt } from '../../../connection/attempt.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { daysBetween } from '../../../words/format.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { TextField } from '../../../ui/controls/TextField.tsx';
import { deleteChat } from '../actions.ts';
import { groupChats, type ChatGroup } from './chat-groups.ts';
import { ChatRow } from './ChatRow.tsx';
import { SearchResults } from './SearchResults.tsx';
import { useChatList } from '../../../parts/watched.ts';
import { words } from '../../../words/words.ts';
import './chat-list.css';

/** Rows that are rendered at once. Each one has menus, so thousands of them would be slow. */
const PAGE = 150;

interface ChatListProps {
  readonly openId: string | null;
  /** Set by the screen to rename a chat in the list. */
  readonly renamingId: string | null;
  readonly onRename: (chatId: string | null) => void;
  /** Rises when the search is to have the focus; 0 at first. */
  readonly searchAsked: number;
  /** Opens a chat at a message that the search found. */
  readonly onHit: (chatId: string, messageId: string | null) => void;
  readonly onNew: () => void;
  /** Called after a selection; a sheet around the list closes then. */
  readonly onLeave?: () => void;
}

export function ChatList(props: ChatListProps): React.JSX.Element {
  const { openId, renamingId, onRename, searchAsked, onHit, onNew, onLeave } = props;
  const [query, setQuery] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (searchAsked > 0) search.current?.select();
  }, [searchAsked]);
  const searching = query.trim() !== '';

  const focusFirst = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      list.current?.querySelector<HTMLElement>('[data-row]')?.focus();
    } else if (event.key === 'Escape' && query !== '') {
      event.preventDefault();
      // Called when a sheet around the list should close.
      event.stopPropagation();
      setQuery('');
    }
  };

  return (
    <div className="chat-list">
      <div className="chat-list-head">
        <Button
          icon={MessageSquarePlus}
          className="chat-list-new"
          onClick={() => {
            onLeave?.();
            onNew();
          }}
        >
          {words.chat.newChat}
        </Button>
        <TextField
          ref={search}
          label={words.chat.searchChats}
          labelHidden
          placeholder={words.chat.search}
          icon={Search}
          size="sm"
          value={query}
          onChange={setQuery}
          onKeyDown={focusFirst}
          end={
            query === '' ? undefined : (
              <IconButton label={words.chat.clearSearch} icon={X} size="sm" onClick={() => setQuery('')} />
            )
          }
        />
      </div>
      <div ref={list} className="chat-list-body" onKeyDown={moveFocus}>
        {searching ? (
          <SearchResults
            query={query.trim()}
            onHit={(chatId, messageId) => {
              onHit(chatId, messageId);
              onLeave?.();
            }}
          />
        ) : (
          <Groups openId={openId} renamingId={renamingId} onRename={onRename} {...(onLeave ? { onLeave } : {})} />
        )}
      </div>
    </div>
  );
}

/** Arrows, Home and End move between rows. Keys of a single row are in ChatRow. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-row]')) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.indexOf(event.target);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  rows[Math.min(rows.length - 1, Math.max(0, next))]?.focus();
}

function Groups({
  openId,
  renamingId,
  onRename,
  onLeave,
}: Omit<ChatListProps, 'onHit' | 'onNew' | 'searchAsked'>): React.JSX.Element {
  const chats = useChatList();
  const now = useToday();
  const groups = useMemo<readonly ChatGroup[]>(() => groupChats(chats.value?.values() ?? [], now), [chats.value, now]);
  const [shown, setShown] = useState(PAGE);
  if (chats.status === 'loading') return <Skeleton lines={6} label={words.chat.loadingChats} />;
  if (chats.value === undefined) return <ErrorCard error={chats.error} compact onRetry={chats.retry} />;
  if (groups.length === 0) return <p className="chat-list-none">{words.chat.noChats}</p>;

  const all = groups.flatMap((group) => group.chats);
  const rest = all.length - shown;
  // One row is in the tab order; arrows reach the others.
  const tabStop = all.some((chat) => chat.id === openId) ? openId : all[0]?.id;
  const remove = (chat: ChatSummary): void => {
    const at = all.findIndex((other) => other.id === chat.id);
    const neighbor = all[at + 1] ?? all[at - 1];
    document.querySelector<HTMLElement>(`[data-row="${neighbor?.id ?? ''}"]`)?.focus();
    void deleteChat(chat);
  };
  return (
    <nav aria-label={words.chat.chats}>
      {firstOf(groups, shown).map((group) => (
        <section key={group.key} aria-label={words.chat.groups[group.key]}>
          <h3 className="chat-list-group">{words.chat.groups[group.key]}</h3>
          <ul>
            {group.chats.map((chat) => (
              <ChatRow
                key={chat.id}
                chat={chat}
                open={chat.id === openId}
                inTabOrder={chat.id === tabStop}
                renaming={chat.id === renamingId}
                onRename={onRename}
                onSaveTitle={(title) => void attempt('chat.update', { chatId: chat.id, title })}
                onPin={() => void attempt('chat.update', { chatId: chat.id, pinned: !chat.pinned })}
                onDelete={() => remove(chat)}
                onOpen={onLeave}
              />
            ))}
          </ul>
        </section>
      ))}
      {rest > 0 ? (
        <Button variant="ghost" size="sm" className="chat-list-more" onClick={() => setShown(shown + PAGE)}>
          {words.chat.showMore(Math.min(rest, PAGE))}
        </Button>
      ) : null}
    </nav>
  );
}

/** The groups that contain the first `count` chats. */
function firstOf(groups: readonly ChatGroup[], count: number): readonly ChatGroup[] {
  let left = count;
  return groups.flatMap((group) => {
    const chats = group.chats.slice(0, left);
    left -= chats.length;
    return chats.length === 0 ? [] : [{ ...group, chats }];
  });
}

/** A moment of today. Changes at midnight, because the groups do. */
function useToday(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(
      () => setNow((before) => (daysBetween(before, Date.now()) === 0 ? before : Date.now())),
      60_000,
    );
    return () => clearInterval(timer);
  }, []);
  return now;
}
