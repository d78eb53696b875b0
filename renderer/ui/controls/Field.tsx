import { useId, type ReactNode } from 'react';
import './controls.css';

export interface FieldProps {
  label: string;
  /** Hides the label from sight; screen readers still read it. */
  labelHidden?: boolean | undefined;
  hint?: ReactNode;
  /** What is wrong with the value, in plain words. */
  error?: string | undefined;
}

/**
 * Label, hint and error around a control, linked to it for screen readers. `children` receives the attributes that the
 * control needs.
 */
export function Field({
  label,
  labelHidden = false,
  hint,
  error,
  children,
}: FieldProps & {
  children: (control: { id: string; describedBy: string | undefined; invalid: boolean }) => ReactNode;
}) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id} className={labelHidden ? 'visually-hidden' : 'field-label'}>
        {label}
      </label>
      {children({ id, describedBy: note ? noteId : undefined, invalid: error !== undefined })}
      {note ? (
        <div id={noteId} className={error ? 'field-error' : 'field-hint'} role={error ? 'alert' : undefined}>
          {note}
        </div>
      ) : null}
    </div>
  );
}
