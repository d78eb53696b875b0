import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { Sampling } from '../../preload/contract/chat.ts';
import { Button } from './Button.tsx';
import { NumberField } from './NumberField.tsx';
import { partsInUse, SamplingMore } from './SamplingMore.tsx';
import { SliderField } from './SliderField.tsx';
import { Switch } from './Switch.tsx';
import './controls.css';

type NumberKey = 'temperature' | 'topK' | 'topP' | 'minP' | 'repeatPenalty';

// The bounds are those of the contract's samplingSchema; the sliders end where replies stop making sense.
const numbers: readonly {
  readonly key: NumberKey;
  readonly label: string;
  readonly term: string;
  readonly hint: string;
  readonly min: number;
  readonly max: number;
  readonly sliderMax?: number;
  readonly step: number;
}[] = [
  {
    key: 'temperature',
    label: 'Variety',
    term: 'temperature',
    hint: 'Low is predictable, high is surprising. 0 always takes the likeliest word.',
    min: 0,
    max: 5,
    sliderMax: 2,
    step: 0.05,
  },
  {
    key: 'topP',
    label: 'Share of likely words',
    term: 'top-p',
    hint: 'Keeps the likeliest words that together reach this share. 1 is off.',
    min: 0,
    max: 1,
    step: 0.01,
  },
  {
    key: 'topK',
    label: 'Number of likely words',
    term: 'top-k',
    hint: 'Keeps this many of the likeliest words. 0 is off.',
    min: 0,
    max: 1000,
    sliderMax: 200,
    step: 1,
  },
  {
    key: 'minP',
    label: 'Cut-off for unlikely words',
    term: 'min-p',
    hint: 'Drops words this much less likely than the best one. 0 is off.',
    min: 0,
    max: 1,
    sliderMax: 0.5,
    step: 0.01,
  },
  {
    key: 'repeatPenalty',
    label: 'Against repetition',
    term: 'repeat penalty',
    hint: 'Makes words that were just used less likely. 1 is off.',
    min: 0.5,
    max: 3,
    sliderMax: 1.5,
    step: 0.01,
  },
];

/** How words are chosen. `onChange` follows every move; `onCommit` comes once per choice, to be saved. */
export function SamplingFields({
  value,
  onChange,
  onCommit,
  disabled = false,
}: {
  value: Sampling;
  onChange: (value: Sampling) => void;
  onCommit: (value: Sampling) => void;
  disabled?: boolean;
}) {
  const inUse = partsInUse(value);
  const [more, setMore] = useState(inUse > 0);
  return (
    <div className="sampling-fields">
      {numbers.map(({ key, sliderMax, ...field }) => (
        <SliderField
          key={key}
          {...field}
          {...(sliderMax === undefined ? {} : { sliderMax })}
          disabled={disabled}
          value={value[key]}
          onChange={(next) => onChange({ ...value, [key]: next })}
          onCommit={(next) => onCommit({ ...value, [key]: next })}
        />
      ))}
      <div className="sampling-rest">
        <OptionalNumber
          label="Limit replies"
          hint="max tokens: ends a reply after this many. Off: the model decides."
          numberLabel="Longest reply in tokens (max tokens)"
          unit="tokens"
          value={value.maxTokens}
          whenOn={1024}
          min={1}
          max={1_000_000}
          disabled={disabled}
          onCommit={(maxTokens) => onCommit({ ...value, maxTokens })}
        />
        <OptionalNumber
          label="Repeatable replies"
          hint="seed: the same number and the same words give the same reply."
          numberLabel="Seed"
          value={value.seed}
          whenOn={42}
          min={0}
          max={4_294_967_295}
          disabled={disabled}
          onCommit={(seed) => onCommit({ ...value, seed })}
        />
      </div>
      <div className="sampling-fold">
        <Button
          size="sm"
          variant="ghost"
          icon={more ? ChevronDown : ChevronRight}
          aria-expanded={more}
          onClick={() => setMore(!more)}
        >
          {more ? 'Less' : inUse > 0 ? `More (${inUse} in use)` : 'More'}
        </Button>
      </div>
      {more ? <SamplingMore value={value} onChange={onChange} onCommit={onCommit} disabled={disabled} /> : null}
    </div>
  );
}

function OptionalNumber({
  label,
  hint,
  numberLabel,
  unit,
  value,
  whenOn,
  min,
  max,
  disabled,
  onCommit,
}: {
  label: string;
  hint: string;
  numberLabel: string;
  unit?: string;
  value: number | null;
  /** The number that switching it on starts with. */
  whenOn: number;
  min: number;
  max: number;
  disabled: boolean;
  onCommit: (value: number | null) => void;
}) {
  return (
    <div className="slider-field">
      <Switch
        label={label}
        hint={hint}
        checked={value !== null}
        disabled={disabled}
        onChange={(on) => onCommit(on ? whenOn : null)}
      />
      {value === null ? null : (
        <NumberField
          label={numberLabel}
          labelHidden
          {...(unit === undefined ? {} : { unit })}
          value={value}
          min={min}
          max={max}
          disabled={disabled}
          onChange={onCommit}
        />
      )}
    </div>
  );
}
