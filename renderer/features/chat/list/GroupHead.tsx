/** The heading of a group of chats: words, or a folder that opens and closes and takes chats that are dropped. */
import { ChevronDown, ChevronRight, Ellipsis, Folder, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { attempt } from '../../../connection/attempt.ts';
import { Menu } from '../../../ui/layers/Menu.tsx';
import { words } from '../../../words/words.ts';
import type { ChatGroup } from './chat-groups.ts';
import { deleteFolder } from './order-acts.ts';
import { TitleEditor } from './TitleEditor.tsx';

export function GroupHead({
  group,
  collapsed,
  isNew,
  onToggle,
  onNamed,
}: {
  group: ChatGroup;
  collapsed: boolean;
  /** The folder was just made, so that its name is edited. */
  isNew: boolean;
  onToggle: () => void;
  onNamed: () => void;
}): React.JSX.Element {
  const { folder, chats } = group;
  const [renaming, setRenaming] = useState(false);
  if (folder === null) {
    return (
      <h3 className="chat-list-group" data-head>
        {group.key === 'folder' ? null : words.chat.groups[group.key]}
      </h3>
    );
  }
  if (renaming || isNew) {
    return (
      <div className="chat-list-group" data-head>
        <TitleEditor
          title={folder.name}
          label={words.chatList.folderName}
          maxLength={60}
          onDone={(name) => {
            setRenaming(false);
            onNamed();
            if (name !== null && name !== folder.name) void attempt('chat.renameFolder', { folderId: folder.id, name });
          }}
        />
      </div>
    );
  }
  const Chevron = collapsed ? ChevronRight : ChevronDown;
  return (
    <h3 className="chat-list-group chat-folder" data-head>
      <button
        type="button"
        data-row={`folder ${folder.id}`}
        className="chat-folder-toggle"
        aria-expanded={!collapsed}
        aria-label={words.chatList.folder(folder.name, chats.length)}
        title={folder.name}
        onClick={onToggle}
        onKeyDown={(event) => {
          if (event.key === 'F2') setRenaming(true);
          else if (event.key === 'Delete') void deleteFolder(folder);
          else if ((event.key === 'ArrowRight' && collapsed) || (event.key === 'ArrowLeft' && !collapsed)) onToggle();
          else return;
          event.preventDefault();
        }}
      >
        <Chevron size={13} className="chat-folder-chevron" aria-hidden="true" />
        <Folder size={14} aria-hidden="true" />
        <bdi className="truncate">{folder.name}</bdi>
        <span className="chat-folder-count num">{chats.length}</span>
      </button>
      <Menu
        label={words.chat.actsFor(folder.name)}
        align="end"
        items={[
          { label: words.chatList.renameFolder, icon: Pencil, run: () => setRenaming(true) },
          { label: words.chatList.deleteFolder, icon: Trash2, danger: true, run: () => void deleteFolder(folder) },
        ]}
        trigger={
          <button type="button" className="chat-row-menu" aria-label={words.chatList.moreForFolder(folder.name)}>
            <Ellipsis size={15} aria-hidden="true" />
          </button>
        }
      />
    </h3>
  );
}
