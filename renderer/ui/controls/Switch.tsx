import { Switch as RadixSwitch } from 'radix-ui';
import { useId, type ReactNode } from 'react';
import './controls.css';

/** An on-off switch that takes effect at once. */
export function Switch({
  label,
  labelHidden = false,
  hint,
  checked,
  onChange,
  disabled = false,
}: {
  label: string;
  labelHidden?: boolean;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div className="switch-row">
      <span className={labelHidden ? 'visually-hidden' : 'switch-words'}>
        <label htmlFor={id}>{label}</label>
        {hint ? (
          <span id={`${id}-hint`} className="field-hint">
            {hint}
          </span>
        ) : null}
      </span>
      <RadixSwitch.Root
        id={id}
        className="switch"
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
      >
        <RadixSwitch.Thumb className="switch-thumb" />
      </RadixSwitch.Root>
    </div>
  );
}
