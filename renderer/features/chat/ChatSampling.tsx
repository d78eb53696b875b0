/** How the next word is picked, for one chat: the defaults of the settings, or its own. */
import { useState } from 'react';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { SamplingFields } from '../../parts/SamplingFields.tsx';
import { Switch } from '../../ui/Switch.tsx';

interface ChatSamplingProps {
  /** Null: the defaults are used. */
  readonly own: Sampling | null;
  readonly defaults: Sampling;
  readonly onChange: (sampling: Sampling | null) => void;
}

export function ChatSampling({ own, defaults, onChange }: ChatSamplingProps): React.JSX.Element {
  // What was chosen is shown from here until it has come back as the chat's own.
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
        label="Use the defaults"
        hint={own === null ? 'The values of the settings.' : 'Only this chat has these values.'}
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
