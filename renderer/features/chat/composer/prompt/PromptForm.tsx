/** Asks for the values of a prompt's variables. */
import { useEffect, useState, type FormEvent } from 'react';
import { problemOf, type PromptVariable } from '../../../../parts/prompts/variables.ts';
import { Button } from '../../../../ui/controls/Button.tsx';
import { Select } from '../../../../ui/controls/Select.tsx';
import { Switch } from '../../../../ui/controls/Switch.tsx';
import { TextArea } from '../../../../ui/controls/TextArea.tsx';
import { TextField } from '../../../../ui/controls/TextField.tsx';
import { Dialog } from '../../../../ui/layers/Dialog.tsx';
import { words } from '../../../../words/words.ts';
import type { FilledForm } from './use-prompt-insertion.ts';

interface PromptFormProps {
  readonly form: FilledForm;
  /** Gets the values, or null where nothing is to be inserted. */
  readonly onFinish: (values: ReadonlyMap<string, string> | null) => void;
}

const FORM_ID = 'chat-prompt-form';

export function PromptForm({ form, onFinish }: PromptFormProps): React.JSX.Element {
  const { variables } = form.parsed;
  const [values, setValues] = useState<ReadonlyMap<string, string>>(
    () => new Map(variables.map(({ name, value }) => [name, value])),
  );
  const [isChecked, setIsChecked] = useState(false);
  const valueOf = ({ name }: PromptVariable): string => values.get(name) ?? '';
  const set = (name: string, value: string): void => setValues((before) => new Map(before).set(name, value));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // The field of the message stands in a form too, around this one in React's tree.
    event.stopPropagation();
    setIsChecked(true);
    if (variables.every((variable) => problemOf(variable, valueOf(variable)) === null)) onFinish(values);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onFinish(null)}
      title={form.name}
      description={words.prompts.formText}
      footer={
        <>
          <Button variant="ghost" onClick={() => onFinish(null)}>
            {words.ui.cancel}
          </Button>
          <Button variant="primary" type="submit" form={FORM_ID}>
            {words.prompts.insert}
          </Button>
        </>
      }
    >
      <form id={FORM_ID} className="chat-prompt-form" noValidate onSubmit={submit}>
        {variables.map((variable) => (
          <VariableField
            key={variable.name}
            variable={variable}
            value={valueOf(variable)}
            onChange={(value) => set(variable.name, value)}
            problem={isChecked ? problemOf(variable, valueOf(variable)) : null}
          />
        ))}
      </form>
    </Dialog>
  );
}

interface VariableFieldProps {
  readonly variable: PromptVariable;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly problem: ReturnType<typeof problemOf>;
}

function VariableField({ variable, value, onChange, problem }: VariableFieldProps): React.JSX.Element {
  const { kind, choices, placeholder, required } = variable;
  const label = labelOf(variable);
  const error =
    problem === null ? undefined : problem === 'required' ? words.prompts.required : words.prompts.unknownNumber;
  switch (kind) {
    case 'select':
      return (
        <Select
          label={label}
          value={value}
          onChange={onChange}
          options={choices.map((choice) => ({ value: choice, label: choice }))}
          error={error}
        />
      );
    case 'checkbox':
      return <Switch label={label} checked={value === 'true'} onChange={(on) => onChange(String(on))} />;
    case 'clipboard':
      return <ClipboardField label={label} value={value} onChange={onChange} />;
    case 'textarea':
      return (
        <TextArea
          {...{ label, value, onChange, placeholder, error }}
          dir="auto"
          rows={4}
          className="chat-prompt-lines"
          maxRows={12}
          aria-required={required || undefined}
        />
      );
    case 'text':
    case 'number':
    case 'date':
    case 'datetime-local':
    case 'time':
    case 'month':
      return (
        <TextField
          {...{ label, value, onChange, placeholder, error }}
          // A field of numbers changes under a turning wheel, and gives no text where a number is wrong.
          type={kind === 'number' ? 'text' : kind}
          {...(kind === 'number' ? { inputMode: 'decimal' as const } : { dir: 'auto' })}
          autoComplete="off"
          aria-required={required || undefined}
        />
      );
    default:
      return kind satisfies never;
  }
}

const capitalized = (text: string): string => text.replace(/^./u, (letter) => letter.toUpperCase());

/** The names of Open WebUI's variables that it fills in itself, in words; of others the name as it was written. */
function labelOf({ name, required, kind }: PromptVariable): string {
  const known = {
    CLIPBOARD: words.prompts.clipboard,
    USER_NAME: words.prompts.userName,
    USER_LOCATION: words.prompts.userLocation,
  };
  const label =
    Object.entries(known).find(([one]) => one === name.toUpperCase())?.[1] ?? capitalized(name.replaceAll('_', ' '));
  return required || kind === 'select' || kind === 'checkbox' ? label : words.prompts.optional(label);
}

/** Begins with what the clipboard has, so that it is seen before it is sent. */
function ClipboardField(props: Pick<VariableFieldProps, 'value' | 'onChange'> & { label: string }): React.JSX.Element {
  const { label, value, onChange } = props;
  const [isDenied, setIsDenied] = useState(false);
  useEffect(() => {
    let isOver = false;
    // A page without a secure address has no clipboard, whatever the types say.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    void (clipboard?.readText() ?? Promise.reject(new Error())).then(
      (text) => {
        if (!isOver) onChange(text);
      },
      () => {
        if (!isOver) setIsDenied(true);
      },
    );
    return () => {
      isOver = true;
    };
  }, []); // eslint-disable-line react-hooks/exhaustive-deps -- read once, when the form opens
  return (
    <TextArea
      {...{ label, value, onChange }}
      dir="auto"
      rows={4}
      className="chat-prompt-lines"
      maxRows={12}
      hint={isDenied ? words.prompts.clipboardDenied : undefined}
    />
  );
}
