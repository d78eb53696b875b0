import type { LucideIcon } from 'lucide-react';
import type { InputHTMLAttributes, ReactNode, Ref } from 'react';
import type { ControlSize } from './Button.tsx';
import { Field, type FieldProps } from './Field.tsx';

export interface TextFieldProps
  extends FieldProps, Omit<InputHTMLAttributes<HTMLInputElement>, 'size' | 'value' | 'onChange' | 'id'> {
  value: string;
  onChange: (value: string) => void;
  icon?: LucideIcon;
  /** Something small at the end of the field: a clear button, a unit. */
  end?: ReactNode;
  size?: ControlSize;
  ref?: Ref<HTMLInputElement>;
}

/** One line of text. */
export function TextField({
  label,
  labelHidden,
  hint,
  error,
  value,
  onChange,
  icon: Icon,
  end,
  size = 'md',
  className,
  ...rest
}: TextFieldProps) {
  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <div className={`box size-${size}${invalid ? ' box-invalid' : ''}${className ? ` ${className}` : ''}`}>
          {Icon ? <Icon size={15} className="box-icon" aria-hidden="true" /> : null}
          <input
            type="text"
            {...rest}
            id={id}
            aria-describedby={describedBy}
            aria-invalid={invalid || undefined}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          {end}
        </div>
      )}
    </Field>
  );
}
