/** The defaults of a model on its page: what chats with it begin with. */
import { Pencil, Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { MAX_PERSONA_TEXT } from '../../../preload/contract/persona-limits.ts';
import type { ModelDefaults } from '../../../preload/contract/personas.ts';
import { attempt } from '../../connection/attempt.ts';
import { useCall } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { OverridesFields } from '../../parts/personas/OverridesFields.tsx';
import { shownKeys, valueName, valueWords } from '../../parts/personas/value-words.ts';
import { useInForce, usePersonas } from '../../parts/personas/use-personas.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { RefusedNumbersContext, useRefusedNumbers } from '../../ui/controls/refused-numbers.ts';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { Sheet } from '../../ui/layers/Sheet.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { formatList } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import './model-defaults.css';

interface ModelDefaultsCardProps {
  readonly modelId: string;
  readonly name: string;
}

export function ModelDefaultsCard({ modelId, name }: ModelDefaultsCardProps): React.JSX.Element | null {
  const all = usePersonas().value;
  const [open, setOpen] = useState(false);
  if (!all) return null;
  const defaults = all.modelDefaults.find((one) => one.modelId === modelId);
  const remove = async (before: ModelDefaults): Promise<void> => {
    const done = await attempt('personas.setModelDefaults', { modelId, systemPrompt: '', sampling: null });
    if (done === undefined) return;
    toast({
      text: words.modelDefaults.removed,
      action: { label: words.ui.undo, run: () => void attempt('personas.setModelDefaults', before) },
    });
  };
  return (
    <section className="card model-defaults" aria-label={words.modelDefaults.title}>
      <div className="model-defaults-words">
        <h3>{words.modelDefaults.title}</h3>
        <p className="secondary">{words.modelDefaults.text}</p>
        <Summary modelId={modelId} />
      </div>
      <div className="row">
        <Button size="sm" icon={Pencil} onClick={() => setOpen(true)}>
          {defaults ? words.modelDefaults.edit : words.modelDefaults.add}
        </Button>
        {defaults ? (
          <Button size="sm" variant="ghost" icon={Trash2} onClick={() => void remove(defaults)}>
            {words.modelDefaults.remove}
          </Button>
        ) : null}
      </div>
      {open ? (
        <DefaultsSheet
          name={name}
          defaults={defaults ?? { modelId, systemPrompt: '', sampling: null }}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </section>
  );
}

/** What is said for this model, by the user or by the app. */
function Summary({ modelId }: { modelId: string }): React.JSX.Element {
  const inForce = useInForce(modelId, null).value;
  if (!inForce) return <></>;
  const { sampling, samplingOrigins, systemPrompt, systemPromptOrigin } = inForce;
  const values = shownKeys(sampling)
    .filter((key) => samplingOrigins[key] === 'model')
    .map((key) => `${valueName(key)} ${valueWords(sampling, key)}`);
  const hasPrompt = systemPromptOrigin === 'model';
  if (!hasPrompt && values.length === 0) return <p>{words.modelDefaults.none}</p>;
  return (
    <>
      {hasPrompt ? (
        <p className="model-defaults-prompt" dir="auto">
          {systemPrompt}
        </p>
      ) : null}
      {values.length === 0 ? null : <p>{formatList(values)}</p>}
    </>
  );
}

function DefaultsSheet({
  name,
  defaults,
  onClose,
}: {
  name: string;
  defaults: ModelDefaults;
  onClose: () => void;
}): React.JSX.Element {
  const [draft, setDraft] = useState(defaults);
  const refused = useRefusedNumbers();
  const save = useCall('personas.setModelDefaults');
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (refused.some || (await save.run(draft)) === undefined) return;
    toast({ text: words.modelDefaults.saved });
    onClose();
  };
  return (
    <Sheet open onOpenChange={(open) => !open && onClose()} title={words.modelDefaults.sheetTitle(name)} width={480}>
      <form className="sheet-panel" noValidate onSubmit={(event) => void submit(event)}>
        <div className="model-defaults-form">
          <TextArea
            label={words.inspector.systemPrompt}
            hint={words.modelDefaults.systemPromptHint}
            dir="auto"
            maxLength={MAX_PERSONA_TEXT}
            value={draft.systemPrompt}
            onChange={(systemPrompt) => setDraft({ ...draft, systemPrompt })}
          />
          <RefusedNumbersContext value={refused.fields}>
            <OverridesFields
              hint={words.modelDefaults.samplingHint}
              own={draft.sampling}
              onChange={(sampling) => setDraft({ ...draft, sampling })}
            />
          </RefusedNumbersContext>
        </div>
        <footer className="sheet-foot">
          {save.error ? <ErrorCard error={save.error} compact /> : null}
          <div className="row model-defaults-acts">
            <Button variant="ghost" onClick={onClose}>
              {words.ui.cancel}
            </Button>
            <Button variant="primary" type="submit" loading={save.pending}>
              {words.modelDefaults.save}
            </Button>
          </div>
        </footer>
      </form>
    </Sheet>
  );
}
