/** Other folders whose models are used in place. */
import { FolderPlus, X } from 'lucide-react';
import { useState } from 'react';
import type { Settings } from '../../../preload/contract/settings.ts';
import { useCall } from '../../connection/live.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { FolderPicker } from '../../parts/storage/FolderPicker.tsx';
import { words } from '../../words/words.ts';

interface ModelFoldersProps {
  readonly settings: Settings;
  /** Whether the shell has a folder dialog. */
  readonly canPick: boolean;
}

export function ModelFolders({ settings, canPick }: ModelFoldersProps) {
  const [choosing, setChoosing] = useState(false);
  const pick = useCall('settings.pickModelFolder');
  const remove = useCall('settings.removeModelFolder');
  const add = useCall('settings.addModelFolder');
  const use = async (folderId: string): Promise<void> => {
    if ((await add.run({ folderId })) !== undefined) setChoosing(false);
  };
  const error = pick.error ?? remove.error;
  const { modelFolders } = settings;
  return (
    <div className="stack">
      {modelFolders.length === 0 ? (
        <p className="secondary">{words.settings.folders.none}</p>
      ) : (
        <ul className="card settings-folders" aria-label={words.settings.folders.list}>
          {modelFolders.map(({ id, name, path }) => (
            <li key={id}>
              <span>
                <span>{name}</span>
                <bdi dir="ltr" className="mono secondary">
                  {path}
                </bdi>
              </span>
              <IconButton
                size="sm"
                icon={X}
                label={words.settings.folders.remove(name)}
                title={words.settings.folders.removeHint}
                onClick={() => void remove.run({ folderId: id })}
              />
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button
          size="sm"
          icon={FolderPlus}
          loading={pick.pending}
          onClick={() => (canPick ? void pick.run({}) : setChoosing(true))}
        >
          {words.settings.folders.add}
        </Button>
      </div>
      {choosing && (
        <FolderPicker
          title={words.settings.folders.pickerTitle}
          text={words.settings.folders.pickerText}
          confirm={words.settings.folders.use}
          count={words.settings.folders.files}
          pending={add.pending}
          error={add.error}
          onOpen={add.clearError}
          onUse={({ folderId }) => void use(folderId)}
          onClose={() => setChoosing(false)}
        />
      )}
      {error ? <ErrorCard error={error} compact /> : null}
    </div>
  );
}
