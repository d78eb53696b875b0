/** How the next word is picked, for one chat: the defaults of the settings, or its own. */
import { useState } from 'react';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { NumberField } from '../../ui/NumberField.tsx';
import { Slider } from '../../ui/Slider.tsx';
import { Switch } from '../../ui/Switch.tsx';

interface SamplingFieldsProps {
  /** Null: the defaults are used. */
  readonly own: Sampling | null;
  readonly defaults: Sampling;
  readonly onChange: (sampling: Sampling | null) => void;
}

interface Dial {
  readonly key: 'temperature' | 'topP' | 'topK' | 'minP' | 'repeatPenalty';
  readonly label: string;
  readonly technical: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly off?: number;
}

// The bounds are those of sensible use, narrower than what the engine takes.
const dials: readonly Dial[] = [
  { key: 'temperature', label: 'Variety', technical: 'temperature', min: 0, max: 2, step: 0.05 },
  { key: 'topP', label: 'Share of likely words', technical: 'top-p', min: 0.05, max: 1, step: 0.05, off: 1 },
  { key: 'topK', label: 'Number of likely words', technical: 'top-k', min: 0, max: 200, step: 1, off: 0 },
  { key: 'minP', label: 'Cut-off for unlikely words', technical: 'min-p', min: 0, max: 0.5, step: 0.01, off: 0 },
  {
    key: 'repeatPenalty',
    label: 'Against repetition',
    technical: 'repeat penalty',
    min: 1,
    max: 2,
    step: 0.05,
    off: 1,
  },
];

/** What a limit starts with when it is switched on. */
const FIRST_LIMIT = 512;

export function SamplingFields({ own, defaults, onChange }: SamplingFieldsProps): React.JSX.Element {
  // While a slider moves, its place is here; it is saved when it is let go, and shown from here until that has come back.
  const [moving, setMoving] = useState<Partial<Sampling>>({});
  const stored = JSON.stringify(own);
  const [before, setBefore] = useState(stored);
  if (before !== stored) {
    setBefore(stored);
    setMoving({});
  }
  const shown: Sampling = { ...(own ?? defaults), ...moving };
  const commit = (change: Partial<Sampling>): void => {
    setMoving((now) => ({ ...now, ...change }));
    onChange({ ...shown, ...change });
  };
  return (
    <div className="chat-sampling">
      <Switch
        label="Use the defaults"
        hint={own === null ? 'The values of the settings.' : 'Only this chat has these values.'}
        checked={own === null}
        onChange={(useDefaults) => onChange(useDefaults ? null : defaults)}
      />
      {own === null ? null : (
        <>
          {dials.map(({ key, label, technical, min, max, step, off }) => (
            <div key={key} className="chat-dial">
              <div className="chat-dial-head">
                <span>
                  {label} <span className="faint">({technical})</span>
                </span>
                <span className="num">{wordOf(shown[key], off)}</span>
              </div>
              <Slider
                label={`${label} (${technical})`}
                value={Math.min(max, Math.max(min, shown[key]))}
                min={min}
                max={max}
                step={step}
                format={(value) => wordOf(value, off)}
                onChange={(value) => setMoving((now) => ({ ...now, [key]: value }))}
                onCommit={(value) => commit({ [key]: value })}
              />
            </div>
          ))}
          <Switch
            label="Limit the length of a reply"
            checked={shown.maxTokens !== null}
            onChange={(on) => commit({ maxTokens: on ? FIRST_LIMIT : null })}
          />
          {shown.maxTokens === null ? null : (
            <NumberField
              label="Longest reply (max tokens)"
              value={shown.maxTokens}
              min={1}
              max={1_000_000}
              unit="tokens"
              onChange={(maxTokens) => commit({ maxTokens })}
            />
          )}
          <Switch
            label="Same choices every time"
            checked={shown.seed !== null}
            onChange={(on) => commit({ seed: on ? 1 : null })}
          />
          {shown.seed === null ? null : (
            <NumberField
              label="Seed"
              value={shown.seed}
              min={0}
              max={4_294_967_295}
              onChange={(seed) => commit({ seed })}
            />
          )}
        </>
      )}
    </div>
  );
}

function wordOf(value: number, off: number | undefined): string {
  if (value === off) return 'off';
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
