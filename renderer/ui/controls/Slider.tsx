import { Slider as RadixSlider } from 'radix-ui';
import './controls.css';

export interface SliderProps {
  /** The accessible name. */
  label: string;
  value: number;
  /** Called at every move. */
  onChange: (value: number) => void;
  /** Called once, when the thumb is released. */
  onCommit?: (value: number) => void;
  min: number;
  max: number;
  step: number;
  marks?: readonly number[];
  format?: (value: number) => string;
  disabled?: boolean;
}

/** A number between two bounds, chosen with a slider. */
export function Slider({ label, value, onChange, onCommit, min, max, step, marks, format, disabled }: SliderProps) {
  return (
    <RadixSlider.Root
      className="slider"
      value={[value]}
      min={min}
      max={max}
      step={step}
      disabled={disabled ?? false}
      onValueChange={([next]) => next !== undefined && onChange(next)}
      onValueCommit={([next]) => next !== undefined && onCommit?.(next)}
    >
      <RadixSlider.Track className="slider-track">
        <RadixSlider.Range className="slider-range" />
        {marks?.map((mark) => (
          <span
            key={mark}
            className="slider-mark"
            style={{ insetInlineStart: `${((mark - min) / (max - min)) * 100}%` }}
          />
        ))}
      </RadixSlider.Track>
      <RadixSlider.Thumb className="slider-thumb" aria-label={label} aria-valuetext={format?.(value)} />
    </RadixSlider.Root>
  );
}
