import { useId, type ReactNode } from 'react';
import { RotateCcw } from 'lucide-react';
import { IconButton } from './IconButton.tsx';
import { NumberField } from './NumberField.tsx';
import { Slider } from './Slider.tsx';
import { words } from '../../words/words.ts';
import './controls.css';

export interface SliderFieldProps {
  label: string;
  /** The technical name, shown after the label. */
  term?: string;
  hint?: ReactNode;
  value: number;
  /** Called at every move of the thumb. */
  onChange: (value: number) => void;
  /** Called once per choice: when the thumb is released or a number was typed. */
  onCommit: (value: number) => void;
  min: number;
  max: number;
  step: number;
  /** The end of the slider, where it is smaller than `max` because larger numbers are rare. */
  sliderMax?: number;
  disabled?: boolean;
  /** The value that is in force without a choice: shown as such, and other values can be reset to it. */
  defaultValue?: number;
}

/** A number with a slider and a field that show the same value. */
export function SliderField(props: SliderFieldProps) {
  const { label, term, hint, value, onChange, onCommit, min, max, step, sliderMax = max, disabled = false } = props;
  const { defaultValue } = props;
  const isDefault = value === defaultValue;
  const id = useId();
  const name = term ? words.ui.withTerm(label, term) : label;
  return (
    <div
      className="slider-field"
      data-default={isDefault || undefined}
      role="group"
      aria-label={name}
      aria-describedby={hint ? `${id}-hint` : undefined}
    >
      <div className="slider-field-head">
        <span className="slider-field-label" aria-hidden="true">
          {label}
          {term ? <span className="slider-field-term">{term}</span> : null}
        </span>
        {isDefault ? <span className="slider-field-default">{words.ui.default}</span> : null}
        {defaultValue === undefined || isDefault ? null : (
          <IconButton
            label={words.ui.resetTo(name, String(defaultValue))}
            icon={RotateCcw}
            size="sm"
            disabled={disabled}
            onClick={() => onCommit(defaultValue)}
          />
        )}
        <NumberField
          label={name}
          labelHidden
          value={value}
          min={min}
          max={max}
          step={step}
          disabled={disabled}
          onChange={onCommit}
        />
      </div>
      <Slider
        label={name}
        value={Math.min(sliderMax, value)}
        min={min}
        max={sliderMax}
        step={step}
        disabled={disabled}
        onChange={onChange}
        onCommit={onCommit}
      />
      {hint ? (
        <div id={`${id}-hint`} className="field-hint">
          {hint}
        </div>
      ) : null}
    </div>
  );
}
