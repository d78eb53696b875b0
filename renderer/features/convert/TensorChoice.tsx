/** Which types the tensors get, and which layers stay. */
import { Plus, TriangleAlert, X } from 'lucide-react';
import { isDirectType, quantizeLimits, tensorTypeSchema, type TensorType } from '../../../preload/contract/convert.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { TextField } from '../../ui/controls/TextField.tsx';
import { words } from '../../words/words.ts';
import { isPattern, type Draft, type TensorRule } from './draft.ts';
import { readLayers } from './layer-list.ts';

interface TensorChoiceProps {
  readonly draft: Draft;
  readonly layerCount: number | null;
  readonly onChange: (change: Partial<Draft>) => void;
}

/** Radix allows no option with an empty value. */
const USUAL = 'usual';

const types = tensorTypeSchema.options.map((type) => ({ value: type, label: type }));
const typesOrUsual = [{ value: USUAL, label: words.convert.asMixture } as const, ...types];
const chosen = (value: TensorType | typeof USUAL): TensorType | null => (value === USUAL ? null : value);

export function TensorChoice({ draft, layerCount, onChange }: TensorChoiceProps) {
  return (
    <>
      <section className="convert-group" aria-label={words.convert.mixture}>
        <h3>{words.convert.mixture}</h3>
        <Switch
          label={words.convert.pure}
          hint={isDirectType(draft.type) ? words.convert.pureAlready(draft.type) : words.convert.pureText}
          checked={draft.pure || isDirectType(draft.type)}
          disabled={isDirectType(draft.type)}
          onChange={(pure) => onChange({ pure })}
        />
        <div className="convert-pair">
          <Select
            label={words.convert.outputTensor}
            size="sm"
            value={draft.outputTensorType ?? USUAL}
            options={typesOrUsual}
            onChange={(type) => onChange({ outputTensorType: chosen(type) })}
          />
          <Select
            label={words.convert.embeddingTensor}
            size="sm"
            value={draft.embeddingTensorType ?? USUAL}
            options={typesOrUsual}
            onChange={(type) => onChange({ embeddingTensorType: chosen(type) })}
          />
        </div>
        <Rules rules={draft.rules} onChange={(rules) => onChange({ rules })} />
      </section>
      <Prune draft={draft} layerCount={layerCount} onChange={onChange} />
    </>
  );
}

/** The keys of rules, so that a field keeps its text when one above it goes. */
let lastKey = 0;

function Rules({
  rules,
  onChange,
}: {
  readonly rules: readonly TensorRule[];
  readonly onChange: (rules: readonly TensorRule[]) => void;
}) {
  const change = (key: number, of: Partial<TensorRule>): void =>
    onChange(rules.map((rule) => (rule.key === key ? { ...rule, ...of } : rule)));
  return (
    <div className="convert-rules">
      <div>
        <span className="field-label">{words.convert.byPattern}</span>
        <p className="field-hint">{words.convert.byPatternText}</p>
      </div>
      {rules.map(({ key, pattern, type }) => (
        <div key={key} className="convert-rule">
          <TextField
            label={words.convert.pattern}
            labelHidden
            size="sm"
            className="mono"
            autoComplete="off"
            spellCheck={false}
            dir="ltr"
            maxLength={quantizeLimits.patternLength}
            placeholder={words.convert.pattern}
            value={pattern}
            onChange={(next) => change(key, { pattern: next })}
            error={pattern !== '' && !isPattern(pattern) ? words.convert.patternWrong : undefined}
          />
          <Select
            label={words.convert.patternType}
            labelHidden
            size="sm"
            value={type}
            options={types}
            onChange={(next) => change(key, { type: next })}
          />
          <IconButton
            size="sm"
            icon={X}
            label={words.convert.removePattern(pattern)}
            onClick={() => onChange(rules.filter((rule) => rule.key !== key))}
          />
        </div>
      ))}
      <div>
        <Button
          size="sm"
          icon={Plus}
          disabled={rules.length >= quantizeLimits.rules}
          onClick={() => onChange([...rules, { key: ++lastKey, pattern: '', type: 'Q8_0' }])}
        >
          {words.convert.addPattern}
        </Button>
      </div>
    </div>
  );
}

function Prune({ draft, layerCount, onChange }: TensorChoiceProps) {
  const { layers, problem } = readLayers(draft.prune, layerCount);
  return (
    <section className="convert-group" aria-label={words.convert.prune}>
      <TextField
        label={words.convert.prune}
        size="sm"
        autoComplete="off"
        spellCheck={false}
        maxLength={2_000}
        hint={words.convert.pruneHint(layerCount)}
        error={problem === null ? undefined : pruneProblem(problem, layerCount)}
        value={draft.prune}
        onChange={(prune) => onChange({ prune })}
      />
      {layers.length > 0 && (
        <p className="caution" role="alert">
          <TriangleAlert size={15} aria-hidden="true" />
          <span>{words.convert.pruneWarning(layers.length)}</span>
        </p>
      )}
    </section>
  );
}

function pruneProblem(problem: 'wrong' | 'outside' | 'all', layerCount: number | null): string {
  switch (problem) {
    case 'wrong':
      return words.convert.pruneWrong(layerCount);
    case 'outside':
      return layerCount === null ? words.convert.pruneWrong(null) : words.convert.pruneOutside(layerCount);
    case 'all':
      return words.convert.pruneAll;
    default:
      return problem satisfies never;
  }
}
