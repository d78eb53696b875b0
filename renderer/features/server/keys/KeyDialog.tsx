/** The form of a key, for a new one and for a change. */
import { X } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import type { ApiKey, EndpointGroup, KeyRights } from '../../../../preload/contract/server.ts';
import { useCall } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { CheckList } from '../../../ui/controls/CheckList.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { OptionalNumber } from '../../../ui/controls/OptionalNumber.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../../ui/controls/refused-numbers.ts';
import { SegmentedControl } from '../../../ui/controls/SegmentedControl.tsx';
import { SelectToAdd } from '../../../ui/controls/SelectToAdd.tsx';
import { TextField } from '../../../ui/controls/TextField.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import { useModelChoices } from '../../../parts/models/use-model-choices.ts';

const { keys } = words.server;
const groups = Object.keys(keys.groups) as readonly EndpointGroup[];

export interface MadeKey {
  readonly name: string;
  readonly secret: string;
}

interface KeyDialogProps {
  /** Null for a new key. */
  readonly edited: ApiKey | null;
  /** Why it is needed now. */
  readonly note: string | null;
  readonly onMade: (key: MadeKey) => void;
  readonly onClose: () => void;
}

interface Draft extends KeyRights {
  /** Only some endpoints, or only some models, whether or not any is chosen yet. */
  readonly limitsEndpoints: boolean;
  readonly limitsModels: boolean;
}

export function KeyDialog({ edited, note, onMade, onClose }: KeyDialogProps) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(edited));
  const [isChecked, setIsChecked] = useState(false);
  const refused = useRefusedNumbers();
  const create = useCall('server.createKey');
  const update = useCall('server.updateKey');
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const problems = problemsOf(draft);
  const shown = isChecked ? problems : {};
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    if (refused.some || Object.keys(problems).length > 0) return;
    const rights = rightsOf(draft);
    if (edited !== null) {
      if ((await update.run({ ...rights, keyId: edited.id })) === undefined) return;
      toast({ text: keys.saved(rights.name) });
      onClose();
      return;
    }
    const made = await create.run(rights);
    if (made) onMade({ name: made.key.name, secret: made.secret });
  };
  const error = create.error ?? update.error;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={edited === null ? keys.createTitle : keys.editTitle(edited.name)}
      {...(note === null ? {} : { description: note })}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {words.ui.cancel}
          </Button>
          <Button variant="primary" type="submit" form="server-key" loading={create.pending || update.pending}>
            {edited === null ? keys.make : keys.save}
          </Button>
        </>
      }
    >
      <RefusedNumbersContext value={refused.fields}>
        <form id="server-key" className="server-form" noValidate onSubmit={(event) => void submit(event)}>
          <TextField
            label={keys.name}
            hint={keys.nameHint}
            autoComplete="off"
            value={draft.name}
            maxLength={200}
            onChange={(name) => change({ name })}
            error={shown.name}
          />
          <Choice
            label={keys.endpoints}
            all={keys.allEndpoints}
            isLimited={draft.limitsEndpoints}
            onChange={(limitsEndpoints) => change({ limitsEndpoints })}
          >
            <CheckList
              label={keys.endpoints}
              values={draft.endpoints ?? []}
              onChange={(endpoints) => change({ endpoints: [...endpoints] })}
              options={groups.map((value) => ({
                ...{ value, label: keys.groups[value].label, detail: keys.groups[value].hint },
              }))}
              error={shown.endpoints}
            />
          </Choice>
          <Choice
            label={keys.models}
            all={keys.allModels}
            isLimited={draft.limitsModels}
            onChange={(limitsModels) => change({ limitsModels })}
          >
            <ModelList
              modelIds={draft.models ?? []}
              onChange={(models) => change({ models: [...models] })}
              error={shown.models}
            />
          </Choice>
          <OptionalNumber
            label={keys.perMinute}
            unit={keys.perMinuteUnit}
            numberLabel={keys.perMinute}
            value={draft.requestsPerMinute}
            whenOn={60}
            min={1}
            max={100_000}
            onChange={(requestsPerMinute) => change({ requestsPerMinute })}
          />
          <OptionalNumber
            label={keys.perDay}
            hint={keys.perDayHint}
            unit={keys.perDayUnit}
            numberLabel={keys.perDay}
            value={draft.tokensPerDay}
            whenOn={1_000_000}
            min={1}
            max={1_000_000_000_000}
            onChange={(tokensPerDay) => change({ tokensPerDay })}
          />
          {error ? <ErrorCard error={error} compact /> : null}
        </form>
      </RefusedNumbersContext>
    </Dialog>
  );
}

function draftOf(key: ApiKey | null): Draft {
  const none: KeyRights = { name: '', models: null, endpoints: null, requestsPerMinute: null, tokensPerDay: null };
  const { name, models, endpoints, requestsPerMinute, tokensPerDay } = key ?? none;
  return {
    ...{ name, models, endpoints, requestsPerMinute, tokensPerDay },
    ...{ limitsEndpoints: endpoints !== null, limitsModels: models !== null },
  };
}

function rightsOf({ limitsEndpoints, limitsModels, ...rights }: Draft): KeyRights {
  return {
    ...rights,
    name: rights.name.trim(),
    endpoints: limitsEndpoints ? rights.endpoints : null,
    models: limitsModels ? rights.models : null,
  };
}

function problemsOf({ name, endpoints, models, limitsEndpoints, limitsModels }: Draft): {
  readonly name?: string;
  readonly endpoints?: string;
  readonly models?: string;
} {
  const trimmed = name.trim();
  const wrongName = trimmed === '' ? keys.nameEmpty : trimmed.length > 80 ? keys.nameLong : null;
  return {
    ...(wrongName === null ? {} : { name: wrongName }),
    ...(limitsEndpoints && (endpoints ?? []).length === 0 ? { endpoints: keys.noEndpoint } : {}),
    ...(limitsModels && (models ?? []).length === 0 ? { models: keys.noModel } : {}),
  };
}

interface ChoiceProps {
  readonly label: string;
  readonly all: string;
  readonly isLimited: boolean;
  readonly onChange: (isLimited: boolean) => void;
  readonly children: React.ReactNode;
}

function Choice({ label, all, isLimited, onChange, children }: ChoiceProps) {
  return (
    <div className="server-choice">
      <span className="field-label" aria-hidden="true">
        {label}
      </span>
      <SegmentedControl
        label={label}
        size="sm"
        value={isLimited ? 'some' : 'all'}
        options={[
          { value: 'all', label: all },
          { value: 'some', label: keys.theseModels },
        ]}
        onChange={(value) => onChange(value === 'some')}
      />
      {isLimited ? children : null}
    </div>
  );
}

interface ModelListProps {
  readonly modelIds: readonly string[];
  readonly onChange: (modelIds: readonly string[]) => void;
  readonly error: string | undefined;
}

function ModelList({ modelIds, onChange, error }: ModelListProps) {
  const choices = useModelChoices() ?? [];
  const nameOf = (id: string): string => choices.find(({ value }) => value === id)?.label ?? id;
  const rest = choices.filter(({ value }) => !modelIds.includes(value));
  return (
    <div className="field" role="group" aria-label={keys.models}>
      {modelIds.length > 0 ? (
        <ul className="server-models">
          {modelIds.map((id) => (
            <li key={id} className="row">
              <span className="truncate" title={id}>
                {nameOf(id)}
              </span>
              <IconButton
                size="sm"
                icon={X}
                label={keys.removeModel(nameOf(id))}
                onClick={() => onChange(modelIds.filter((other) => other !== id))}
              />
            </li>
          ))}
        </ul>
      ) : null}
      {rest.length > 0 && modelIds.length < 200 ? (
        <SelectToAdd
          label={keys.addModel}
          placeholder={keys.chooseModel}
          addLabel={words.ui.add}
          options={rest}
          onAdd={(id) => onChange([...modelIds, id])}
        />
      ) : null}
      {error ? (
        <span className="field-error" role="alert">
          {error}
        </span>
      ) : null}
    </div>
  );
}
