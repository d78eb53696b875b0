/** The presets of sampling as a menu: one is used, or the present values become a new one. */
import { Plus, Settings2, Thermometer } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { Sampling, SamplingOverrides } from '../../../preload/contract/chat.ts';
import { ofSettings, over } from '../../../preload/contract/in-force.ts';
import type { SamplingPreset } from '../../../preload/contract/personas.ts';
import { useCall } from '../../connection/live.ts';
import { navigate } from '../../navigation/router.ts';
import { ErrorCard } from '../ErrorCard.tsx';
import { isSame } from '../sampling/sampling-differences.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { Menu } from '../../ui/layers/Menu.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { words } from '../../words/words.ts';
import { presetDetail, presetName } from './preset-words.ts';
import { usePersonas } from './use-personas.ts';

interface PresetMenuProps {
  /** The sampling in force. */
  readonly value: Sampling;
  /** Uses the values of a preset. */
  readonly onUse: (sampling: SamplingOverrides) => void;
}

export function PresetMenu({ value, onUse }: PresetMenuProps): React.JSX.Element {
  const presets = usePersonas().value?.presets ?? [];
  const [naming, setNaming] = useState(false);
  const used = presets.find((preset) => isInUse(preset, value));
  return (
    <>
      <Menu
        label={words.presets.choose}
        trigger={
          <Button size="sm" icon={Thermometer}>
            {used ? presetName(used) : words.presets.button}
          </Button>
        }
        items={[
          ...presets.map((preset) => {
            const detail = presetDetail(preset);
            return {
              label: presetName(preset),
              ...(detail === undefined ? {} : { detail }),
              checked: preset === used,
              run: () => {
                onUse(preset.sampling);
                toast({ text: words.presets.applied(presetName(preset)) });
              },
            };
          }),
          { separator: true },
          { label: words.presets.save, icon: Plus, run: () => setNaming(true) },
          {
            label: words.presets.manage,
            icon: Settings2,
            run: () => navigate({ screen: 'personas', tab: 'presets' }),
          },
        ]}
      />
      {naming ? <SavePreset sampling={value} onClose={() => setNaming(false)} /> : null}
    </>
  );
}

/** Whether every value of the preset is in force. */
function isInUse({ sampling }: SamplingPreset, value: Sampling): boolean {
  const layer = { origin: 'chat', systemPrompt: '', sampling } as const;
  return isSame(over(ofSettings(value), layer).sampling, value);
}

function SavePreset({ sampling, onClose }: { sampling: Sampling; onClose: () => void }): React.JSX.Element {
  const [name, setName] = useState('');
  const save = useCall('personas.savePreset');
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() === '') return;
    const saved = await save.run({ presetId: null, preset: { name: name.trim(), sampling } });
    if (saved === undefined) return;
    toast({ text: words.presets.saved(saved.name) });
    onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.presets.saveTitle}
      description={words.presets.saveText}
      size="sm"
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {words.ui.cancel}
          </Button>
          <Button
            variant="primary"
            type="submit"
            form="save-preset"
            loading={save.pending}
            disabled={name.trim() === ''}
          >
            {words.presets.saveButton}
          </Button>
        </>
      }
    >
      <form id="save-preset" onSubmit={(event) => void submit(event)}>
        <TextField label={words.presets.name} value={name} maxLength={200} autoFocus onChange={setName} />
      </form>
      {save.error ? <ErrorCard error={save.error} compact /> : null}
    </Dialog>
  );
}
