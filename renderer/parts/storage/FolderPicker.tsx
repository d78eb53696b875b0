/** A folder picker for shells without a dialog of their own. */
import { CornerLeftUp, Folder } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import { useQuery } from '../../connection/live.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { ErrorCard } from '../ErrorCard.tsx';
import { onListKeys } from '../../ui/list-keys.ts';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { words } from '../../words/words.ts';
import './folder-picker.css';

interface FolderPickerProps {
  readonly title: string;
  readonly text: string;
  /** The name of the act on the open folder. */
  readonly confirm: string;
  /** What the foot says of the number of GGUF files in the open folder; left out where they do not matter. */
  readonly count?: (files: number) => string;
  readonly onUse: (folder: { readonly folderId: string; readonly path: string }) => void;
  readonly onClose: () => void;
  readonly pending?: boolean;
  /** Why the open folder could not be used. */
  readonly error?: ErrorBody | null;
  /** Called when another folder is opened: the error was about the one before. */
  readonly onOpen?: () => void;
}

/** Lists folders with the help of main, for an act on the open one. */
export function FolderPicker({
  title,
  text,
  confirm,
  count,
  onUse,
  onClose,
  pending = false,
  error = null,
  onOpen,
}: FolderPickerProps) {
  const [folderId, setFolderId] = useState<string | null>(null);
  const listing = useQuery('settings.listFolders', { folderId }, { keep: true });
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
    onOpen?.();
    setFolderId(id);
  };
  return (
    <Dialog
      open
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={title}
      description={text}
      footer={
        <>
          {count && (
            <span className="secondary num folder-picker-count" role="status">
              {count(shown?.modelFileCount ?? 0)}
            </span>
          )}
          <Button
            variant="primary"
            disabled={shown === undefined}
            loading={pending}
            onClick={() => {
              if (shown !== undefined) onUse({ folderId: shown.id, path: shown.path });
            }}
          >
            {confirm}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p aria-live="polite" className="folder-picker-path">
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
            className="card folder-picker"
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
        {error ? <ErrorCard error={error} compact /> : null}
      </div>
    </Dialog>
  );
}
