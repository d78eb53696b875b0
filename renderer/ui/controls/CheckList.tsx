import { useId } from 'react';
import './controls.css';

export interface CheckItem<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly detail?: string;
}

/** A choice of any number of options, all visible. */
export function CheckList<V extends string>({
  label,
  values,
  onChange,
  options,
  error,
}: {
  label: string;
  values: readonly V[];
  onChange: (values: readonly V[]) => void;
  options: readonly CheckItem<V>[];
  /** What is wrong with the choice. */
  error?: string | undefined;
}) {
  const id = useId();
  return (
    <div className="field" role="group" aria-label={label} aria-describedby={error ? `${id}-error` : undefined}>
      <div className="check-list">
        {options.map(({ value, label: text, detail }) => (
          <label key={value} className="check-item">
            <input
              type="checkbox"
              checked={values.includes(value)}
              onChange={({ target }) =>
                // In the order of the options, whatever the order of the clicks.
                onChange(
                  options
                    .map((option) => option.value)
                    .filter((one) => (one === value ? target.checked : values.includes(one))),
                )
              }
            />
            <span className="radio-words">
              <span>{text}</span>
              {detail ? <span className="field-hint">{detail}</span> : null}
            </span>
          </label>
        ))}
      </div>
      {error ? (
        <div id={`${id}-error`} className="field-error" role="alert">
          {error}
        </div>
      ) : null}
    </div>
  );
}
