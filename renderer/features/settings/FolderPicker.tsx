/** A folder picker for shells without a dialog of their own. */
import { CornerLeftUp, Folder } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useCall, useQuery } from '../../connection/live.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { onListKeys } from '../../ui/list-keys.ts';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { words } from '../../words/words.ts';

interface FolderPickerProps {
  readonly onClose: () => void;
}

/** Lists folders with the help of main, and adds the open one. */
export function FolderPicker({ onClose }: FolderPickerProps) {
  const [folderId, setFolderId] = useState<string | null>(null);
  const listing = useQuery('settings.listFolders', { folderId }, { keep: true });
  const add = useCall('settings.addModelFolder');
  const list = useRef<HTMLUListElement>(null);
  const shown = listing.value;
  const opened = useRef(false);
  useEffect(() => {
    // The clicked row disappears with its folder: the focus moves to the first row of the next one.
    if (opened.current) list.current?.querySelector<HTMLElement>('[data-row]')?.focus();
    opened.current = false;
  }, [shown?.id]);
  const open = (id: string | null): void => {
    opened.current = true;
    add.clearError();
    setFolderId(id);
  };
  const use = async (): Promise<void> => {
    if (shown !== undefined && (await add.run({ folderId: shown.id })) !== undefined) onClose();
  };
  const files = shown?.modelFileCount ?? 0;
  return (
    <Dialog
      open
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={words.settings.folders.pickerTitle}
      description={words.settings.folders.pickerText}
      footer={
        <>
          <span className="secondary num settings-picker-count" role="status">
            {words.settings.folders.files(files)}
          </span>
          <Button variant="primary" disabled={shown === undefined} loading={add.pending} onClick={() => void use()}>
            {words.settings.folders.use}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p aria-live="polite" className="settings-picker-path">
          <bdi dir="ltr" className="mono">
            {shown?.path ?? '…'}
          </bdi>
        </p>
        {listing.status === 'error' && (
          <ErrorCard
            compact
            error={listing.error}
            actions={[{ label: words.settings.folders.home, run: () => open(null) }]}
          />
        )}
        {listing.status === 'loading' && <Skeleton lines={5} />}
        {shown !== undefined && (
          <ul
            className="card settings-picker"
            aria-label={words.settings.folders.subfolders}
            onKeyDown={onListKeys}
            ref={list}
          >
            {shown.parentId !== null && (
              <li>
                <button type="button" data-row onClick={() => open(shown.parentId)}>
                  <CornerLeftUp size={14} aria-hidden />
                  {words.settings.folders.above}
                </button>
              </li>
            )}
            {shown.folders.map(({ id, name }) => (
              <li key={id}>
                <button type="button" data-row onClick={() => open(id)}>
                  <Folder size={14} aria-hidden />
                  <bdi className="truncate">{name}</bdi>
                </button>
              </li>
            ))}
          </ul>
        )}
        {add.error ? <ErrorCard error={add.error} compact /> : null}
      </div>
    </Dialog>
  );
}
