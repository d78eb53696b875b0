import { RotateCcw } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { defaultSampling } from '../../../preload/contract/defaults.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import { useCall } from '../../connection/live.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../ui/controls/refused-numbers.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { SamplingFields } from '../../parts/sampling/SamplingFields.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { words } from '../../words/words.ts';

/** The sampling of chats without their own. */
export function SamplingDefaults({ settings }: { settings: Settings }) {
  const update = useCall('settings.update');
  const { shown, change, commit } = useDraft(settings, async (sampling) => (await update.run({ sampling }))?.revision);
  const refused = useRefusedNumbers();
  const pristine = JSON.stringify(shown) === JSON.stringify(defaultSampling);

  const reset = (): void => {
    refused.clear();
    if (pristine) return;
    const before = shown;
    void commit(defaultSampling);
    toast({ text: words.sampling.reset, action: { label: words.ui.undo, run: () => void commit(before) } });
  };

  return (
    <div className="stack">
      <div className="card settings-card">
        <RefusedNumbersContext value={refused.fields}>
          <SamplingFields value={shown} onChange={change} onCommit={(next) => void commit(next)} />
        </RefusedNumbersContext>
      </div>
      {update.error ? <ErrorCard error={update.error} compact /> : null}
      <div>
        <Button size="sm" icon={RotateCcw} disabled={pristine && !refused.some} onClick={reset}>
          {words.sampling.resetAction}
        </Button>
      </div>
    </div>
  );
}

/**
 * A dragged value is shown before it is saved, and a saved one until the watched settings contain it. Otherwise the
 * thumb would jump back for a moment.
 */
function useDraft(settings: Settings, save: (sampling: Sampling) => Promise<number | undefined>) {
  const [draft, setDraft] = useState<{ readonly sampling: Sampling; readonly revision: number | null } | null>(null);
  const newest = useRef(0);
  const caughtUp = draft !== null && draft.revision !== null && settings.revision >= draft.revision;
  const shown = draft !== null && !caughtUp ? draft.sampling : settings.sampling;

  const change = (sampling: Sampling): void => {
    newest.current++;
    setDraft({ sampling, revision: null });
  };
  const commit = async (sampling: Sampling): Promise<void> => {
    change(sampling);
    const mine = newest.current;
    const revision = await save(sampling);
    if (mine === newest.current) setDraft(revision === undefined ? null : { sampling, revision });
  };
  return { shown, change, commit };
}
