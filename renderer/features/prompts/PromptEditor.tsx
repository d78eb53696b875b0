/** The form of one prompt. It shows what will be asked when the prompt is inserted. */
import { useEffect, useState, type FormEvent } from 'react';
import type { PromptContent, PromptSummary } from '../../../preload/contract/prompts.ts';
import { MAX_PROMPT_DESCRIPTION, MAX_PROMPT_NAME, MAX_PROMPT_TEXT } from '../../../preload/contract/prompt-limits.ts';
import { useCall, useQuery } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { parsePrompt } from '../../parts/prompts/variables.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { Badge } from '../../ui/display/Badge.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { toast } from '../../ui/layers/toast.ts';
import { words } from '../../words/words.ts';

interface PromptEditorProps {
  /** Null for a new prompt, which begins with `text`. */
  readonly promptId: string | null;
  readonly text: string;
  readonly all: readonly PromptSummary[];
  readonly onUnsaved: (isUnsaved: boolean) => void;
  readonly onClose: () => void;
}

export function PromptEditor(props: PromptEditorProps): React.JSX.Element {
  const { promptId, text } = props;
  const stored = useQuery('prompts.read', { promptId: promptId ?? '' }, { enabled: promptId !== null });
  if (promptId === null) return <PromptForm {...props} first={{ name: '', description: '', text }} />;
  if (stored.status === 'error')
    return (
      <div className="prompts-panel">
        <ErrorCard error={stored.error} onRetry={stored.retry} />
      </div>
    );
  if (stored.value === undefined)
    return (
      <div className="prompts-panel">
        <Skeleton lines={6} label={words.prompts.loading} />
      </div>
    );
  return <PromptForm {...props} first={stored.value} />;
}

function PromptForm({ promptId, all, first, onUnsaved, onClose }: PromptEditorProps & { first: PromptContent }) {
  const [draft, setDraft] = useState<PromptContent>({
    name: first.name,
    description: first.description,
    text: first.text,
  });
  const [isChecked, setIsChecked] = useState(false);
  const save = useCall('prompts.save');
  const isUnsaved = draft.name !== first.name || draft.description !== first.description || draft.text !== first.text;
  useEffect(() => {
    onUnsaved(isUnsaved);
  });
  const change = (part: Partial<PromptContent>): void => setDraft((before) => ({ ...before, ...part }));
  const name = draft.name.trim();
  const isTaken = all.some((other) => other.id !== promptId && other.name.toLowerCase() === name.toLowerCase());
  const nameError = name === '' ? words.prompts.nameMissing : isTaken ? words.prompts.nameTaken : undefined;
  const textError = draft.text.trim() === '' ? words.prompts.textMissing : undefined;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsChecked(true);
    if (nameError !== undefined || textError !== undefined) return;
    const content = { ...draft, name, description: draft.description.trim() };
    if (!(await save.run({ promptId, ...content }))) return;
    toast({ text: words.prompts.saved(name) });
    onUnsaved(false);
    onClose();
  };
  return (
    <form className="sheet-panel" noValidate onSubmit={(event) => void submit(event)}>
      <div className="prompts-panel prompts-form">
        <TextField
          label={words.prompts.name}
          hint={words.prompts.nameHint}
          dir="auto"
          autoComplete="off"
          maxLength={MAX_PROMPT_NAME}
          data-autofocus
          value={draft.name}
          onChange={(next) => change({ name: next })}
          error={isChecked ? nameError : undefined}
        />
        <TextField
          label={words.prompts.description}
          dir="auto"
          autoComplete="off"
          maxLength={MAX_PROMPT_DESCRIPTION}
          value={draft.description}
          onChange={(description) => change({ description })}
        />
        <TextArea
          label={words.prompts.textField}
          hint={words.prompts.textHint}
          dir="auto"
          rows={8}
          className="prompts-text"
          maxRows={24}
          maxLength={MAX_PROMPT_TEXT}
          value={draft.text}
          onChange={(text) => change({ text })}
          error={isChecked ? textError : undefined}
        />
        <Variables text={draft.text} />
      </div>
      <footer className="sheet-foot">
        {save.error ? <ErrorCard error={save.error} compact /> : null}
        <div className="prompts-acts">
          <Button variant="ghost" onClick={onClose}>
            {words.ui.cancel}
          </Button>
          <Button variant="primary" type="submit" loading={save.pending}>
            {words.prompts.save}
          </Button>
        </div>
      </footer>
    </form>
  );
}

/** What the text will ask for. */
function Variables({ text }: { text: string }) {
  const { variables, filled, unreadable } = parsePrompt(text);
  const groups = [
    [words.prompts.variables, variables.map(({ name }) => name)],
    [words.prompts.filledIn, filled],
  ] as const;
  return (
    <>
      {groups.map(([title, names]) =>
        names.length === 0 ? null : (
          <div key={title} className="prompts-variables">
            <h3>{title}</h3>
            <ul>
              {names.map((name) => (
                <li key={name}>
                  <Badge>
                    <bdi>{name}</bdi>
                  </Badge>
                </li>
              ))}
            </ul>
          </div>
        ),
      )}
      {unreadable.length === 0 ? null : (
        <p className="field-hint">{words.prompts.unreadable(unreadable.slice(0, 3).join(' '))}</p>
      )}
    </>
  );
}
