/** The chats in their groups, of which only the rows that are seen are rendered. */
import { useLayoutEffect, useMemo, useRef, useState, type DragEvent, type FocusEvent, type RefObject } from 'react';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';
import { recall, remember } from '../../../navigation/memory.ts';
import { words } from '../../../words/words.ts';
import type { ChatGroup } from './chat-groups.ts';
import { ChatRow, type RowActs } from './ChatRow.tsx';
import { GroupHead } from './GroupHead.tsx';
import { moveTo } from './order-acts.ts';
import { useRowWindow } from './use-row-window.ts';

/** The type of what is dragged: ids of chats, as JSON. */
export const DRAGGED_CHATS = 'application/x-hearth-chats';

interface ChatGroupsProps {
  readonly groups: readonly ChatGroup[];
  readonly chats: ReadonlyMap<string, ChatSummary>;
  readonly body: RefObject<HTMLElement | null>;
  readonly openId: string | null;
  readonly renamingId: string | null;
  readonly newFolderId: string | null;
  readonly onFolderNamed: () => void;
  readonly selected: ReadonlySet<string> | null;
  readonly acts: RowActs;
}

const keyOf = ({ key, folder }: ChatGroup): string => folder?.id ?? key;

export function ChatGroups(props: ChatGroupsProps): React.JSX.Element {
  const { groups, chats, body, openId, renamingId, newFolderId, onFolderNamed, selected, acts } = props;
  const { collapsed, toggle } = useCollapsed();
  const [focusedId, setFocusedId] = useState<string | null>(null);
  // A row that comes into another group is another element, to which the focus is taken along.
  const lastFocused = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (lastFocused.current === null || document.activeElement !== document.body) return;
    body.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(lastFocused.current)}"]`)?.focus();
  }, [groups, body]);
  const [droppingOn, setDroppingOn] = useState<string | null>(null);
  const isOpen = (group: ChatGroup): boolean => group.folder === null || !collapsed.has(group.folder.id);
  const places = useMemo(() => {
    const all = new Map<string, { group: number; row: number }>();
    groups.forEach(({ chats: rows }, group) => rows.forEach(({ id }, row) => all.set(id, { group, row })));
    return all;
  }, [groups]);
  const counts = groups.map((group) => (isOpen(group) ? group.chats.length : 0));
  const keptId = renamingId ?? focusedId;
  const { rows, sizes } = useRowWindow(body, counts, keptId === null ? null : (places.get(keptId) ?? null));

  // One row is in the tab order, of those that are rendered; arrows reach the others.
  const rendered = groups.flatMap(({ chats: all }, group) => (rows[group] ?? []).flatMap((row) => all[row]?.id ?? []));
  const tabStop = [focusedId, openId].find((id) => id !== null && rendered.includes(id)) ?? rendered[0];

  const drop = (group: ChatGroup) => ({
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(DRAGGED_CHATS)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'move';
      setDroppingOn(keyOf(group));
    },
    onDragLeave: () => setDroppingOn(null),
    onDrop: (event: DragEvent) => {
      setDroppingOn(null);
      const dragged = draggedChats(event, chats);
      if (dragged.length === 0) return;
      event.preventDefault();
      void moveTo(dragged, group.folder);
    },
  });
  return (
    <nav
      aria-label={words.chat.chats}
      onFocus={(event: FocusEvent<HTMLElement>) => {
        lastFocused.current = event.target.dataset['row'] ?? null;
        setFocusedId(lastFocused.current);
      }}
      onBlur={(event) => {
        if (event.relatedTarget !== null) lastFocused.current = null;
        setFocusedId(null);
      }}
    >
      {groups.map((group, at) => {
        const shown = rows[at] ?? [];
        const count = counts[at] ?? 0;
        const name = group.key === 'folder' ? (group.folder?.name ?? '') : words.chat.groups[group.key];
        const below = count - 1 - (shown.at(-1) ?? -1);
        return (
          <section
            key={keyOf(group)}
            aria-label={name}
            data-dropping={droppingOn === keyOf(group) || undefined}
            {...(group.key === 'pinned' ? {} : drop(group))}
          >
            <GroupHead
              group={group}
              collapsed={!isOpen(group)}
              isNew={group.folder !== null && group.folder.id === newFolderId}
              onToggle={() => group.folder && toggle(group.folder.id)}
              onNamed={onFolderNamed}
            />
            {count === 0 ? null : (
              <ul style={{ paddingBlockEnd: below * sizes.row }}>
                {shown.map((row, index) => {
                  const chat = group.chats[row];
                  return chat ? (
                    <ChatRow
                      key={chat.id}
                      chat={chat}
                      open={chat.id === openId}
                      inTabOrder={chat.id === tabStop}
                      renaming={chat.id === renamingId}
                      selected={selected === null ? null : selected.has(chat.id)}
                      acts={acts}
                      gap={(row - (shown[index - 1] ?? -1) - 1) * sizes.row}
                      place={row + 1}
                      count={count}
                    />
                  ) : null;
                })}
              </ul>
            )}
          </section>
        );
      })}
    </nav>
  );
}

function draggedChats(event: DragEvent, chats: ReadonlyMap<string, ChatSummary>): readonly ChatSummary[] {
  try {
    const ids = JSON.parse(event.dataTransfer.getData(DRAGGED_CHATS)) as unknown;
    // Another window may have dragged anything here.
    return Array.isArray(ids) ? ids.flatMap((id) => (typeof id === 'string' ? (chats.get(id) ?? []) : [])) : [];
  } catch {
    return [];
  }
}

/** The folders that are closed. This window remembers them. */
function useCollapsed(): { collapsed: ReadonlySet<string>; toggle: (folderId: string) => void } {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(
    () => new Set((recall('closed-folders') ?? '').split(' ').filter(Boolean)),
  );
  const toggle = (folderId: string): void => {
    const next = new Set(collapsed);
    if (!next.delete(folderId)) next.add(folderId);
    setCollapsed(next);
    remember('closed-folders', [...next].join(' '));
  };
  return { collapsed, toggle };
}
