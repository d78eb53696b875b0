import { RadioGroup } from 'radix-ui';
import { useId, type ReactNode } from 'react';
import './controls.css';

export interface RadioCard<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly detail?: ReactNode;
  /** A figure at the end of the line. */
  readonly end?: ReactNode;
  readonly disabled?: boolean;
}

/** A choice of one, each option with space for an explanation. */
export function RadioCards<V extends string>({
  label,
  value,
  onChange,
  options,
  disabled = false,
}: {
  label: string;
  value: V;
  onChange: (value: V) => void;
  options: readonly RadioCard<V>[];
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <RadioGroup.Root
      className="radio-cards"
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as V)}
      disabled={disabled}
    >
      {options.map(({ value: option, label: text, detail, end, disabled: off }, index) => (
        <label key={option} className="radio-card" htmlFor={`${id}-${index}`}>
          <RadioGroup.Item
            id={`${id}-${index}`}
            value={option}
            disabled={off ?? false}
            className="radio-dot"
            aria-describedby={detail ? `${id}-${index}-detail` : undefined}
          >
            <RadioGroup.Indicator className="radio-dot-in" />
          </RadioGroup.Item>
          <span className="radio-words">
            <span>{text}</span>
            {detail ? (
              <span id={`${id}-${index}-detail`} className="field-hint">
                {detail}
              </span>
            ) : null}
          </span>
          {end ? <span className="num secondary">{end}</span> : null}
        </label>
      ))}
    </RadioGroup.Root>
  );
}
