import type { LucideIcon } from 'lucide-react';
import { ToggleGroup } from 'radix-ui';
import type { ControlSize } from './Button.tsx';
import './controls.css';

export interface Segment<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly icon?: LucideIcon;
}

/** A choice of one of two to five options, all visible. */
export function SegmentedControl<V extends string>({
  label,
  value,
  onChange,
  options,
  size = 'md',
  full = false,
}: {
  label: string;
  value: V;
  onChange: (value: V) => void;
  options: readonly Segment<V>[];
  size?: ControlSize;
  /** Fills the available width. */
  full?: boolean;
}) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      // An empty value is a second click on the selected option, which stays selected.
      onValueChange={(next) => next !== '' && onChange(next as V)}
      className={`segments size-${size}${full ? ' segments-full' : ''}`}
    >
      {options.map(({ value: option, label: text, icon: Icon }) => (
        <ToggleGroup.Item key={option} value={option} className="segment">
          {Icon ? <Icon size={14} aria-hidden="true" /> : null}
          {text}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
