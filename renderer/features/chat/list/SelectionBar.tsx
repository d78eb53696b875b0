/** What can be done with the selected chats. */
import { Archive, ArchiveRestore, CheckCheck, FolderInput, Tags, Trash2, X } from 'lucide-react';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { words } from '../../../words/words.ts';
import { archive, deleteChats, openMove, openTags } from './order-acts.ts';

export function SelectionBar({
  chats,
  onAll,
  onEnd,
}: {
  chats: readonly ChatSummary[];
  onAll: () => void;
  onEnd: () => void;
}): React.JSX.Element {
  const { chatList } = words;
  const none = chats.length === 0;
  const allArchived = !none && chats.every((chat) => chat.archived);
  return (
    <div className="chat-selection" role="toolbar" aria-label={chatList.selection}>
      <span className="chat-selection-count" role="status">
        {chatList.selected(chats.length)}
      </span>
      <IconButton size="sm" side="top" icon={CheckCheck} label={chatList.selectAll} onClick={onAll} />
      <IconButton
        {...{ size: 'sm', side: 'top', icon: FolderInput, label: chatList.move, disabled: none }}
        onClick={() => openMove(chats)}
      />
      <IconButton
        {...{ size: 'sm', side: 'top', icon: Tags, label: chatList.tags, disabled: none }}
        onClick={() => openTags(chats)}
      />
      <IconButton
        {...{ size: 'sm', side: 'top', disabled: none }}
        icon={allArchived ? ArchiveRestore : Archive}
        label={allArchived ? chatList.unarchiveChat : chatList.archiveChat}
        onClick={() => archive(chats)}
      />
      <IconButton
        {...{ size: 'sm', side: 'top', icon: Trash2, label: chatList.deleteSelected, disabled: none }}
        onClick={() => {
          void deleteChats(chats);
          onEnd();
        }}
      />
      <IconButton size="sm" side="top" icon={X} label={chatList.endSelection} onClick={onEnd} />
    </div>
  );
}
