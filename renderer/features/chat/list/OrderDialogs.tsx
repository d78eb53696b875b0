/** The dialogs over the list: the folder of chats, and their tags. */
import { Folder, FolderMinus } from 'lucide-react';
import { useState } from 'react';
import { MOST_TAGS } from '../../../../preload/contract/chat-limits.ts';
import type { ChatSummary } from '../../../../preload/contract/chat.ts';
import { useChatFolders, useChatList } from '../../../parts/watched.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { CheckList } from '../../../ui/controls/CheckList.tsx';
import { TextField } from '../../../ui/controls/TextField.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { onListKeys } from '../../../ui/list-keys.ts';
import { words } from '../../../words/words.ts';
import { tagsOf } from './chat-groups.ts';
import { arrange, closeOrderDialog, createFolder, moveTo, useOrderDialog } from './order-acts.ts';

export function OrderDialogs(): React.JSX.Element | null {
  const open = useOrderDialog();
  if (open === null) return null;
  switch (open.kind) {
    case 'move':
      return <MoveDialog chats={open.chats} />;
    case 'tags':
      return <TagsDialog chats={open.chats} />;
    default:
      return open.kind satisfies never;
  }
}

function MoveDialog({ chats }: { chats: readonly ChatSummary[] }): React.JSX.Element {
  const folders = useChatFolders();
  const [name, setName] = useState('');
  const { chatList } = words;
  const move = (folder: (typeof folders)[number] | null): void => {
    closeOrderDialog();
    void moveTo(chats, folder);
  };
  const create = async (): Promise<void> => {
    const folder = name.trim() === '' ? undefined : await createFolder(name.trim());
    if (folder) move(folder);
  };
  return (
    <Dialog open onOpenChange={closeOrderDialog} title={chatList.moveTitle(chats.length)} size="sm">
      {chats.some(({ folderId }) => folderId !== null) || folders.length > 0 ? (
        <ul className="chat-move" onKeyDown={onListKeys}>
          {folders.map((folder, at) => (
            <li key={folder.id}>
              <button
                type="button"
                data-row={folder.id}
                data-autofocus={at === 0 || undefined}
                aria-current={chats.every(({ folderId }) => folderId === folder.id) || undefined}
                onClick={() => move(folder)}
              >
                <Folder size={15} aria-hidden="true" />
                <bdi className="truncate">{folder.name}</bdi>
              </button>
            </li>
          ))}
          <li>
            <button type="button" data-row="none" onClick={() => move(null)}>
              <FolderMinus size={15} aria-hidden="true" />
              {chatList.noFolder}
            </button>
          </li>
        </ul>
      ) : null}
      <form
        className="chat-move-new"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <TextField label={chatList.newFolder} size="sm" maxLength={60} dir="auto" value={name} onChange={setName} />
        <Button type="submit" size="sm" disabled={name.trim() === ''}>
          {chatList.moveAndCreate}
        </Button>
      </form>
    </Dialog>
  );
}

function TagsDialog({ chats }: { chats: readonly ChatSummary[] }): React.JSX.Element {
  const known = tagsOf(useChatList().value?.values() ?? []);
  const [added, setAdded] = useState<readonly string[]>([]);
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const [checked, setChecked] = useState<readonly string[]>(() =>
    tagsOf(chats).filter((tag) => chats.every(({ tags }) => tags.includes(tag))),
  );
  const [name, setName] = useState('');
  const { chatList } = words;
  const typed = name.trim();
  const addTyped = (): readonly string[] => {
    const isKnown = (tag: string): boolean => tag.toLowerCase() === typed.toLowerCase();
    const tag = [...known, ...added].find(isKnown) ?? typed;
    if (!known.includes(tag) && !added.includes(tag)) setAdded([...added, tag]);
    setChanged(new Set(changed).add(tag));
    const next = checked.includes(tag) ? checked : [...checked, tag];
    setChecked(next);
    setName('');
    return next;
  };
  const apply = (): void => {
    const wanted = typed === '' ? checked : addTyped();
    const touched = typed === '' ? changed : new Set([...changed, ...wanted.filter((tag) => !checked.includes(tag))]);
    closeOrderDialog();
    void arrange(
      chats,
      {
        addTags: wanted.filter((tag) => touched.has(tag)).slice(0, MOST_TAGS),
        removeTags: [...touched].filter((tag) => !wanted.includes(tag)).slice(0, MOST_TAGS),
      },
      chatList.tagged,
    );
  };
  const options = [...known, ...added.filter((tag) => !known.includes(tag))].map((tag) => {
    const isOnSome = !changed.has(tag) && !checked.includes(tag) && chats.some(({ tags }) => tags.includes(tag));
    return { value: tag, label: tag, ...(isOnSome && { detail: chatList.onSome }) };
  });
  return (
    <Dialog
      open
      onOpenChange={closeOrderDialog}
      title={chatList.tagsTitle(chats.length)}
      size="sm"
      footer={
        <Button variant="primary" disabled={changed.size === 0 && typed === ''} onClick={apply}>
          {chatList.apply}
        </Button>
      }
    >
      <form
        className="chat-move-new"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed !== '') addTyped();
        }}
        onKeyDown={(event) => {
          // A form without a button that can be pressed is not submitted by Enter.
          if (event.key === 'Enter' && typed === '' && changed.size > 0) apply();
        }}
      >
        <TextField label={chatList.newTag} size="sm" maxLength={40} dir="auto" value={name} onChange={setName} />
        <Button type="submit" size="sm" disabled={typed === ''}>
          {words.ui.add}
        </Button>
      </form>
      {options.length === 0 ? null : (
        <CheckList
          label={chatList.tagsLabel}
          values={checked}
          options={options}
          onChange={(values) => {
            const toggled = options.filter(({ value }) => values.includes(value) !== checked.includes(value));
            setChanged(new Set([...changed, ...toggled.map(({ value }) => value)]));
            setChecked(values);
          }}
        />
      )}
    </Dialog>
  );
}
