/** The sampling controls that few need: penalties, XTC, DRY, stop strings, logit bias, structured output, and alternatives. */
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { ChipsField } from '../../ui/controls/ChipsField.tsx';
import { Differs } from './Differs.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { OptionalNumber } from '../../ui/controls/OptionalNumber.tsx';
import { NumberField, type NumberFieldProps } from '../../ui/controls/NumberField.tsx';
import { StructureField } from './StructureField.tsx';
import { SamplingNumbers, type SamplingNumberRow } from './SamplingNumbers.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { words } from '../../words/words.ts';
import '../../ui/controls/controls.css';

type OptionalKey = {
  [K in keyof Sampling]-?: undefined extends Sampling[K] ? K : never;
}[keyof Sampling];

/** `sampling` with one of its optional fields set, or removed (undefined). */
function withOption<K extends OptionalKey>(sampling: Sampling, key: K, value: Sampling[K] | undefined): Sampling {
  const { [key]: _before, ...rest } = sampling;
  return (value === undefined ? rest : { ...rest, [key]: value }) as Sampling;
}

interface MoreProps {
  value: Sampling;
  /** Absent for the defaults themselves. */
  defaults: Sampling | undefined;
  onChange: (value: Sampling) => void;
  onCommit: (value: Sampling) => void;
  disabled: boolean;
}

const penalty = (key: 'presencePenalty' | 'frequencyPenalty'): SamplingNumberRow => ({
  ...words.sampling[key],
  min: -2,
  max: 2,
  step: 0.05,
  read: (sampling) => sampling[key] ?? 0,
  write: (sampling, next) => withOption(sampling, key, next === 0 ? undefined : next),
});
const penalties: readonly SamplingNumberRow[] = [penalty('presencePenalty'), penalty('frequencyPenalty')];

const xtcStart = { probability: 0.5, threshold: 0.1 };
const xtcNumbers: readonly SamplingNumberRow[] = [
  {
    label: words.sampling.xtc.probability,
    min: 0,
    max: 1,
    step: 0.05,
    read: ({ xtc = xtcStart }) => xtc.probability,
    write: (sampling, probability) => ({ ...sampling, xtc: { ...(sampling.xtc ?? xtcStart), probability } }),
  },
  {
    label: words.sampling.xtc.threshold,
    min: 0,
    max: 0.5,
    step: 0.01,
    read: ({ xtc = xtcStart }) => xtc.threshold,
    write: (sampling, threshold) => ({ ...sampling, xtc: { ...(sampling.xtc ?? xtcStart), threshold } }),
  },
];

/** As many alternatives as can be read at a glance. */
const ALTERNATIVES = 5;

export function SamplingMore({ value, defaults, onChange, onCommit, disabled }: MoreProps) {
  const own = { value, onCommit, disabled };
  const mark = { ...own, defaults };
  const { stop, alternatives, penaltyTokens, minTokens } = words.sampling;
  return (
    <div className="sampling-more">
      <div className="sampling-rest">
        <SamplingNumbers rows={penalties} {...own} {...(defaults ? { defaults } : {})} onChange={onChange} />
        <Differs name={penaltyTokens.label} of="penaltyTokens" {...mark}>
          <OptionalNumber
            label={penaltyTokens.label}
            hint={penaltyTokens.hint}
            numberLabel={penaltyTokens.number}
            unit={words.ui.tokens}
            value={value.penaltyTokens ?? null}
            whenOn={256}
            min={0}
            max={1_000_000}
            disabled={disabled}
            onChange={(next) => onCommit(withOption(value, 'penaltyTokens', next ?? undefined))}
          />
        </Differs>
      </div>
      <div className="sampling-rest">
        <Differs name={words.sampling.xtc.label} of="xtc" {...mark}>
          <Xtc {...own} onChange={onChange} />
        </Differs>
        <Differs name={words.sampling.dry.label} of="dry" {...mark}>
          <DryFields {...own} />
        </Differs>
      </div>
      <div className="sampling-rest">
        <Differs name={stop.label} of="stop" {...mark}>
          <ChipsField
            label={stop.label}
            hint={stop.hint}
            values={value.stop ?? []}
            max={16}
            disabled={disabled}
            onChange={(texts) => onCommit(withOption(value, 'stop', texts.length === 0 ? undefined : texts))}
          />
        </Differs>
        <Differs name={minTokens.label} of="minTokens" {...mark}>
          <OptionalNumber
            label={minTokens.label}
            hint={minTokens.hint}
            numberLabel={minTokens.number}
            unit={words.ui.tokens}
            value={value.minTokens ?? null}
            whenOn={64}
            min={1}
            max={1_000_000}
            disabled={disabled}
            onChange={(next) => onCommit(withOption(value, 'minTokens', next ?? undefined))}
          />
        </Differs>
        <Differs name={words.sampling.bias.label} of="logitBias" {...mark}>
          <Bias {...own} />
        </Differs>
      </div>
      <Differs name={words.sampling.structure.label} of="grammar" {...mark}>
        <StructureField
          stored={value.grammar}
          disabled={disabled}
          onCommit={(form) => onCommit(withOption(value, 'grammar', form))}
        />
      </Differs>
      <div className="sampling-rest">
        <Differs name={alternatives.label} of="logprobs" {...mark}>
          <Switch
            label={alternatives.label}
            hint={alternatives.hint}
            checked={value.logprobs !== undefined}
            disabled={disabled}
            onChange={(on) => onCommit(withOption(value, 'logprobs', on ? ALTERNATIVES : undefined))}
          />
        </Differs>
      </div>
    </div>
  );
}

function Xtc({ value, onChange, onCommit, disabled }: Omit<MoreProps, 'defaults'>) {
  return (
    <div className="sampling-group">
      <Switch
        label={words.sampling.xtc.label}
        hint={words.sampling.xtc.hint}
        checked={value.xtc !== undefined}
        disabled={disabled}
        onChange={(on) => onCommit(withOption(value, 'xtc', on ? xtcStart : undefined))}
      />
      {value.xtc === undefined ? null : (
        <SamplingNumbers rows={xtcNumbers} value={value} onChange={onChange} onCommit={onCommit} disabled={disabled} />
      )}
    </div>
  );
}

type Dry = NonNullable<Sampling['dry']>;
const dryNumbers: readonly (Pick<NumberFieldProps, 'label' | 'unit' | 'min' | 'max' | 'step'> & {
  readonly read: (dry: Dry) => number;
  readonly write: (value: number) => Partial<Dry>;
})[] = [
  {
    label: words.sampling.dry.multiplier,
    min: 0,
    max: 10,
    step: 0.05,
    read: ({ strength }) => strength,
    write: (strength) => ({ strength }),
  },
  {
    label: words.sampling.dry.base,
    min: 1,
    max: 10,
    step: 0.05,
    read: ({ base }) => base,
    write: (base) => ({ base }),
  },
  {
    label: words.sampling.dry.allowedLength,
    unit: words.ui.tokens,
    min: 1,
    max: 1000,
    read: ({ allowedLength }) => allowedLength,
    write: (allowedLength) => ({ allowedLength }),
  },
  {
    label: words.sampling.dry.range,
    unit: words.ui.tokens,
    min: 0,
    max: 1_000_000,
    read: ({ lastTokens }) => lastTokens ?? 0,
    write: (lastTokens) => ({ lastTokens: lastTokens === 0 ? null : lastTokens }),
  },
];

function DryFields({ value, onCommit, disabled }: Omit<MoreProps, 'onChange' | 'defaults'>) {
  const { dry } = value;
  return (
    <div className="sampling-group">
      <Switch
        label={words.sampling.dry.label}
        hint={words.sampling.dry.hint}
        checked={dry !== undefined}
        disabled={disabled}
        onChange={(on) =>
          onCommit(
            withOption(
              value,
              'dry',
              on ? { strength: 0.8, base: 1.75, allowedLength: 2, lastTokens: null } : undefined,
            ),
          )
        }
      />
      {dry === undefined ? null : (
        <div className="sampling-pairs">
          {dryNumbers.map(({ read, write, ...field }) => (
            <NumberField
              key={field.label}
              {...field}
              value={read(dry)}
              disabled={disabled}
              onChange={(next) => onCommit({ ...value, dry: { ...dry, ...write(next) } })}
            />
          ))}
          <ChipsField
            label={words.sampling.dry.breakers}
            hint={words.sampling.dry.breakersHint}
            values={dry.breakers ?? []}
            max={16}
            disabled={disabled}
            onChange={(texts) => {
              const { breakers: _before, ...rest } = dry;
              onCommit({ ...value, dry: texts.length === 0 ? rest : { ...rest, breakers: texts } });
            }}
          />
        </div>
      )}
    </div>
  );
}

function Bias({ value, onCommit, disabled }: Omit<MoreProps, 'onChange' | 'defaults'>) {
  const rows = value.logitBias ?? [];
  const [text, setText] = useState('');
  const save = (next: typeof rows): void =>
    onCommit(withOption(value, 'logitBias', next.length === 0 ? undefined : [...next]));
  const add = (): void => {
    if (text === '' || rows.length >= 100) return;
    setText('');
    save([...rows, { text, bias: -100 }]);
  };
  return (
    <div className="sampling-group" role="group" aria-label={words.sampling.bias.label}>
      <TextField
        label={words.sampling.bias.label}
        hint={words.sampling.bias.hint}
        size="sm"
        placeholder={words.sampling.bias.placeholder}
        value={text}
        disabled={disabled}
        maxLength={200}
        onChange={setText}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        }}
        end={
          <IconButton
            label={words.sampling.bias.add}
            icon={Plus}
            size="sm"
            disabled={disabled || text === ''}
            onClick={add}
          />
        }
      />
      {rows.map((row, index) => (
        <div key={index} className="sampling-bias">
          <span className="mono truncate" title={biasName(row)}>
            {biasName(row)}
          </span>
          <NumberField
            label={words.sampling.bias.of(biasName(row))}
            labelHidden
            value={row.bias}
            min={-100}
            max={100}
            disabled={disabled}
            onChange={(bias) => save(rows.with(index, { ...row, bias }))}
          />
          <IconButton
            label={words.sampling.bias.remove(biasName(row))}
            icon={X}
            size="sm"
            disabled={disabled}
            onClick={() => save(rows.toSpliced(index, 1))}
          />
        </div>
      ))}
    </div>
  );
}

/** A program may have chosen a token by its number. */
const biasName = (row: NonNullable<Sampling['logitBias']>[number]): string =>
  'text' in row ? row.text : `#${row.token}`;
