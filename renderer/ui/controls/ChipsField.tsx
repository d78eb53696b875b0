import { X } from 'lucide-react';
import { useState } from 'react';
import { Button } from './Button.tsx';
import { Field, type FieldProps } from './Field.tsx';
import { words } from '../../words/words.ts';
import './controls.css';

/** A list of short texts. Enter adds the typed text; a line break is typed as \n. */
export function ChipsField({
  values,
  onChange,
  max,
  refuse,
  placeholder,
  disabled = false,
  ...field
}: FieldProps & {
  values: readonly string[];
  onChange: (values: string[]) => void;
  /** The largest number of texts. */
  max: number;
  /** What is wrong with a typed text; it stays in the field with these words. */
  refuse?: (text: string) => string | null;
  placeholder?: string;
  disabled?: boolean;
}) {
  const [draft, setDraft] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const add = (): void => {
    const text = draft.replaceAll('\\n', '\n').replaceAll('\\t', '\t');
    if (text === '') return;
    const wrong = refuse?.(text) ?? null;
    setProblem(wrong);
    if (wrong !== null) return;
    setDraft('');
    if (!values.includes(text) && values.length < max) onChange([...values, text]);
  };
  return (
    <div className="chips-field">
      <Field {...field} error={problem ?? field.error}>
        {({ id, describedBy, invalid }) => (
          <div className="row">
            <div className={`box size-sm chips-box${invalid ? ' box-invalid' : ''}`}>
              <input
                id={id}
                type="text"
                autoComplete="off"
                aria-describedby={describedBy}
                aria-invalid={invalid || undefined}
                placeholder={placeholder}
                disabled={disabled || values.length >= max}
                value={draft}
                maxLength={500}
                onChange={(event) => {
                  setDraft(event.target.value);
                  setProblem(null);
                }}
                onBlur={add}
                onKeyDown={(event) => {
                  if (event.key === 'Enter') {
                    event.preventDefault();
                    add();
                  } else if (event.key === 'Backspace' && draft === '' && values.length > 0) {
                    onChange(values.slice(0, -1));
                  }
                }}
              />
            </div>
            <Button size="sm" disabled={disabled || draft === '' || values.length >= max} onClick={add}>
              {words.ui.add}
            </Button>
          </div>
        )}
      </Field>
      {values.length > 0 ? (
        <ul className="chips" aria-label={field.label}>
          {values.map((value) => (
            <li key={value} className="chip">
              <span className="mono truncate">{shownText(value)}</span>
              <button
                type="button"
                aria-label={words.ui.remove(shownText(value))}
                disabled={disabled}
                onClick={() => onChange(values.filter((other) => other !== value))}
              >
                <X size={12} aria-hidden="true" />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** Line breaks and tabs as escapes, so that they are visible. */
function shownText(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
