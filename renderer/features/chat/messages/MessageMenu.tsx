/** The acts on a message that are needed less often, behind one button. */
import { Binary, Columns2, Ellipsis, GitBranch, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { parseRemoteModelId } from '../../../../preload/contract/remote-model-id.ts';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { Menu, type MenuItem } from '../../../ui/layers/Menu.tsx';
import { words } from '../../../words/words.ts';
import type { VersionPlace } from './delete-message.ts';
import type { MessageActions } from './message-actions.ts';

interface MessageMenuProps extends VersionPlace {
  readonly message: Message;
  /** A reply is being written in this chat: nothing that changes its tree can be done. */
  readonly busy: boolean;
  readonly actions: MessageActions;
}

export function MessageMenu(props: MessageMenuProps): React.JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <Menu
      label={words.versions.more}
      open={open}
      onOpenChange={setOpen}
      trigger={<IconButton label={words.versions.more} icon={Ellipsis} size="sm" />}
      items={open ? itemsOf(props) : []}
    />
  );
}

function itemsOf({ message, busy, actions, index, count }: MessageMenuProps): readonly MenuItem[] {
  const { id, role } = message;
  const isReply = role === 'assistant';
  const canEdit = isReply && message.parts.every(({ type }) => type !== 'tool_call');
  return [
    ...(canEdit
      ? [{ label: words.versions.editReply, icon: Pencil, disabled: busy, run: () => actions.startEditing(id) }]
      : []),
    ...(isReply
      ? [
          {
            label: words.versions.compare,
            icon: Columns2,
            disabled: busy,
            run: () => actions.askWriter({ kind: 'compare', message }),
          },
        ]
      : []),
    ...(isReply && message.timing !== null && message.modelId !== null && parseRemoteModelId(message.modelId) === null
      ? [{ label: words.seenPrompt.act, icon: Binary, run: () => actions.showSeen(message) }]
      : []),
    { label: words.versions.branch, icon: GitBranch, run: () => actions.branch(id) },
    { separator: true },
    {
      label: count > 1 ? words.versions.deleteVersion(index + 1, count) : words.versions.delete,
      detail: words.versions.deleteDetail,
      icon: Trash2,
      danger: true,
      disabled: busy,
      run: () => actions.remove(id, { index, count }),
    },
  ];
}
