/** The list of chats: search, folders and groups by time, the archive, and acts on one chat or many. */
import { Archive, ArrowLeft, Ellipsis, FolderPlus, ListChecks, MessageSquarePlus, Search, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, type DragEvent, type KeyboardEvent } from 'react';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { daysBetween } from '../../../words/format.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { TextField } from '../../../ui/controls/TextField.tsx';
import { Menu, type MenuItem } from '../../../ui/layers/Menu.tsx';
import { useKept } from '../../../ui/use-kept.ts';
import { groupChats, tagsOf, wholeList, type ListView } from './chat-groups.ts';
import { ChatGroups, DRAGGED_CHATS } from './ChatGroups.tsx';
import type { RowActs } from './ChatRow.tsx';
import { moveFocus } from './move-focus.ts';
import { archive, createFolder, deleteChats, openMove, openTags } from './order-acts.ts';
import { SearchResults } from './SearchResults.tsx';
import { SelectionBar } from './SelectionBar.tsx';
import { useSelection } from './use-selection.ts';
import { useChatFolders, useChatList } from '../../../parts/watched.ts';
import { words } from '../../../words/words.ts';
import './chat-list.css';

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
  const { openId, searchAsked, onHit, onNew, onLeave } = props;
  const [query, setQuery] = useState('');
  const [view, setView] = useKept<ListView>('chat-list.view', wholeList);
  const [newFolderId, setNewFolderId] = useState<string | null>(null);
  const selection = useSelection();
  const body = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (searchAsked > 0) search.current?.select();
  }, [searchAsked]);
  const searching = query.trim() !== '';

  const focusFirst = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') {
      event.preventDefault();
      body.current?.querySelector<HTMLElement>('[data-row]')?.focus();
    } else if (event.key === 'Escape' && query !== '') {
      event.preventDefault();
      // Called when a sheet around the list should close.
      event.stopPropagation();
      setQuery('');
    }
  };
  const makeFolder = async (): Promise<void> => {
    const folder = await createFolder(words.chatList.newFolder);
    setView(wholeList);
    if (folder) setNewFolderId(folder.id);
  };

  return (
    <div className="chat-list">
      <div className="chat-list-head">
        <div className="chat-list-acts">
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
          <ListMenu view={view} onView={setView} onFolder={() => void makeFolder()} onSelect={selection.begin} />
        </div>
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
        {searching ? null : <ViewHead view={view} onView={setView} />}
      </div>
      {searching ? (
        <div ref={body} className="chat-list-body" onKeyDown={moveFocus}>
          <SearchResults
            query={query.trim()}
            openId={openId}
            onHit={(chatId, messageId) => {
              onHit(chatId, messageId);
              onLeave?.();
            }}
          />
        </div>
      ) : (
        <Listed
          {...props}
          view={view}
          body={body}
          selection={selection}
          newFolderId={newFolderId}
          onFolderNamed={() => setNewFolderId(null)}
        />
      )}
    </div>
  );
}

/** The acts on the list as a whole, and what of it is shown. */
function ListMenu({
  view,
  onView,
  onFolder,
  onSelect,
}: {
  view: ListView;
  onView: (view: ListView) => void;
  onFolder: () => void;
  onSelect: () => void;
}): React.JSX.Element {
  const chats = useChatList().value;
  const tags = useMemo(() => tagsOf(chats?.values() ?? []), [chats]);
  const { chatList } = words;
  const items: readonly MenuItem[] = [
    { label: chatList.newFolder, icon: FolderPlus, run: onFolder },
    { label: chatList.selectChats, icon: ListChecks, run: onSelect },
    {
      label: view.archived ? chatList.leaveArchive : chatList.showArchive,
      icon: view.archived ? ArrowLeft : Archive,
      run: () => onView({ archived: !view.archived, tag: null }),
    },
    ...(tags.length === 0 ? [] : [{ separator: true as const }, { heading: chatList.tagHeading }]),
    ...tags.map((tag) => ({
      label: tag,
      checked: view.tag === tag,
      run: () => onView({ ...view, tag: view.tag === tag ? null : tag }),
    })),
  ];
  return (
    <Menu
      label={chatList.actions}
      align="end"
      items={items}
      trigger={<IconButton icon={Ellipsis} label={chatList.actions} />}
    />
  );
}

/** Says what of the list is shown, where it is not all. */
function ViewHead({ view, onView }: { view: ListView; onView: (view: ListView) => void }): React.JSX.Element | null {
  const { chatList } = words;
  if (!view.archived && view.tag === null) return null;
  return (
    <div className="chat-list-view">
      {view.archived ? (
        <h3>
          <IconButton icon={ArrowLeft} size="sm" label={chatList.leaveArchive} onClick={() => onView(wholeList)} />
          {chatList.archive}
        </h3>
      ) : null}
      {view.tag === null ? null : (
        <span className="chat-list-tag">
          <bdi className="truncate">{chatList.withTag(view.tag)}</bdi>
          <IconButton
            {...{ icon: X, size: 'sm', label: chatList.clearTag }}
            onClick={() => onView({ ...view, tag: null })}
          />
        </span>
      )}
    </div>
  );
}

interface ListedProps extends Omit<ChatListProps, 'onHit' | 'onNew' | 'searchAsked'> {
  readonly view: ListView;
  readonly body: React.RefObject<HTMLDivElement | null>;
  readonly selection: ReturnType<typeof useSelection>;
  readonly newFolderId: string | null;
  readonly onFolderNamed: () => void;
}

function Listed(props: ListedProps): React.JSX.Element {
  const { openId, renamingId, onRename, onLeave, view, body, selection, newFolderId, onFolderNamed } = props;
  const live = useChatList();
  const folders = useChatFolders();
  const now = useToday();
  const chats = live.value;
  const groups = useMemo(() => groupChats(chats?.values() ?? [], now, folders, view), [chats, now, folders, view]);
  const all = useMemo(() => groups.flatMap((group) => group.chats), [groups]);
  const chosen = useMemo(() => all.filter(({ id }) => selection.ids?.has(id) === true), [all, selection.ids]);
  const order = (): readonly string[] => all.map(({ id }) => id);
  // The rows are drawn again only for what they show, and so their acts are one object that reads what is present.
  const present = useRef({ all, chosen, selection, onLeave, onRename });
  useEffect(() => {
    present.current = { all, chosen, selection, onLeave, onRename };
  });
  const acts = useMemo<RowActs>(
    () => ({
      rename: (chatId) => present.current.onRename(chatId),
      toggle(chatId, toHere) {
        present.current.selection.toggle(
          chatId,
          toHere,
          present.current.all.map(({ id }) => id),
        );
        // The row is another element from here on.
        requestAnimationFrame(() => focusRow(chatId));
      },
      remove(chat) {
        const rows = present.current.all;
        const at = rows.findIndex((other) => other.id === chat.id);
        focusRow((rows[at + 1] ?? rows[at - 1])?.id ?? '');
        void deleteChats([chat]);
      },
      drag: (chat, event) => drag(chat, present.current.chosen, event),
      leave: () => present.current.onLeave?.(),
    }),
    [],
  );
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (!(event.target instanceof HTMLElement) || !event.target.matches('[data-row]')) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      const id = event.target.dataset['row'] ?? '';
      selection.selectAll(order());
      requestAnimationFrame(() => focusRow(id));
    } else if (selection.ids !== null && onSelectionKey(event.key, chosen, selection.end)) event.preventDefault();
    else moveFocus(event);
  };

  if (live.status === 'loading')
    return <div className="chat-list-body">{<Skeleton lines={6} label={words.chat.loadingChats} />}</div>;
  if (chats === undefined)
    return (
      <div className="chat-list-body">
        <ErrorCard error={live.error ?? null} compact onRetry={live.retry} />
      </div>
    );
  return (
    <>
      <div ref={body} className="chat-list-body" onKeyDown={onKeyDown}>
        {groups.length === 0 ? (
          <p className="chat-list-none">{emptyWords(view)}</p>
        ) : (
          <ChatGroups
            {...{ groups, chats, body, openId, renamingId, newFolderId, onFolderNamed, acts }}
            selected={selection.ids}
          />
        )}
      </div>
      {selection.ids === null ? null : (
        <SelectionBar
          chats={chosen}
          onAll={() => selection.selectAll(order())}
          onEnd={() => {
            selection.end();
            requestAnimationFrame(() => body.current?.querySelector<HTMLElement>('[data-row][tabindex="0"]')?.focus());
          }}
        />
      )}
    </>
  );
}

const focusRow = (id: string): void => document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)?.focus();

function emptyWords(view: ListView): string {
  if (view.tag !== null) return words.chatList.noneWithTag;
  return view.archived ? words.chatList.archiveEmpty : words.chat.noChats;
}

/** The keys on the selected chats. Answers whether it was one of them. */
function onSelectionKey(key: string, chosen: readonly ChatSummary[], end: () => void): boolean {
  if (key === 'Escape') end();
  else if (chosen.length === 0) return false;
  else if (key === 'Delete') {
    void deleteChats(chosen);
    end();
  } else if (key.toLowerCase() === 'm') openMove(chosen);
  else if (key.toLowerCase() === 't') openTags(chosen);
  else if (key.toLowerCase() === 'e') archive(chosen);
  else return false;
  return true;
}

/** Drags a chat, or all selected ones where it is one of them. */
function drag(chat: ChatSummary, chosen: readonly ChatSummary[], event: DragEvent): void {
  const chats = chosen.includes(chat) ? chosen : [chat];
  event.dataTransfer.setData(DRAGGED_CHATS, JSON.stringify(chats.map(({ id }) => id)));
  event.dataTransfer.effectAllowed = 'copyMove';
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
