/** Values of sampling that are set over those of the settings: by a persona, or as defaults of a model. */
import { useState } from 'react';
import type { SamplingOverrides } from '../../../preload/contract/chat.ts';
import { defaultSampling } from '../../../preload/contract/defaults.ts';
import { ofSettings, over, overriddenKeys, overridesFor } from '../../../preload/contract/in-force.ts';
import { useLive } from '../../connection/live.ts';
import { SamplingFields } from '../sampling/SamplingFields.tsx';
import { MoreButton } from '../../ui/layers/MoreButton.tsx';
import { words } from '../../words/words.ts';
import { PresetMenu } from './PresetMenu.tsx';
import './overrides-fields.css';

interface OverridesFieldsProps {
  readonly hint: string;
  readonly own: SamplingOverrides | null;
  readonly onChange: (own: SamplingOverrides | null) => void;
}

export function OverridesFields({ hint, own, onChange }: OverridesFieldsProps): React.JSX.Element {
  const settings = useLive('settings.watch', {}).value?.sampling ?? defaultSampling;
  const [open, setOpen] = useState(overriddenKeys(own).length > 0);
  const value = over(ofSettings(settings), { origin: 'chat', systemPrompt: '', sampling: own }).sampling;
  const change = (next: typeof value): void => onChange(overridesFor(next, settings, own));
  return (
    <>
      <MoreButton open={open} onOpenChange={setOpen} label={words.sampling.title} />
      {open ? (
        <div className="overrides-fields" role="group" aria-label={words.sampling.title}>
          <p className="field-hint">{hint}</p>
          <div>
            <PresetMenu value={value} onUse={(preset) => onChange({ ...own, ...preset })} />
          </div>
          <SamplingFields value={value} defaults={settings} onChange={change} onCommit={change} />
        </div>
      ) : null}
    </>
  );
}
