/** The form of a name: its model, and what a preset sets. */
import { useState, type FormEvent } from 'react';
import { defaultSampling } from '../../../../preload/contract/defaults.ts';
import type { Sampling } from '../../../../preload/contract/chat.ts';
import type { ModelName } from '../../../../preload/contract/server.ts';
import { attempt } from '../../../connection/attempt.ts';
import { useCall, useLive } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { SamplingFields } from '../../../parts/sampling/SamplingFields.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../../ui/controls/refused-numbers.ts';
import { Select } from '../../../ui/controls/Select.tsx';
import { TextArea } from '../../../ui/controls/TextArea.tsx';
import { TextField } from '../../../ui/controls/TextField.tsx';
import { MoreButton } from '../../../ui/layers/MoreButton.tsx';
import { Sheet } from '../../../ui/layers/Sheet.tsx';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import { useModelChoices } from '../../../parts/models/use-model-choices.ts';
import { isOtherName, nameProblems, ownSampling } from './name-draft.ts';

const { names } = words.server;
const nothing: ModelName = {
  ...{ name: '', modelId: '', systemPrompt: null, template: null, sampling: {}, messages: [] },
};

interface NameSheetProps {
  /** Null for a new name. */
  readonly edited: ModelName | null;
  readonly all: readonly ModelName[];
  readonly onClose: () => void;
}

export function NameSheet({ edited, all, onClose }: NameSheetProps) {
  const [draft, setDraft] = useState(edited ?? nothing);
  const [isChecked, setIsChecked] = useState(false);
  const [more, setMore] = useState(
    edited !== null && (edited.template !== null || Object.keys(edited.sampling).length > 0),
  );
  const refused = useRefusedNumbers();
  const save = useCall('server.saveName');
  const defaults = useLive('settings.watch', {}).value?.sampling ?? defaultSampling;
  const change = (part: Partial<ModelName>): void => setDraft((before) => ({ ...before, ...part }));
  const problems = nameProblems(
    draft,
    all.map(({ name }) => name).filter((name) => name !== edited?.name),
  );
  const shown = isChecked ? problems : {};
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    if (refused.some || Object.keys(problems).length > 0) return;
    if ((await save.run(draft)) === undefined) return;
    if (edited !== null && isOtherName(edited.name, draft.name))
      await attempt('server.removeName', { name: edited.name });
    toast({ text: names.saved(draft.name) });
    onClose();
  };
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={edited === null ? names.createTitle : names.editTitle(edited.name)}
      width={480}
    >
      <form className="sheet-panel" noValidate onSubmit={(event) => void submit(event)}>
        <div className="server-form server-sheet-form">
          <TextField
            label={names.name}
            hint={names.nameHint}
            className="mono"
            autoComplete="off"
            spellCheck={false}
            maxLength={201}
            value={draft.name}
            onChange={(name) => change({ name: name.trim() })}
            error={shown.name}
          />
          <ModelSelect modelId={draft.modelId} onChange={(modelId) => change({ modelId })} error={shown.modelId} />
          <TextArea
            label={names.systemPrompt}
            hint={names.systemPromptHint}
            dir="auto"
            maxLength={200_000}
            value={draft.systemPrompt ?? ''}
            onChange={(text) => change({ systemPrompt: text === '' ? null : text })}
          />
          {draft.messages.length === 0 ? null : <p className="field-hint">{names.messages(draft.messages.length)}</p>}
          <MoreButton open={more} onOpenChange={setMore} label={names.more} />
          {more ? (
            <>
              <TextArea
                label={names.template}
                hint={names.templateHint}
                className="mono"
                spellCheck={false}
                maxLength={200_000}
                value={draft.template ?? ''}
                onChange={(text) => change({ template: text === '' ? null : text })}
              />
              <div className="server-form" role="group" aria-label={names.sampling}>
                <div>
                  <h3>{names.sampling}</h3>
                  <p className="field-hint">{names.samplingHint}</p>
                </div>
                <RefusedNumbersContext value={refused.fields}>
                  <SamplingFields
                    value={{ ...defaults, ...withoutUndefined(draft.sampling) }}
                    defaults={defaults}
                    onChange={(sampling) => change({ sampling: ownSampling(sampling, defaults) })}
                    onCommit={(sampling) => change({ sampling: ownSampling(sampling, defaults) })}
                  />
                </RefusedNumbersContext>
              </div>
            </>
          ) : null}
        </div>
        <footer className="sheet-foot">
          {save.error ? <ErrorCard error={save.error} compact /> : null}
          <div className="row server-form-acts">
            <Button variant="ghost" onClick={onClose}>
              {words.ui.cancel}
            </Button>
            <Button variant="primary" type="submit" loading={save.pending}>
              {names.save}
            </Button>
          </div>
        </footer>
      </form>
    </Sheet>
  );
}

const withoutUndefined = (sampling: ModelName['sampling']): Partial<Sampling> =>
  Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined)) as Partial<Sampling>;

interface ModelSelectProps {
  readonly modelId: string;
  readonly onChange: (modelId: string) => void;
  readonly error: string | undefined;
}

function ModelSelect({ modelId, onChange, error }: ModelSelectProps) {
  const choices = useModelChoices() ?? [];
  const isGone = modelId !== '' && !choices.some(({ value }) => value === modelId);
  return (
    <Select
      label={names.model}
      placeholder={names.chooseModel}
      value={modelId}
      onChange={onChange}
      error={error}
      options={[...choices, ...(isGone ? [{ value: modelId, label: modelId, detail: names.missing }] : [])]}
    />
  );
}
