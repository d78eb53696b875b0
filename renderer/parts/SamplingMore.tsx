/** What of the sampling is seldom touched: penalties, XTC, DRY, stop texts, bias, what the reply must look like, and its alternatives. */
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { Sampling } from '../../preload/contract/chat.ts';
import { Button } from '../ui/Button.tsx';
import { ChipsField } from '../ui/ChipsField.tsx';
import { grammarProblem, schemaProblem } from './grammar-check.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { NumberField, type NumberFieldProps } from '../ui/NumberField.tsx';
import { SamplingNumbers, type SamplingNumberRow } from './SamplingNumbers.tsx';
import { SegmentedControl } from '../ui/SegmentedControl.tsx';
import { Switch } from '../ui/Switch.tsx';
import { TextArea } from '../ui/TextArea.tsx';
import { TextField } from '../ui/TextField.tsx';
import '../ui/controls.css';

type OptionalKey = {
  [K in keyof Sampling]-?: undefined extends Sampling[K] ? K : never;
}[keyof Sampling];

/** `sampling` with one of its optional parts set, or off (undefined). */
export function withPart<K extends OptionalKey>(sampling: Sampling, key: K, part: Sampling[K] | undefined): Sampling {
  const { [key]: _before, ...rest } = sampling;
  return (part === undefined ? rest : { ...rest, [key]: part }) as Sampling;
}

/** How many of the parts are in use. */
export function partsInUse(sampling: Sampling): number {
  return [
    sampling.presencePenalty,
    sampling.frequencyPenalty,
    sampling.xtc,
    sampling.dry,
    sampling.grammar,
    sampling.logprobs,
    sampling.stop?.length || undefined,
    sampling.logitBias?.length || undefined,
  ].filter((part) => part !== undefined && part !== 0).length;
}

interface MoreProps {
  value: Sampling;
  onChange: (value: Sampling) => void;
  onCommit: (value: Sampling) => void;
  disabled: boolean;
}

const penalty = (
  key: 'presencePenalty' | 'frequencyPenalty',
  words: Pick<SamplingNumberRow, 'label' | 'term' | 'hint'>,
): SamplingNumberRow => ({
  ...words,
  min: -2,
  max: 2,
  step: 0.05,
  read: (sampling) => sampling[key] ?? 0,
  write: (sampling, next) => withPart(sampling, key, next === 0 ? undefined : next),
});
const penalties: readonly SamplingNumberRow[] = [
  penalty('presencePenalty', {
    label: 'Against returning words',
    term: 'presence penalty',
    hint: 'The same for every word that was used once. 0 is off.',
  }),
  penalty('frequencyPenalty', {
    label: 'Against frequent words',
    term: 'frequency penalty',
    hint: 'Grows with how often a word was used. 0 is off.',
  }),
];

const xtcStart = { probability: 0.5, threshold: 0.1 };
const xtcNumbers: readonly SamplingNumberRow[] = [
  {
    label: 'How often',
    term: 'XTC probability',
    min: 0,
    max: 1,
    step: 0.05,
    read: ({ xtc = xtcStart }) => xtc.probability,
    write: (sampling, probability) => ({ ...sampling, xtc: { ...(sampling.xtc ?? xtcStart), probability } }),
  },
  {
    label: 'From which likelihood',
    term: 'XTC threshold',
    min: 0,
    max: 0.5,
    step: 0.01,
    read: ({ xtc = xtcStart }) => xtc.threshold,
    write: (sampling, threshold) => ({ ...sampling, xtc: { ...(sampling.xtc ?? xtcStart), threshold } }),
  },
];

/** As many alternatives as are read at a glance. */
const ALTERNATIVES = 5;

export function SamplingMore({ value, onChange, onCommit, disabled }: MoreProps) {
  return (
    <div className="sampling-more">
      <div className="sampling-rest">
        <SamplingNumbers rows={penalties} value={value} onChange={onChange} onCommit={onCommit} disabled={disabled} />
      </div>
      <div className="sampling-rest">
        <Xtc value={value} onChange={onChange} onCommit={onCommit} disabled={disabled} />
        <Dry value={value} onCommit={onCommit} disabled={disabled} />
      </div>
      <div className="sampling-rest">
        <ChipsField
          label="End the reply at (stop texts)"
          hint="The reply ends before the first of these. A line break is typed as \n."
          values={value.stop ?? []}
          max={16}
          disabled={disabled}
          onChange={(stop) => onCommit(withPart(value, 'stop', stop.length === 0 ? undefined : stop))}
        />
        <Bias value={value} onCommit={onCommit} disabled={disabled} />
      </div>
      <Shape value={value} onCommit={onCommit} disabled={disabled} />
      <div className="sampling-rest">
        <Switch
          label="Show alternatives"
          hint="logprobs: keeps how likely each word of a reply was, and what else could have stood there."
          checked={value.logprobs !== undefined}
          disabled={disabled}
          onChange={(on) => onCommit(withPart(value, 'logprobs', on ? ALTERNATIVES : undefined))}
        />
      </div>
    </div>
  );
}

function Xtc({ value, onChange, onCommit, disabled }: MoreProps) {
  return (
    <div className="sampling-group">
      <Switch
        label="Leave out the obvious"
        hint="XTC: now and then takes a likely word in place of the likeliest, for livelier prose."
        checked={value.xtc !== undefined}
        disabled={disabled}
        onChange={(on) => onCommit(withPart(value, 'xtc', on ? xtcStart : undefined))}
      />
      {value.xtc === undefined ? null : (
        <SamplingNumbers rows={xtcNumbers} value={value} onChange={onChange} onCommit={onCommit} disabled={disabled} />
      )}
    </div>
  );
}

type DryPart = NonNullable<Sampling['dry']>;
const dryNumbers: readonly (Pick<NumberFieldProps, 'label' | 'unit' | 'min' | 'max' | 'step'> & {
  readonly read: (dry: DryPart) => number;
  readonly write: (value: number) => Partial<DryPart>;
})[] = [
  {
    label: 'Strength',
    min: 0,
    max: 10,
    step: 0.05,
    read: ({ strength }) => strength,
    write: (strength) => ({ strength }),
  },
  { label: 'Growth (base)', min: 1, max: 10, step: 0.05, read: ({ base }) => base, write: (base) => ({ base }) },
  {
    label: 'Allowed run',
    unit: 'tokens',
    min: 1,
    max: 1000,
    read: ({ allowedLength }) => allowedLength,
    write: (allowedLength) => ({ allowedLength }),
  },
  {
    label: 'Looks back (0: all)',
    unit: 'tokens',
    min: 0,
    max: 1_000_000,
    read: ({ lastTokens }) => lastTokens ?? 0,
    write: (lastTokens) => ({ lastTokens: lastTokens === 0 ? null : lastTokens }),
  },
];

function Dry({ value, onCommit, disabled }: Omit<MoreProps, 'onChange'>) {
  const { dry } = value;
  return (
    <div className="sampling-group">
      <Switch
        label="Against repeated phrases"
        hint="DRY: whole runs of words that were there before become less likely."
        checked={dry !== undefined}
        disabled={disabled}
        onChange={(on) =>
          onCommit(
            withPart(value, 'dry', on ? { strength: 0.8, base: 1.75, allowedLength: 2, lastTokens: null } : undefined),
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
        </div>
      )}
    </div>
  );
}

function Bias({ value, onCommit, disabled }: Omit<MoreProps, 'onChange'>) {
  const rows = value.logitBias ?? [];
  const [text, setText] = useState('');
  const save = (next: typeof rows): void =>
    onCommit(withPart(value, 'logitBias', next.length === 0 ? undefined : [...next]));
  const add = (): void => {
    if (text === '' || rows.length >= 100) return;
    setText('');
    save([...rows, { text, bias: -100 }]);
  };
  return (
    <div className="sampling-group" role="group" aria-label="Words to favour or forbid (logit bias)">
      <TextField
        label="Words to favour or forbid (logit bias)"
        hint="−100 forbids, 100 forces; small numbers nudge."
        size="sm"
        placeholder="A word"
        value={text}
        disabled={disabled}
        maxLength={200}
        onChange={setText}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        }}
        end={<IconButton label="Add the word" icon={Plus} size="sm" disabled={disabled || text === ''} onClick={add} />}
      />
      {rows.map((row, index) => (
        <div key={index} className="sampling-bias">
          <span className="mono truncate" title={row.text}>
            {row.text}
          </span>
          <NumberField
            label={`Bias of “${row.text}”`}
            labelHidden
            value={row.bias}
            min={-100}
            max={100}
            disabled={disabled}
            onChange={(bias) => save(rows.with(index, { ...row, bias }))}
          />
          <IconButton
            label={`Remove “${row.text}”`}
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

const examples = {
  gbnf: 'root ::= "yes" | "no"',
  json_schema: '{"type": "object", "properties": {"name": {"type": "string"}}}',
} as const;

function Shape({ value, onCommit, disabled }: Omit<MoreProps, 'onChange'>) {
  const stored = value.grammar;
  const [kind, setKind] = useState<'off' | 'gbnf' | 'json_schema'>(stored?.kind ?? 'off');
  const [draft, setDraft] = useState(stored?.text ?? '');
  const problem =
    kind === 'off' || draft.trim() === '' ? null : kind === 'gbnf' ? grammarProblem(draft) : schemaProblem(draft);
  const waits = kind !== 'off' && draft !== '' && problem === null && (stored?.kind !== kind || stored.text !== draft);
  const save = (): void => {
    if (kind !== 'off' && waits) onCommit(withPart(value, 'grammar', { kind, text: draft }));
  };
  return (
    <div className="sampling-group sampling-rest sampling-shape">
      <div className="field">
        <span className="field-label">What a reply must look like</span>
        <SegmentedControl
          label="What a reply must look like"
          size="sm"
          value={kind}
          options={[
            { value: 'off', label: 'Free' },
            { value: 'json_schema', label: 'JSON schema' },
            { value: 'gbnf', label: 'Grammar (GBNF)' },
          ]}
          onChange={(next) => {
            setKind(next);
            setDraft(next === stored?.kind ? stored.text : '');
            if (next === 'off' && stored) onCommit(withPart(value, 'grammar', undefined));
          }}
        />
      </div>
      {kind === 'off' ? null : (
        <>
          <TextArea
            label={kind === 'gbnf' ? 'Grammar' : 'JSON schema'}
            labelHidden
            className="mono"
            rows={5}
            maxRows={16}
            spellCheck={false}
            disabled={disabled}
            placeholder={examples[kind]}
            value={draft}
            {...(problem === null ? {} : { error: problem })}
            hint={
              waits
                ? 'Not in use yet.'
                : stored?.kind === kind && stored.text === draft
                  ? 'In use: every reply has this form.'
                  : 'Replies are free until something stands here.'
            }
            onChange={setDraft}
            onBlur={save}
          />
          {waits ? (
            <div>
              <Button size="sm" disabled={disabled} onClick={save}>
                Use it
              </Button>
            </div>
          ) : null}
        </>
      )}
    </div>
  );
}
