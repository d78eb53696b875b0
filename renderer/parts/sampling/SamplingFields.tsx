import { useState } from 'react';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { useDeveloperMode } from '../developer-mode.ts';
import { MoreButton } from '../../ui/layers/MoreButton.tsx';
import { OptionalNumber } from '../../ui/controls/OptionalNumber.tsx';
import { Differs } from './Differs.tsx';
import { countMore } from './sampling-differences.ts';
import { SamplingMore } from './SamplingMore.tsx';
import { SamplingNumbers, type SamplingNumberRow } from './SamplingNumbers.tsx';
import { words } from '../../words/words.ts';
import '../../ui/controls/controls.css';

// The bounds are those of the contract's samplingSchema. The sliders end earlier, where replies stop making sense.
const numbers: readonly SamplingNumberRow[] = [
  {
    ...words.sampling.temperature,
    min: 0,
    max: 5,
    sliderMax: 2,
    step: 0.05,
    read: ({ temperature }) => temperature,
    write: (sampling, temperature) => ({ ...sampling, temperature }),
  },
  {
    ...words.sampling.topP,
    min: 0,
    max: 1,
    step: 0.01,
    read: ({ topP }) => topP,
    write: (sampling, topP) => ({ ...sampling, topP }),
  },
  {
    ...words.sampling.topK,
    min: 0,
    max: 1000,
    sliderMax: 200,
    step: 1,
    read: ({ topK }) => topK,
    write: (sampling, topK) => ({ ...sampling, topK }),
  },
  {
    ...words.sampling.minP,
    min: 0,
    max: 1,
    sliderMax: 0.5,
    step: 0.01,
    read: ({ minP }) => minP,
    write: (sampling, minP) => ({ ...sampling, minP }),
  },
  {
    ...words.sampling.repeatPenalty,
    min: 0.5,
    max: 3,
    sliderMax: 1.5,
    step: 0.01,
    read: ({ repeatPenalty }) => repeatPenalty,
    write: (sampling, repeatPenalty) => ({ ...sampling, repeatPenalty }),
  },
];

/** All sampling controls. `onChange` is called at every move, `onCommit` once per choice, to save it. */
export function SamplingFields({
  value,
  defaults,
  onChange,
  onCommit,
  disabled = false,
  whole = false,
}: {
  value: Sampling;
  /** Values that are these are shown as defaults, and the others can be reset. Absent for the defaults themselves. */
  defaults?: Sampling;
  onChange: (value: Sampling) => void;
  onCommit: (value: Sampling) => void;
  disabled?: boolean;
  /** Shows all of them, and folds none. */
  whole?: boolean;
}) {
  const count = countMore(value, defaults);
  const [more, setMore] = useState(countMore(value) > 0);
  const hasMore = useDeveloperMode() || count > 0 || more;
  const mark = { value, defaults, onCommit, disabled };
  return (
    <div className="sampling-fields">
      <SamplingNumbers
        rows={numbers}
        value={value}
        {...(defaults ? { defaults } : {})}
        onChange={onChange}
        onCommit={onCommit}
        disabled={disabled}
      />
      <div className="sampling-rest">
        <Differs name={words.sampling.maxTokens.label} of="maxTokens" {...mark}>
          <OptionalNumber
            label={words.sampling.maxTokens.label}
            hint={words.sampling.maxTokens.hint}
            numberLabel={words.sampling.maxTokens.number}
            unit={words.ui.tokens}
            value={value.maxTokens}
            whenOn={1024}
            min={1}
            max={1_000_000}
            disabled={disabled}
            onChange={(maxTokens) => onCommit({ ...value, maxTokens })}
          />
        </Differs>
        <Differs name={words.sampling.seed.label} of="seed" {...mark}>
          <OptionalNumber
            label={words.sampling.seed.label}
            hint={words.sampling.seed.hint}
            numberLabel={words.sampling.seed.number}
            value={value.seed}
            whenOn={42}
            min={0}
            max={4_294_967_295}
            disabled={disabled}
            onChange={(seed) => onCommit({ ...value, seed })}
          />
        </Differs>
      </div>
      {whole || !hasMore ? null : (
        <MoreButton
          open={more}
          onOpenChange={setMore}
          label={defaults ? words.sampling.moreChanged(count) : words.sampling.more(count)}
        />
      )}
      {whole || more ? (
        <SamplingMore value={value} defaults={defaults} onChange={onChange} onCommit={onCommit} disabled={disabled} />
      ) : null}
    </div>
  );
}
