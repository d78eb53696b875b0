/** The form of a persona. */
import { ImagePlus, Plus, X } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { MAX_GREETINGS, MAX_PERSONA_TEXT } from '../../../preload/contract/persona-limits.ts';
import type { LorebookSummary, Persona, PersonaDefinition } from '../../../preload/contract/personas.ts';
import { attempt } from '../../connection/attempt.ts';
import { useCall, useQuery } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { useModelChoices } from '../../parts/models/use-model-choices.ts';
import { OverridesFields } from '../../parts/personas/OverridesFields.tsx';
import { PersonaPicture } from '../../parts/personas/PersonaPicture.tsx';
import { Button } from '../../ui/controls/Button.tsx';
import { CheckList } from '../../ui/controls/CheckList.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../ui/controls/refused-numbers.ts';
import { Select } from '../../ui/controls/Select.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { MoreButton } from '../../ui/layers/MoreButton.tsx';
import { Sheet } from '../../ui/layers/Sheet.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { words } from '../../words/words.ts';
import { FileButton } from './FileButton.tsx';
import { definitionOf, newPersona, toSave } from './persona-draft.ts';
import { readPicture } from './picture-file.ts';

interface PersonaSheetProps {
  /** Null for a new persona. */
  readonly personaId: string | null;
  readonly lorebooks: readonly LorebookSummary[];
  readonly onClose: () => void;
}

export function PersonaSheet({ personaId, lorebooks, onClose }: PersonaSheetProps): React.JSX.Element {
  const stored = useQuery('personas.get', { personaId: personaId ?? '' }, { enabled: personaId !== null });
  const title = stored.value ? words.personas.editTitle(stored.value.name) : words.personas.createTitle;
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={title} width={560}>
      {stored.status === 'error' ? <ErrorCard error={stored.error} onRetry={stored.retry} /> : null}
      {personaId !== null && stored.status === 'loading' ? <Skeleton lines={8} label={words.personas.loading} /> : null}
      {personaId === null || stored.value ? (
        <PersonaForm persona={stored.value ?? null} lorebooks={lorebooks} onClose={onClose} />
      ) : null}
    </Sheet>
  );
}

interface PersonaFormProps {
  readonly persona: Persona | null;
  readonly lorebooks: readonly LorebookSummary[];
  readonly onClose: () => void;
}

function PersonaForm({ persona, lorebooks, onClose }: PersonaFormProps): React.JSX.Element {
  const [draft, setDraft] = useState<PersonaDefinition>(persona ? definitionOf(persona) : newPersona);
  /** The new picture as a PNG in base64; null for none; undefined while it stays. */
  const [picture, setPicture] = useState<string | null | undefined>(undefined);
  const [isChecked, setIsChecked] = useState(false);
  const refused = useRefusedNumbers();
  const save = useCall('personas.save');
  const change = (part: Partial<PersonaDefinition>): void => setDraft((before) => ({ ...before, ...part }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    const definition = toSave(draft, new Set(lorebooks.map(({ id }) => id)));
    if (definition.name === '' || refused.some) return;
    const saved = await save.run({ personaId: persona?.id ?? null, definition });
    if (saved === undefined) return;
    if (picture !== undefined) await attempt('personas.setPicture', { personaId: saved.id, base64: picture });
    toast({ text: words.personas.saved(saved.name) });
    onClose();
  };
  return (
    <form className="sheet-panel" noValidate onSubmit={(event) => void submit(event)}>
      <div className="personas-form">
        <PictureField persona={persona} name={draft.name} chosen={picture} onChange={setPicture} />
        <TextField
          label={words.personas.name}
          value={draft.name}
          maxLength={200}
          autoComplete="off"
          onChange={(name) => change({ name })}
          error={isChecked && draft.name.trim() === '' ? words.personas.nameMissing : undefined}
        />
        <LongText
          label={words.personas.systemPrompt}
          hint={words.personas.systemPromptHint}
          value={draft.systemPrompt}
          onChange={(systemPrompt) => change({ systemPrompt })}
        />
        <LongText
          label={words.personas.description}
          hint={words.personas.descriptionHint}
          value={draft.description}
          onChange={(description) => change({ description })}
        />
        <Openings greetings={draft.greetings} onChange={(greetings) => change({ greetings })} />
        <ModelSelect modelId={draft.modelId} onChange={(modelId) => change({ modelId })} />
        {lorebooks.length === 0 ? null : (
          <div>
            <h3 className="personas-form-title">{words.personas.usesLorebooks}</h3>
            <CheckList
              label={words.personas.usesLorebooks}
              values={draft.lorebookIds}
              options={lorebooks.map(({ id, name, entries }) => ({
                value: id,
                label: name,
                detail: words.lorebooks.entries(entries),
              }))}
              onChange={(lorebookIds) => change({ lorebookIds: [...lorebookIds] })}
            />
          </div>
        )}
        <Character draft={draft} onChange={change} />
        <RefusedNumbersContext value={refused.fields}>
          <OverridesFields
            hint={words.personas.samplingHint}
            own={draft.sampling}
            onChange={(sampling) => change({ sampling })}
          />
        </RefusedNumbersContext>
      </div>
      <footer className="sheet-foot">
        {save.error ? <ErrorCard error={save.error} compact /> : null}
        <div className="row personas-form-acts">
          <Button variant="ghost" onClick={onClose}>
            {words.ui.cancel}
          </Button>
          <Button variant="primary" type="submit" loading={save.pending}>
            {words.personas.save}
          </Button>
        </div>
      </footer>
    </form>
  );
}

function LongText(props: {
  readonly label: string;
  readonly hint?: string;
  readonly labelHidden?: boolean;
  readonly value: string;
  readonly onChange: (text: string) => void;
}): React.JSX.Element {
  return <TextArea {...props} dir="auto" maxLength={MAX_PERSONA_TEXT} />;
}

/** The fields of a character that few personas need. */
function Character({
  draft,
  onChange,
}: {
  draft: PersonaDefinition;
  onChange: (part: Partial<PersonaDefinition>) => void;
}): React.JSX.Element {
  const [open, setOpen] = useState(
    [draft.personality, draft.scenario, draft.exampleDialogue, draft.lastInstructions].some((text) => text !== ''),
  );
  const { personas } = words;
  return (
    <>
      <MoreButton open={open} onOpenChange={setOpen} label={personas.character} />
      {open ? (
        <>
          <LongText
            label={personas.personality}
            value={draft.personality}
            onChange={(personality) => onChange({ personality })}
          />
          <LongText label={personas.scenario} value={draft.scenario} onChange={(scenario) => onChange({ scenario })} />
          <LongText
            label={personas.exampleDialogue}
            hint={personas.exampleHint}
            value={draft.exampleDialogue}
            onChange={(exampleDialogue) => onChange({ exampleDialogue })}
          />
          <LongText
            label={personas.lastInstructions}
            hint={personas.lastInstructionsHint}
            value={draft.lastInstructions}
            onChange={(lastInstructions) => onChange({ lastInstructions })}
          />
        </>
      ) : null}
    </>
  );
}

function Openings({
  greetings,
  onChange,
}: {
  greetings: readonly string[];
  onChange: (greetings: string[]) => void;
}): React.JSX.Element {
  return (
    <div className="personas-openings" role="group" aria-label={words.personas.opening}>
      <div>
        <h3 className="personas-form-title">{words.personas.opening}</h3>
        <p className="field-hint">{words.personas.openingHint}</p>
      </div>
      {greetings.map((greeting, index) => (
        <div key={index} className="personas-opening">
          <LongText
            label={words.personas.openingNumber(index + 1)}
            labelHidden
            value={greeting}
            onChange={(text) => onChange(greetings.with(index, text))}
          />
          <IconButton
            size="sm"
            icon={X}
            label={words.personas.removeOpening(index + 1)}
            onClick={() => onChange(greetings.toSpliced(index, 1))}
          />
        </div>
      ))}
      {greetings.length >= MAX_GREETINGS ? null : (
        <div>
          <Button size="sm" icon={Plus} onClick={() => onChange([...greetings, ''])}>
            {words.personas.addOpening}
          </Button>
        </div>
      )}
    </div>
  );
}

/** A select has no empty values. */
const ANY_MODEL = 'any';

function ModelSelect({
  modelId,
  onChange,
}: {
  modelId: string | null;
  onChange: (modelId: string | null) => void;
}): React.JSX.Element {
  const choices = useModelChoices() ?? [];
  const isGone = modelId !== null && !choices.some(({ value }) => value === modelId);
  return (
    <Select
      label={words.personas.model}
      value={modelId ?? ANY_MODEL}
      options={[
        { value: ANY_MODEL, label: words.personas.anyModel },
        ...choices,
        ...(isGone ? [{ value: modelId, label: modelId, detail: words.server.names.missing }] : []),
      ]}
      onChange={(value) => onChange(value === ANY_MODEL ? null : value)}
    />
  );
}

function PictureField({
  persona,
  name,
  chosen,
  onChange,
}: {
  persona: Persona | null;
  name: string;
  chosen: string | null | undefined;
  onChange: (picture: string | null) => void;
}): React.JSX.Element {
  const hasPicture = chosen === undefined ? (persona?.picture ?? null) !== null : chosen !== null;
  const read = async (file: File): Promise<void> => {
    const picture = await readPicture(file);
    if (picture === null) toast({ text: words.personas.pictureUnreadable, tone: 'red' });
    else onChange(picture);
  };
  return (
    <div className="personas-picture" role="group" aria-label={words.personas.picture}>
      {typeof chosen === 'string' ? (
        <img src={`data:image/png;base64,${chosen}`} alt="" width={72} height={72} />
      ) : (
        <PersonaPicture persona={chosen === null ? null : persona} name={name} size={72} />
      )}
      <FileButton
        size="sm"
        label={words.personas.choosePicture}
        icon={ImagePlus}
        accept="image/png,image/jpeg,image/webp"
        onFile={read}
      />
      {hasPicture ? (
        <Button size="sm" variant="ghost" onClick={() => onChange(null)}>
          {words.personas.removePicture}
        </Button>
      ) : null}
    </div>
  );
}
