/** One chat in the list. */
import {
  Archive,
  ArchiveRestore,
  Copy,
  Ellipsis,
  FileDown,
  FolderInput,
  ListChecks,
  Pencil,
  Pin,
  PinOff,
  Tags,
  Trash2,
} from 'lucide-react';
import { memo, useRef, type DragEvent, type KeyboardEvent } from 'react';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';
import { attempt } from '../../../connection/attempt.ts';
import { openExport } from '../../../navigation/exchange-sheet.ts';
import { keymap } from '../../../navigation/keymap.ts';
import { href } from '../../../navigation/router.ts';
import { ContextMenu, Menu, type MenuItem } from '../../../ui/layers/Menu.tsx';
import { words } from '../../../words/words.ts';
import { titleOf } from '../actions.ts';
import { archive, duplicate, openMove, openTags, pin } from './order-acts.ts';
import { TitleEditor } from './TitleEditor.tsx';

/** What a row does to the list around it. The same object at every render. */
export interface RowActs {
  readonly rename: (chatId: string | null) => void;
  readonly toggle: (chatId: string, toHere: boolean) => void;
  readonly remove: (chat: ChatSummary) => void;
  readonly drag: (chat: ChatSummary, event: DragEvent) => void;
  readonly leave: () => void;
}

interface ChatRowProps {
  readonly chat: ChatSummary;
  readonly open: boolean;
  readonly inTabOrder: boolean;
  readonly renaming: boolean;
  /** Null: rows are opened and not selected. */
  readonly selected: boolean | null;
  readonly acts: RowActs;
  /** Height of the rows before it that are not rendered. */
  readonly gap: number;
  readonly place: number;
  readonly count: number;
}

export const ChatRow = memo(function ChatRow(props: ChatRowProps): React.JSX.Element {
  const { chat, open, inTabOrder, renaming, selected, acts, gap, place, count } = props;
  const title = titleOf(chat);
  const link = useRef<HTMLAnchorElement>(null);
  const item = {
    className: 'chat-row',
    'data-open': open || undefined,
    'data-selected': selected === true || undefined,
    'aria-setsize': count,
    'aria-posinset': place,
    ...(gap > 0 && { style: { marginBlockStart: gap } }),
  };

  if (renaming) {
    return (
      <li {...item}>
        <TitleEditor
          title={chat.title}
          label={words.chat.titleField}
          maxLength={200}
          onDone={(next) => {
            acts.rename(null);
            if (next !== null && next !== chat.title) void attempt('chat.update', { chatId: chat.id, title: next });
            requestAnimationFrame(() => link.current?.focus());
          }}
        />
      </li>
    );
  }
  const marks = <RowMarks chat={chat} />;
  if (selected !== null) {
    return (
      <li {...item}>
        <label className="chat-row-link chat-row-check" title={title}>
          <input
            type="checkbox"
            data-row={chat.id}
            aria-label={words.chatList.selectChat(title)}
            tabIndex={inTabOrder ? 0 : -1}
            checked={selected}
            onChange={() => {}}
            onClick={(event) => acts.toggle(chat.id, event.shiftKey)}
          />
          <span className="truncate" dir="auto">
            {title}
          </span>
          {marks}
        </label>
      </li>
    );
  }
  const items = itemsOf(chat, acts);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'F2') acts.rename(chat.id);
    else if (event.key === 'Delete') acts.remove(chat);
    else if (event.key === ' ') acts.toggle(chat.id, event.shiftKey);
    else if (event.key.toLowerCase() === 'm') openMove([chat]);
    else if (event.key.toLowerCase() === 't') openTags([chat]);
    else if (event.key.toLowerCase() === 'e') archive([chat]);
    else return;
    event.preventDefault();
  };
  return (
    <li {...item}>
      <ContextMenu items={items}>
        <a
          ref={link}
          data-row={chat.id}
          href={href({ screen: 'chat', chatId: chat.id })}
          aria-current={open ? 'page' : undefined}
          aria-label={chat.busy ? words.chat.writingIn(title) : undefined}
          tabIndex={inTabOrder ? 0 : -1}
          className="chat-row-link"
          title={title}
          draggable
          onDragStart={(event) => acts.drag(chat, event)}
          onKeyDown={onKeyDown}
          onClick={(event) => {
            if (!event.shiftKey) return acts.leave();
            event.preventDefault();
            acts.toggle(chat.id, true);
          }}
        >
          <span className="truncate" dir="auto">
            {title}
          </span>
          {marks}
        </a>
      </ContextMenu>
      <Menu
        label={words.chat.actsFor(title)}
        items={items}
        align="end"
        trigger={
          <button
            type="button"
            className="chat-row-menu"
            aria-label={words.chat.moreFor(title)}
            tabIndex={inTabOrder ? 0 : -1}
          >
            <Ellipsis size={15} aria-hidden="true" />
          </button>
        }
      />
    </li>
  );
});

/** Behind the title: the first tag, and whether a reply is being written. */
function RowMarks({ chat }: { chat: ChatSummary }): React.JSX.Element {
  const [first, ...more] = chat.tags;
  return (
    <>
      {first === undefined ? null : (
        <span className="chat-row-tags" title={chat.tags.join(', ')}>
          <bdi className="truncate">{first}</bdi>
          {more.length > 0 ? <span>{words.chatList.moreTags(more.length)}</span> : null}
        </span>
      )}
      {chat.pinned && chat.folderId !== null ? <Pin size={12} className="chat-row-pin" aria-hidden="true" /> : null}
      {chat.busy ? <span className="chat-busy" aria-hidden="true" /> : null}
    </>
  );
}

function itemsOf(chat: ChatSummary, acts: RowActs): readonly MenuItem[] {
  const { chatList } = words;
  const key = (id: 'list.rename' | 'list.move' | 'list.tags' | 'list.archive' | 'list.select' | 'list.delete') => ({
    shortcut: keymap[id].shortcut,
  });
  return [
    { label: words.chat.rename, icon: Pencil, ...key('list.rename'), run: () => acts.rename(chat.id) },
    {
      label: chat.pinned ? words.chat.unpin : words.chat.pin,
      icon: chat.pinned ? PinOff : Pin,
      run: () => pin(chat),
    },
    { label: chatList.move, icon: FolderInput, ...key('list.move'), run: () => openMove([chat]) },
    { label: chatList.tags, icon: Tags, ...key('list.tags'), run: () => openTags([chat]) },
    { label: chatList.duplicate, icon: Copy, run: () => void duplicate(chat) },
    {
      label: chat.archived ? chatList.unarchiveChat : chatList.archiveChat,
      icon: chat.archived ? ArchiveRestore : Archive,
      ...key('list.archive'),
      run: () => archive([chat]),
    },
    { label: chatList.select, icon: ListChecks, ...key('list.select'), run: () => acts.toggle(chat.id, false) },
    { label: words.exchange.exportEllipsis, icon: FileDown, run: () => openExport([chat.id], titleOf(chat)) },
    { separator: true },
    { label: words.chat.delete, icon: Trash2, ...key('list.delete'), danger: true, run: () => acts.remove(chat) },
  ];
}
