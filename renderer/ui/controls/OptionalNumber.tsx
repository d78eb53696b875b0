import type { ReactNode } from 'react';
import { NumberField } from './NumberField.tsx';
import { Switch } from './Switch.tsx';
import { words } from '../../words/words.ts';
import './controls.css';

/** A number that may be there or not: a switch, and below it the number while it is on. */
export function OptionalNumber({
  label,
  hint,
  value,
  onChange,
  whenOn,
  min,
  max,
  step = 1,
  unit,
  numberLabel = unit === undefined ? label : words.ui.inUnit(label, unit),
  disabled = false,
}: {
  label: string;
  hint?: ReactNode;
  /** Null is off. */
  value: number | null;
  onChange: (value: number | null) => void;
  /** The number that switching on begins with. */
  whenOn: number;
  min: number;
  max: number;
  step?: number;
  unit?: string;
  /** The accessible name of the number, where the switch's does not do. */
  numberLabel?: string;
  disabled?: boolean;
}) {
  return (
    <div className="optional-number">
      <Switch
        label={label}
        checked={value !== null}
        disabled={disabled}
        onChange={(on) => onChange(on ? whenOn : null)}
        {...(hint === undefined ? {} : { hint })}
      />
      {value === null ? null : (
        <NumberField
          label={numberLabel}
          labelHidden
          value={value}
          onChange={onChange}
          min={min}
          max={max}
          step={step}
          {...(unit === undefined ? {} : { unit })}
          disabled={disabled}
        />
      )}
    </div>
  );
}
