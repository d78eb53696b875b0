import { useState } from 'react';
import type { Sampling } from '../../preload/contract/chat.ts';
import { MoreButton } from '../ui/MoreButton.tsx';
import { OptionalNumber } from '../ui/OptionalNumber.tsx';
import { partsInUse, SamplingMore } from './SamplingMore.tsx';
import { SamplingNumbers, type SamplingNumberRow } from './SamplingNumbers.tsx';
import '../ui/controls.css';

// The bounds are those of the contract's samplingSchema; the sliders end where replies stop making sense.
const numbers: readonly SamplingNumberRow[] = [
  {
    label: 'Variety',
    term: 'temperature',
    hint: 'Low is predictable, high is surprising. 0 always takes the likeliest word.',
    min: 0,
    max: 5,
    sliderMax: 2,
    step: 0.05,
    read: ({ temperature }) => temperature,
    write: (sampling, temperature) => ({ ...sampling, temperature }),
  },
  {
    label: 'Share of likely words',
    term: 'top-p',
    hint: 'Keeps the likeliest words that together reach this share. 1 is off.',
    min: 0,
    max: 1,
    step: 0.01,
    read: ({ topP }) => topP,
    write: (sampling, topP) => ({ ...sampling, topP }),
  },
  {
    label: 'Number of likely words',
    term: 'top-k',
    hint: 'Keeps this many of the likeliest words. 0 is off.',
    min: 0,
    max: 1000,
    sliderMax: 200,
    step: 1,
    read: ({ topK }) => topK,
    write: (sampling, topK) => ({ ...sampling, topK }),
  },
  {
    label: 'Cut-off for unlikely words',
    term: 'min-p',
    hint: 'Drops words this much less likely than the best one. 0 is off.',
    min: 0,
    max: 1,
    sliderMax: 0.5,
    step: 0.01,
    read: ({ minP }) => minP,
    write: (sampling, minP) => ({ ...sampling, minP }),
  },
  {
    label: 'Against repetition',
    term: 'repeat penalty',
    hint: 'Makes words that were just used less likely. 1 is off.',
    min: 0.5,
    max: 3,
    sliderMax: 1.5,
    step: 0.01,
    read: ({ repeatPenalty }) => repeatPenalty,
    write: (sampling, repeatPenalty) => ({ ...sampling, repeatPenalty }),
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
      <SamplingNumbers rows={numbers} value={value} onChange={onChange} onCommit={onCommit} disabled={disabled} />
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
          onChange={(maxTokens) => onCommit({ ...value, maxTokens })}
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
          onChange={(seed) => onCommit({ ...value, seed })}
        />
      </div>
      <MoreButton open={more} onOpenChange={setMore} label={inUse > 0 ? `More (${inUse} in use)` : 'More'} />
      {more ? <SamplingMore value={value} onChange={onChange} onCommit={onCommit} disabled={disabled} /> : null}
    </div>
  );
}
