import { FolderOpen, TriangleAlert } from 'lucide-react';
import type { Settings } from '../../../preload/contract/settings.ts';
import { useCall } from '../../connection/live.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { FolderCards } from '../../parts/storage/FolderCards.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { FixedBy } from './FixedBy.tsx';
import { words } from '../../words/words.ts';

/** The folder that holds the models. It is chosen from a list, because a browser must not send paths. */
export function ModelsFolder({ settings, temporary }: { settings: Settings; temporary: boolean }) {
  const { current, choices, fixedBy, canPick } = settings.cacheFolder;
  const choose = useCall('settings.setCacheFolder');
  const pick = useCall('settings.pickCacheFolder');
  const all = choices.some(({ id }) => id === current.id) ? choices : [current, ...choices];
  const error = choose.error ?? pick.error;

  const changed = (done: Settings | null | undefined): void => {
    if (done && done.cacheFolder.current.id !== current.id) {
      toast({
        text: words.settings.folder.changed,
        detail: words.settings.folder.changedText,
      });
    }
  };

  return (
    <div className="stack">
      <FolderCards
        label={words.settings.folder.label}
        value={current.id}
        disabled={fixedBy !== null || choose.pending}
        onChange={(choiceId) => void choose.run({ choiceId }).then(changed)}
        folders={all}
      />
      {fixedBy === null ? null : <FixedBy sentence={words.settings.folder.fixedBy(fixedBy)} />}
      {temporary ? (
        <p className="row secondary">
          <TriangleAlert size={14} aria-hidden="true" />
          <span>{words.settings.folder.temporary}</span>
        </p>
      ) : null}
      {canPick && fixedBy === null ? (
        <div>
          <Button size="sm" icon={FolderOpen} loading={pick.pending} onClick={() => void pick.run({}).then(changed)}>
            {words.settings.folder.chooseAnother}
          </Button>
        </div>
      ) : null}
      {error ? <ErrorCard error={error} compact /> : null}
    </div>
  );
}
