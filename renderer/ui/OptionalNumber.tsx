import type { ReactNode } from 'react';
import { NumberField } from './NumberField.tsx';
import { Switch } from './Switch.tsx';
import './controls.css';

/** A limit that may be there or not: a switch, and beside it the number while it is on. */
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
  disabled = false,
}: {
  label: string;
  hint?: ReactNode;
  /** Null is no limit. */
  value: number | null;
  onChange: (value: number | null) => void;
  /** The number that switching on begins with. */
  whenOn: number;
  min: number;
  max: number;
  step?: number;
  unit: string;
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
          label={`${label}, in ${unit}`}
          labelHidden
          value={value}
          onChange={onChange}
          min={min}
          max={max}
          step={step}
          unit={unit}
          disabled={disabled}
        />
      )}
    </div>
  );
}
