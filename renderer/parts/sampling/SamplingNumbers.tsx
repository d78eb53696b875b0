import type { Sampling } from '../../../preload/contract/chat.ts';
import { SliderField, type SliderFieldProps } from '../../ui/controls/SliderField.tsx';

/** One number of the sampling: its name, its bounds, and its key. */
export interface SamplingNumberRow extends Pick<
  SliderFieldProps,
  'label' | 'term' | 'hint' | 'min' | 'max' | 'sliderMax' | 'step'
> {
  readonly read: (sampling: Sampling) => number;
  readonly write: (sampling: Sampling, value: number) => Sampling;
}

/** Numbers of the sampling, each with a slider. `onChange` is called at every move, `onCommit` once per choice. */
export function SamplingNumbers({
  rows,
  value,
  defaults,
  onChange,
  onCommit,
  disabled,
}: {
  rows: readonly SamplingNumberRow[];
  value: Sampling;
  defaults?: Sampling;
  onChange: (value: Sampling) => void;
  onCommit: (value: Sampling) => void;
  disabled: boolean;
}) {
  return rows.map(({ read, write, ...field }) => (
    <SliderField
      key={field.label}
      {...field}
      disabled={disabled}
      value={read(value)}
      {...(defaults ? { defaultValue: read(defaults) } : {})}
      onChange={(next) => onChange(write(value, next))}
      onCommit={(next) => onCommit(write(value, next))}
    />
  ));
}
