/** The sampling of one chat: its own values over those of its persona, of the model's defaults and of the settings. */
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { Sampling, SamplingOverrides } from '../../../../preload/contract/chat.ts';
import { overridesFor } from '../../../../preload/contract/in-force.ts';
import { PresetMenu } from '../../../parts/personas/PresetMenu.tsx';
import { SamplingFields } from '../../../parts/sampling/SamplingFields.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../../ui/controls/refused-numbers.ts';
import { words } from '../../../words/words.ts';

interface ChatSamplingProps {
  /** Null: the chat has no values of its own. */
  readonly own: SamplingOverrides | null;
  /** What is in force with them, and without them. */
  readonly present: Sampling;
  readonly below: Sampling;
  readonly onChange: (sampling: SamplingOverrides | null) => void;
}

export function ChatSampling({ own, present, below, onChange }: ChatSamplingProps): React.JSX.Element {
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
      <div className="chat-inspector-actions">
        <PresetMenu value={present} onUse={(preset) => onChange({ ...own, ...preset })} />
      </div>
      <p className="field-hint">{own === null ? words.sampling.usesDefaults : words.sampling.own}</p>
      <RefusedNumbersContext value={refused.fields}>
        <SamplingFields
          value={draft ?? present}
          defaults={below}
          onChange={setDraft}
          onCommit={(sampling) => {
            setDraft(sampling);
            onChange(overridesFor(sampling, below, own));
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
