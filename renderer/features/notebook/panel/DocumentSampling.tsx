/** The sampling of one document, with every sampler of the engine. */
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { Sampling } from '../../../../preload/contract/chat.ts';
import { isSame } from '../../../parts/sampling/sampling-differences.ts';
import { SamplingFields } from '../../../parts/sampling/SamplingFields.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../../ui/controls/refused-numbers.ts';
import { words } from '../../../words/words.ts';

interface DocumentSamplingProps {
  /** Null: the defaults are used. */
  readonly own: Sampling | null;
  readonly defaults: Sampling;
  readonly onChange: (sampling: Sampling | null) => void;
}

export function DocumentSampling({ own, defaults, onChange }: DocumentSamplingProps): React.JSX.Element {
  // The choice is shown from here until main sends it as the document's own.
  const [draft, setDraft] = useState<Sampling | null>(null);
  const refused = useRefusedNumbers();
  const stored = JSON.stringify(own);
  const [before, setBefore] = useState(stored);
  if (before !== stored) {
    setBefore(stored);
    setDraft(null);
  }
  return (
    <div className="notebook-sampling">
      <p className="field-hint">{own === null ? words.sampling.usesDefaults : words.notebook.ownSampling}</p>
      <RefusedNumbersContext value={refused.fields}>
        <SamplingFields
          value={draft ?? own ?? defaults}
          defaults={defaults}
          whole
          onChange={setDraft}
          onCommit={(sampling) => {
            setDraft(sampling);
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
