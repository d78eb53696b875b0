import { Check, ChevronDown, type LucideIcon } from 'lucide-react';
import { Select as RadixSelect } from 'radix-ui';
import type { ControlSize } from './Button.tsx';
import { Field, type FieldProps } from './Field.tsx';
import '../layers/layers.css';

export interface SelectOption<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly detail?: string;
  readonly icon?: LucideIcon;
  readonly disabled?: boolean;
}

export interface SelectProps<V extends string> extends FieldProps {
  value: V;
  onChange: (value: V) => void;
  options: readonly SelectOption<V>[];
  size?: ControlSize;
  placeholder?: string;
  disabled?: boolean;
}

/** A choice of one option from a list that opens. */
export function Select<V extends string>({
  label,
  labelHidden,
  hint,
  error,
  value,
  onChange,
  options,
  size = 'md',
  placeholder,
  disabled = false,
}: SelectProps<V>) {
  const chosen = options.find((option) => option.value === value);
  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <RadixSelect.Root value={value} onValueChange={(next) => onChange(next as V)} disabled={disabled}>
          <RadixSelect.Trigger
            id={id}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            className={`select size-${size}`}
          >
            <span className="truncate">
              <RadixSelect.Value {...(placeholder === undefined ? {} : { placeholder })}>
                {chosen?.label}
              </RadixSelect.Value>
            </span>
            <ChevronDown size={14} aria-hidden="true" />
          </RadixSelect.Trigger>
          <RadixSelect.Portal>
            <RadixSelect.Content
              className="layer menu select-menu"
              position="popper"
              sideOffset={4}
              collisionPadding={8}
            >
              <RadixSelect.Viewport>
                {options.map(({ value: option, label: text, detail, icon: Icon, disabled: off }) => (
                  <RadixSelect.Item key={option} value={option} disabled={off ?? false} className="menu-item">
                    {Icon ? <Icon size={15} aria-hidden="true" /> : null}
                    <span className="menu-words">
                      <RadixSelect.ItemText>{text}</RadixSelect.ItemText>
                      {detail ? <span className="menu-detail">{detail}</span> : null}
                    </span>
                    <RadixSelect.ItemIndicator className="menu-check">
                      <Check size={14} aria-hidden="true" />
                    </RadixSelect.ItemIndicator>
                  </RadixSelect.Item>
                ))}
              </RadixSelect.Viewport>
            </RadixSelect.Content>
          </RadixSelect.Portal>
        </RadixSelect.Root>
      )}
    </Field>
  );
}
