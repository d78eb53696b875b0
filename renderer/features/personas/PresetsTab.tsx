import { Pencil, Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { defaultSampling } from '../../../preload/contract/defaults.ts';
import { ofSettings, over, overriddenKeys } from '../../../preload/contract/in-force.ts';
import type { SamplingPreset } from '../../../preload/contract/personas.ts';
import { useCall } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { presetDetail, presetName } from '../../parts/personas/preset-words.ts';
import { shownKeys, valueName, valueWords } from '../../parts/personas/value-words.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Badge } from '../../ui/display/Badge.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { formatList } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { remove } from './actions.ts';

export function PresetsTab({ presets }: { presets: readonly SamplingPreset[] }): React.JSX.Element {
  const [renamed, setRenamed] = useState<SamplingPreset | null>(null);
  return (
    <section aria-label={words.presets.title}>
      <header className="personas-head">
        <p className="secondary">{words.presets.intro}</p>
      </header>
      <ul className="card personas-list">
        {presets.map((preset) => {
          const name = presetName(preset);
          return (
            <li key={preset.id}>
              <div className="personas-list-words">
                <h2 className="truncate" title={name}>
                  <bdi>{name}</bdi>
                </h2>
                <p className="secondary">{valuesOf(preset)}</p>
              </div>
              {preset.builtIn ? (
                <Badge>{presetDetail(preset) ?? words.presets.comesWithApp}</Badge>
              ) : (
                <div className="row">
                  <IconButton
                    size="sm"
                    icon={Pencil}
                    label={words.presets.rename(name)}
                    onClick={() => setRenamed(preset)}
                  />
                  <IconButton
                    size="sm"
                    icon={Trash2}
                    label={words.presets.remove(name)}
                    onClick={() => void remove({ kind: 'preset', id: preset.id }, words.presets.removed(name))}
                  />
                </div>
              )}
            </li>
          );
        })}
      </ul>
      {renamed ? <RenamePreset preset={renamed} onClose={() => setRenamed(null)} /> : null}
    </section>
  );
}

/** `Temperature 0.1, Top-p 0.8`: what the preset sets. */
function valuesOf({ sampling: own }: SamplingPreset): string {
  const { sampling } = over(ofSettings(defaultSampling), { origin: 'chat', systemPrompt: '', sampling: own });
  const set = new Set(overriddenKeys(own));
  return formatList(
    shownKeys(sampling)
      .filter((key) => set.has(key))
      .map((key) => `${valueName(key)} ${valueWords(sampling, key)}`),
  );
}

function RenamePreset({ preset, onClose }: { preset: SamplingPreset; onClose: () => void }): React.JSX.Element {
  const [name, setName] = useState(preset.name);
  const save = useCall('personas.savePreset');
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() === '') return;
    const { id, sampling } = preset;
    if ((await save.run({ presetId: id, preset: { name: name.trim(), sampling } })) !== undefined) onClose();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.presets.renameTitle(preset.name)}
      size="sm"
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {words.ui.cancel}
          </Button>
          <Button
            variant="primary"
            type="submit"
            form="rename-preset"
            loading={save.pending}
            disabled={name.trim() === ''}
          >
            {words.presets.saveButton}
          </Button>
        </>
      }
    >
      <form id="rename-preset" onSubmit={(event) => void submit(event)}>
        <TextField label={words.presets.name} value={name} maxLength={200} autoFocus onChange={setName} />
      </form>
      {save.error ? <ErrorCard error={save.error} compact /> : null}
    </Dialog>
  );
}
