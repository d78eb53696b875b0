/** The sampling of one chat: the defaults of the settings, or its own. */
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { Sampling } from '../../../../preload/contract/chat.ts';
import { isSame } from '../../../parts/sampling/sampling-differences.ts';
import { SamplingFields } from '../../../parts/sampling/SamplingFields.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../../ui/controls/refused-numbers.ts';
import { words } from '../../../words/words.ts';

interface ChatSamplingProps {
  /** Null: the defaults are used. */
  readonly own: Sampling | null;
  readonly defaults: Sampling;
  readonly onChange: (sampling: Sampling | null) => void;
}

export function ChatSampling({ own, defaults, onChange }: ChatSamplingProps): React.JSX.Element {
  // The choice is shown from here until main sends it as the chat's own.
  const [draft, setDraft] = useState<Sampling | null>(null);
  const refused = useRefusedNumbers();
  const stored = JSON.stringify(own);
  const [before, setBefore] = useState(stored);
  if (before !== stored) {
    setBefore(stored);
    setDraft(null);
  }
  return (
    <div className="chat-sampling">
      <p className="field-hint">{own === null ? words.sampling.usesDefaults : words.sampling.own}</p>
      <RefusedNumbersContext value={refused.fields}>
        <SamplingFields
          value={draft ?? own ?? defaults}
          defaults={defaults}
          onChange={setDraft}
          onCommit={(sampling) => {
            setDraft(sampling);
            // A chat whose values are all the defaults follows them.
            onChange(isSame(sampling, defaults) ? null : sampling);
          }}
        />
      </RefusedNumbersContext>
      {own === null && !refused.some ? null : (
        <Button
          size="sm"
          icon={RotateCcw}
          onClick={() => {
            refused.clear();
            setDraft(null);
            if (own !== null) onChange(null);
          }}
        >
          {words.sampling.resetAll}
        </Button>
      )}
    </div>
  );
}
