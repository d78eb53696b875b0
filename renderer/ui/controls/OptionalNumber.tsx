import type { ReactNode } from 'react';
import { NumberField } from './NumberField.tsx';
import { Switch } from './Switch.tsx';
import { words } from '../../words/words.ts';
import './controls.css';

/** An optional number: a switch, and the number below it while the switch is on. */
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
  /** Null means off. */
  value: number | null;
  onChange: (value: number | null) => void;
  /** The initial number when switched on. */
  whenOn: number;
  min: number;
  max: number;
  step?: number;
  unit?: string;
  /** The accessible name of the number, where the switch's name does not fit. */
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
