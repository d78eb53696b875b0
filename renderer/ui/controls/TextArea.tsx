import type { Ref, TextareaHTMLAttributes } from 'react';
import { Field, type FieldProps } from './Field.tsx';

export interface TextAreaProps
  extends FieldProps, Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'value' | 'onChange' | 'id'> {
  value: string;
  onChange: (value: string) => void;
  /** The height up to which it grows with its text; beyond, it scrolls. */
  maxRows?: number;
  ref?: Ref<HTMLTextAreaElement>;
}

/** Several lines of text, as tall as the text. */
export function TextArea({
  label,
  labelHidden,
  hint,
  error,
  value,
  onChange,
  maxRows = 12,
  rows = 3,
  className,
  style,
  ...rest
}: TextAreaProps) {
  return (
    <Field label={label} labelHidden={labelHidden} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <textarea
          {...rest}
          id={id}
          rows={rows}
          aria-describedby={describedBy}
          aria-invalid={invalid || undefined}
          className={`text-area${invalid ? ' box-invalid' : ''}${className ? ` ${className}` : ''}`}
          style={{ ...style, maxBlockSize: `calc(${maxRows} * 1.45em + 1.125rem)` }}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
