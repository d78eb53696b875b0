/** The form that a reply must have: a grammar or a JSON schema, checked while it is typed. */
import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { useQuery } from '../../connection/live.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { TextArea } from '../../ui/controls/TextArea.tsx';
import { useSettled } from '../../ui/use-settled.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';

type Form = NonNullable<Sampling['grammar']>;

interface StructureFieldProps {
  /** Undefined: replies are free. */
  readonly stored: Form | undefined;
  readonly disabled: boolean;
  readonly onCommit: (form: Form | undefined) => void;
}

const examples = {
  gbnf: 'root ::= "yes" | "no"',
  json_schema: '{"type": "object", "properties": {"name": {"type": "string"}}}',
} as const;

/** A form is checked once nothing was typed for so long, in milliseconds. */
const SETTLED_MS = 250;
const anything: Form = { kind: 'json_schema', text: '{}' };

/** What is wrong with a form, in words with its place; undefined while that is not known, null where it can be held. */
function useProblem(form: Form | null): string | null | undefined {
  const settled = useSettled(form, SETTLED_MS);
  const enabled = form !== null && settled === form;
  const answer = useQuery('inference.checkForm', { form: settled ?? anything }, { enabled });
  if (!enabled || !answer.value) return undefined;
  const { problem } = answer.value;
  if (problem === null) return null;
  const { line, column, error } = problem;
  const { text } = wordsFor(error);
  // Its words have the place already.
  const hasPlace = line === undefined || column === undefined || error.data?.['reason'] === 'not_json';
  return hasPlace ? text : words.sampling.structure.at(line, column, text);
}

export function StructureField({ stored, disabled, onCommit }: StructureFieldProps): React.JSX.Element {
  const { structure } = words.sampling;
  const [kind, setKind] = useState<'off' | Form['kind']>(stored?.kind ?? 'off');
  const [draft, setDraft] = useState(stored?.text ?? '');
  const [before, setBefore] = useState(stored);
  // The value was changed elsewhere: it was reset.
  if (JSON.stringify(before) !== JSON.stringify(stored)) {
    setBefore(stored);
    setKind(stored?.kind ?? 'off');
    setDraft(stored?.text ?? '');
  }
  const [form, setForm] = useState<Form | null>(stored ?? null);
  const isWritten = kind !== 'off' && draft.trim().length > 1;
  if (isWritten ? form?.kind !== kind || form.text !== draft : form !== null)
    setForm(isWritten ? { kind, text: draft } : null);
  const problem = useProblem(form);
  const isInUse = form !== null && stored?.kind === form.kind && stored.text === form.text;
  const save = (): void => {
    if (form !== null && problem === null && !isInUse) onCommit(form);
  };
  return (
    <div className="sampling-group sampling-rest sampling-shape">
      <div className="field">
        <span className="field-label">{structure.label}</span>
        <SegmentedControl
          label={structure.label}
          size="sm"
          value={kind}
          options={[
            { value: 'off', label: structure.off },
            { value: 'json_schema', label: structure.jsonSchema },
            { value: 'gbnf', label: structure.grammar },
          ]}
          onChange={(next) => {
            setKind(next);
            setDraft(next === stored?.kind ? stored.text : '');
            if (next === 'off' && stored) onCommit(undefined);
          }}
        />
      </div>
      {kind === 'off' ? null : (
        <>
          <TextArea
            label={kind === 'gbnf' ? structure.grammar : structure.jsonSchema}
            labelHidden
            className="mono"
            rows={5}
            maxRows={16}
            spellCheck={false}
            disabled={disabled}
            maxLength={100_000}
            placeholder={examples[kind]}
            value={draft}
            {...(problem ? { error: problem } : {})}
            hint={form === null ? structure.empty : isInUse ? structure.inUse : structure.waiting}
            onChange={setDraft}
            onBlur={save}
          />
          {form !== null && problem === null ? (
            <div className="sampling-valid">
              <span className="sampling-valid-mark">
                <CircleCheck size={14} aria-hidden="true" />
                {structure.valid}
              </span>
              {isInUse ? null : (
                <Button size="sm" disabled={disabled} onClick={save}>
                  {structure.use}
                </Button>
              )}
            </div>
          ) : null}
        </>
      )}
    </div>
  );
}
