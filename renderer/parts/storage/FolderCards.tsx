import type { CacheFolderChoice } from '../../../preload/contract/settings.ts';
import { formatBytes } from '../../words/format.ts';
import { RadioCards } from '../../ui/controls/RadioCards.tsx';
import { words } from '../../words/words.ts';

/** A choice of one folder by its id, each with its path and, where known, the free space of its disk. */
export function FolderCards({
  label,
  value,
  onChange,
  folders,
  disabled = false,
}: {
  label: string;
  value: string;
  onChange: (choiceId: string) => void;
  folders: readonly CacheFolderChoice[];
  disabled?: boolean;
}) {
  return (
    <RadioCards
      label={label}
      value={value}
      disabled={disabled}
      onChange={onChange}
      options={folders.map((folder) => ({
        value: folder.id,
        label: words.settings.folder.kind(folder),
        detail: (
          <bdi dir="ltr" className="mono">
            {folder.path}
          </bdi>
        ),
        ...(folder.freeBytes === null ? {} : { end: words.settings.folder.free(formatBytes(folder.freeBytes)) }),
      }))}
    />
  );
}
