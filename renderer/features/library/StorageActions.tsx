/** Actions on the whole cache: its size limit, and moving it to another folder. */
import { FolderInput, Gauge } from 'lucide-react';
import { useState } from 'react';
import { client } from '../../connection/api.ts';
import { toAppError, useLive } from '../../connection/live.ts';
import type { AppError } from '../../../preload/wire/errors.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { CacheLimit } from '../../parts/storage/CacheLimit.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { FolderCards } from '../../parts/storage/FolderCards.tsx';
import { formatBytes } from '../../words/format.ts';
import { Popover } from '../../ui/layers/Popover.tsx';
import { setCacheLimit } from '../../parts/storage/storage-actions.ts';
import { words } from '../../words/words.ts';

interface LimitButtonProps {
  readonly limitBytes: number | null;
  readonly totalBytes: number;
}

export function LimitButton({ limitBytes, totalBytes }: LimitButtonProps) {
  return (
    <Popover
      title={words.storage.limitTitle}
      align="end"
      width={340}
      trigger={
        <Button size="sm" icon={Gauge}>
          {words.storage.limitButton(limitBytes === null ? null : formatBytes(limitBytes))}
        </Button>
      }
    >
      <CacheLimit
        label={words.storage.keepBelow}
        limitBytes={limitBytes}
        totalBytes={totalBytes}
        onChange={(bytes) => void setCacheLimit(bytes)}
      />
    </Popover>
  );
}

interface MoveButtonProps {
  readonly totalBytes: number;
  /** A move is in progress. */
  readonly moving: boolean;
}

/**
 * Offers the folders of the settings. Renders nothing where the environment fixes the folder or there is no other one.
 */
export function MoveButton({ totalBytes, moving }: MoveButtonProps) {
  const folder = useLive('settings.watch', {}).value?.cacheFolder;
  const [choiceId, setChoiceId] = useState<string | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const [starting, setStarting] = useState(false);
  const others = folder?.choices.filter((choice) => choice.id !== folder.current.id) ?? [];
  if (!folder || folder.fixedBy !== null || others.length === 0) return null;

  const close = (): void => {
    setChoiceId(null);
    setError(null);
  };
  const move = async (id: string): Promise<void> => {
    setStarting(true);
    setError(null);
    try {
      await client.call('library.move', { choiceId: id });
      close();
    } catch (cause) {
      setError(toAppError(cause));
    } finally {
      setStarting(false);
    }
  };
  return (
    <>
      <Button size="sm" icon={FolderInput} disabled={moving} onClick={() => setChoiceId(others[0]?.id ?? null)}>
        {words.storage.moveButton}
      </Button>
      {choiceId !== null && (
        <Dialog
          open
          onOpenChange={(open) => {
            if (!open) close();
          }}
          title={words.storage.moveTitle}
          description={words.storage.moveText(formatBytes(totalBytes))}
          footer={
            <>
              <Button onClick={close}>{words.ui.cancel}</Button>
              <Button variant="primary" loading={starting} onClick={() => void move(choiceId)}>
                {words.storage.move}
              </Button>
            </>
          }
        >
          <div className="stack">
            <FolderCards label={words.storage.moveTo} value={choiceId} onChange={setChoiceId} folders={others} />
            {error && <ErrorCard error={error} actions={[]} compact />}
          </div>
        </Dialog>
      )}
    </>
  );
}
