import { useState } from 'react';
import { Field, type FieldProps } from './Field.tsx';

export interface NumberFieldProps extends FieldProps {
  value: number;
  /** Called with a number within the bounds when the field loses focus or Enter is pressed. */
  onChange: (value: number) => void;
  min: number;
  max: number;
  step?: number;
  unit?: string;
  disabled?: boolean;
}

/** A number field. Text that is not a number is reset; a number out of bounds is moved to the bound. */
export function NumberField({
  label,
  labelHidden,
  hint,
  error,
  value,
  onChange,
  min,
  max,
  step = 1,
  unit,
  disabled,
}: NumberFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const commit = (): void => {
    if (draft === null) return;
    const typed = Number(draft.trim().replace(',', '.'));
    setDraft(null);
    if (draft.trim() === '' || !Number.isFinite(typed)) return;
    const whole = Number.isInteger(step) ? Math.round(typed) : typed;
    const next = Math.min(max, Math.max(min, whole));
    if (next !== value) onChange(next);
  };
  const nudge = (direction: 1 | -1): void => {
    const from = draft === null ? value : Number(draft.replace(',', '.')) || value;
    const decimals = (String(step).split('.')[1] ?? '').length;
    setDraft(null);
    onChange(Number(Math.min(max, Math.max(min, from + direction * step)).toFixed(decimals)));
  };
  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <div className={`box box-number size-sm${invalid ? ' box-invalid' : ''}`}>
          <input
            id={id}
            type="text"
            inputMode={Number.isInteger(step) ? 'numeric' : 'decimal'}
            autoComplete="off"
            disabled={disabled}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            value={draft ?? String(value)}
            onChange={(event) => setDraft(event.target.value)}
            onFocus={(event) => event.target.select()}
            onBlur={commit}
            onKeyDown={(event) => {
              if (event.key === 'Enter') commit();
              else if (event.key === 'Escape' && draft !== null) {
                event.stopPropagation();
                setDraft(null);
              } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
                event.preventDefault();
                nudge(event.key === 'ArrowUp' ? 1 : -1);
              }
            }}
          />
          {unit ? <span className="box-unit">{unit}</span> : null}
        </div>
      )}
    </Field>
  );
}
