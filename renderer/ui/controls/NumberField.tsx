import { useContext, useId, useState } from 'react';
import { formatDecimal } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { Field, type FieldProps } from './Field.tsx';
import { readNumber } from './read-number.ts';
import { RefusedNumbersContext, useReportRefused } from './refused-numbers.ts';

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

/**
 * A number field. What is not a number within the bounds stays in the field with the reason, and changes nothing. It goes
 * when the value is changed elsewhere or the form clears its refused fields.
 */
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
  /** What was typed is not a number, or out of bounds. */
  const [isWrong, setIsWrong] = useState(false);
  const isWhole = Number.isInteger(step);
  const edit = (text: string | null): void => {
    setDraft(text);
    setIsWrong(false);
  };
  const { clearings } = useContext(RefusedNumbersContext);
  const shown = `${value} ${clearings}`;
  const [before, setBefore] = useState(shown);
  if (before !== shown) {
    setBefore(shown);
    if (isWrong) edit(null);
  }
  useReportRefused(useId(), isWrong);
  const commit = (): void => {
    if (draft === null) return;
    const typed = readNumber(draft);
    const isRefused = typed !== null && (!(typed >= min && typed <= max) || (isWhole && !Number.isInteger(typed)));
    if (isRefused) return setIsWrong(true);
    edit(null);
    if (typed !== null && typed !== value) onChange(typed);
  };
  const nudge = (direction: 1 | -1): void => {
    const typed = draft === null ? null : readNumber(draft);
    const from = typed === null || Number.isNaN(typed) ? value : typed;
    const decimals = (String(step).split('.')[1] ?? '').length;
    edit(null);
    onChange(Number(Math.min(max, Math.max(min, from + direction * step)).toFixed(decimals)));
  };
  return (
    <Field
      label={label}
      labelHidden={labelHidden}
      hint={hint}
      error={isWrong ? words.ui.fromTo(formatDecimal(min, 6), formatDecimal(max, 6), isWhole) : error}
    >
      {({ id, describedBy, invalid }) => (
        <div className={`box box-number size-sm${invalid ? ' box-invalid' : ''}`}>
          <input
            id={id}
            type="text"
            inputMode={isWhole ? 'numeric' : 'decimal'}
            autoComplete="off"
            disabled={disabled}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            value={draft ?? String(value)}
            onChange={(event) => edit(event.target.value)}
            onFocus={(event) => event.target.select()}
            onBlur={commit}
            onKeyDown={(event) => {
              if (event.key === 'Enter') commit();
              else if (event.key === 'Escape' && draft !== null) {
                event.stopPropagation();
                edit(null);
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
