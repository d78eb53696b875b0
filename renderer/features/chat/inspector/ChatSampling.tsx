/** The sampling of one chat: the defaults of the settings, or its own. */
import { useState } from 'react';
import type { Sampling } from '../../../../preload/contract/chat.ts';
import { SamplingFields } from '../../../parts/sampling/SamplingFields.tsx';
import { Switch } from '../../../ui/controls/Switch.tsx';
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
  const stored = JSON.stringify(own);
  const [before, setBefore] = useState(stored);
  if (before !== stored) {
    setBefore(stored);
    setDraft(null);
  }
  return (
    <div className="chat-sampling">
      <Switch
        label={words.sampling.useDefaults}
        hint={own === null ? words.sampling.usesDefaults : words.sampling.own}
        checked={own === null}
        onChange={(useDefaults) => onChange(useDefaults ? null : defaults)}
      />
      {own === null ? null : (
        <SamplingFields
          value={draft ?? own}
          onChange={setDraft}
          onCommit={(sampling) => {
            setDraft(sampling);
            onChange(sampling);
          }}
        />
      )}
    </div>
  );
}
