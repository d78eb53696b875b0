/** One chat in the list. */
import { Ellipsis, Pencil, Pin, PinOff, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';
import { keymap } from '../../../navigation/keymap.ts';
import { href } from '../../../navigation/router.ts';
import { ContextMenu, Menu, type MenuItem } from '../../../ui/layers/Menu.tsx';
import { titleOf } from '../actions.ts';
import { words } from '../../../words/words.ts';

interface ChatRowProps {
  readonly chat: ChatSummary;
  readonly open: boolean;
  readonly inTabOrder: boolean;
  readonly renaming: boolean;
  readonly onRename: (chatId: string | null) => void;
  readonly onSaveTitle: (title: string) => void;
  readonly onPin: () => void;
  readonly onDelete: () => void;
  readonly onOpen: (() => void) | undefined;
}

export function ChatRow(props: ChatRowProps): React.JSX.Element {
  const { chat, open, inTabOrder, renaming, onRename, onSaveTitle, onPin, onDelete, onOpen } = props;
  const title = titleOf(chat);
  const link = useRef<HTMLAnchorElement>(null);
  const items: readonly MenuItem[] = [
    { label: words.chat.rename, icon: Pencil, shortcut: keymap['list.rename'].shortcut, run: () => onRename(chat.id) },
    { label: chat.pinned ? words.chat.unpin : words.chat.pin, icon: chat.pinned ? PinOff : Pin, run: onPin },
    { separator: true },
    { label: words.chat.delete, icon: Trash2, shortcut: keymap['list.delete'].shortcut, danger: true, run: onDelete },
  ];

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'F2') onRename(chat.id);
    else if (event.key === 'Delete') onDelete();
    else return;
    event.preventDefault();
  };

  if (renaming) {
    return (
      <li className="chat-row" data-open={open || undefined}>
        <TitleEditor
          title={chat.title}
          onDone={(next) => {
            onRename(null);
            if (next !== null && next !== chat.title) onSaveTitle(next);
            requestAnimationFrame(() => link.current?.focus());
          }}
        />
      </li>
    );
  }
  return (
    <li className="chat-row" data-open={open || undefined}>
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
          onKeyDown={onKeyDown}
          onClick={onOpen}
        >
          <span className="truncate" dir="auto">
            {title}
          </span>
          {chat.busy ? <span className="chat-busy" aria-hidden="true" /> : null}
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
}

/** `onDone` with null: no change. */
function TitleEditor({ title, onDone }: { title: string; onDone: (title: string | null) => void }): React.JSX.Element {
  const [value, setValue] = useState(title);
  const field = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  useEffect(() => {
    // One frame later, because a closing menu first returns the focus to its button.
    const frame = requestAnimationFrame(() => field.current?.select());
    return () => cancelAnimationFrame(frame);
  }, []);
  const finish = (next: string | null): void => {
    // Enter is followed by a blur.
    if (over.current) return;
    over.current = true;
    const trimmed = next?.trim() ?? '';
    onDone(trimmed === '' ? null : trimmed);
  };
  return (
    <input
      ref={field}
      className="chat-row-title"
      aria-label={words.chat.titleField}
      dir="auto"
      maxLength={200}
      value={value}
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => document.hasFocus() && finish(value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') finish(value);
        else if (event.key === 'Escape') {
          event.stopPropagation();
          finish(null);
        } else return;
        event.preventDefault();
      }}
    />
  );
}
