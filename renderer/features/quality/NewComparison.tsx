/** The form of a new comparison: the reference, the models beside it, and the text. */
import { useState } from 'react';
import { MAX_MEASURED_MODELS, MAX_MEASURED_TEXT } from '../../../preload/contract/convert.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { useCall } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { OwnText } from '../../parts/convert/OwnText.tsx';
import { ownTextProblem } from '../../parts/convert/own-text.ts';
import { wholeModelOf } from '../../parts/convert/pruned.ts';
import { useConversionRecords } from '../../parts/convert/use-renewed.ts';
import { distinctNames } from '../../parts/models/local-list.ts';
import { useLocalModels } from '../../parts/watched.ts';
import { navigate } from '../../navigation/router.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { ChartScatter } from 'lucide-react';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { basesOf, firstChoice, othersOf, type Base } from './candidates.ts';

interface NewComparisonProps {
  /** The model to begin with. */
  readonly subject: string | null;
  readonly onStarted: (measurementId: string) => void;
}

export function NewComparison({ subject, onStarted }: NewComparisonProps) {
  const models = useLocalModels().value?.models;
  const records = useConversionRecords();
  if (models === undefined) return <Skeleton lines={6} />;
  const bases = basesOf(models);
  const wholeId = subject === null ? null : wholeModelOf(subject, records, new Set(models.map(({ id }) => id)));
  const first = firstChoice(bases, subject, wholeId);
  return (
    <>
      <header className="models-detail-head">
        <h2>{words.quality.title}</h2>
        <p className="secondary">{words.quality.intro}</p>
      </header>
      {first === null ? (
        <div className="card">
          <EmptyState
            compact
            icon={ChartScatter}
            title={words.quality.noModelsTitle}
            text={words.quality.noModelsText}
            action={
              <Button variant="primary" onClick={() => navigate({ screen: 'models', tab: 'local', repoId: null })}>
                {words.quality.toModels}
              </Button>
            }
          />
        </div>
      ) : (
        // The records arrive after the models.
        <Form key={wholeId} bases={bases} first={first} names={distinctNames(models)} onStarted={onStarted} />
      )}
    </>
  );
}

/** Why the comparison cannot be started, with this own text or with the app's (null); null where it can. */
function problemWords(modelCount: number, ownText: string | null): string | null {
  if (modelCount === 0) return words.quality.chooseOne;
  if (modelCount > MAX_MEASURED_MODELS) return words.quality.atMost(MAX_MEASURED_MODELS);
  const problem = ownText === null ? null : ownTextProblem(ownText);
  if (problem === null) return null;
  return problem === 'empty' ? words.convert.ownTextEmpty : words.convert.ownTextTooLong(MAX_MEASURED_TEXT);
}

interface FormProps {
  readonly bases: readonly Base[];
  readonly first: { readonly referenceId: string; readonly modelIds: readonly string[] };
  readonly names: ReadonlyMap<string, string>;
  readonly onStarted: (measurementId: string) => void;
}

function Form({ bases, first, names, onStarted }: FormProps) {
  const [referenceId, setReferenceId] = useState(first.referenceId);
  const [ids, setIds] = useState<ReadonlySet<string>>(() => new Set(first.modelIds));
  const [textKind, setTextKind] = useState<'default' | 'own'>('default');
  const [text, setText] = useState('');
  const measure = useCall('convert.measure');
  const others = othersOf(bases, referenceId);
  const chosen = others.filter(({ id }) => ids.has(id)).map(({ id }) => id);
  const reference = bases.flatMap(({ models }) => models).find(({ id }) => id === referenceId);
  const problem = problemWords(chosen.length, textKind === 'own' ? text : null);
  const start = async (): Promise<void> => {
    const started = await measure.run({ referenceId, modelIds: chosen, text: textKind === 'own' ? text : null });
    if (started !== undefined) onStarted(started.measurementId);
  };
  return (
    <div className="quality-form">
      <Select
        label={words.quality.reference}
        hint={words.quality.referenceHint}
        value={referenceId}
        options={bases.flatMap(({ models }) =>
          models.map((model) => ({ value: model.id, label: names.get(model.id) ?? model.name })),
        )}
        onChange={(id) => {
          setReferenceId(id);
          const choice = firstChoice(bases, id);
          const all = choice === null ? [] : [choice.referenceId, ...choice.modelIds];
          setIds(new Set(all.filter((one) => one !== id)));
        }}
      />
      <fieldset className="quality-models">
        <legend className="field-label">{words.quality.models}</legend>
        <ul className="card">
          {others.map((model) => (
            <Candidate
              key={model.id}
              model={model}
              name={names.get(model.id) ?? model.name}
              isOtherSize={model.parameterCount !== reference?.parameterCount}
              checked={ids.has(model.id)}
              onChange={(checked) =>
                setIds(new Set(checked ? [...ids, model.id] : [...ids].filter((id) => id !== model.id)))
              }
            />
          ))}
        </ul>
        <p className="field-hint">{words.quality.modelsHint}</p>
      </fieldset>
      <div className="field">
        <span className="field-label" aria-hidden="true">
          {words.quality.text}
        </span>
        <SegmentedControl
          label={words.quality.text}
          size="sm"
          value={textKind}
          onChange={setTextKind}
          options={[
            { value: 'default', label: words.quality.textDefault },
            { value: 'own', label: words.quality.textOwn },
          ]}
        />
        {textKind === 'default' ? (
          <p className="field-hint">{words.quality.textDefaultHint}</p>
        ) : (
          <OwnText text={text} onChange={setText} />
        )}
      </div>
      {measure.error && <ErrorCard compact error={measure.error} onRetry={() => void start()} />}
      <div className="quality-start">
        <p className="secondary">{problem ?? words.quality.startHint}</p>
        <Button
          variant="primary"
          icon={ChartScatter}
          disabled={problem !== null}
          loading={measure.pending}
          onClick={() => void start()}
        >
          {words.quality.start}
        </Button>
      </div>
    </div>
  );
}

interface CandidateProps {
  readonly model: LocalModel;
  readonly name: string;
  readonly isOtherSize: boolean;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Candidate({ model, name, isOtherSize, checked, onChange }: CandidateProps) {
  return (
    <li>
      <label className="quality-candidate">
        <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
        <span>
          <bdi>{name}</bdi> {isOtherSize && <span className="secondary">{words.quality.otherSize}</span>}
        </span>
        <span className="num secondary">{formatBytes(model.sizeBytes)}</span>
      </label>
    </li>
  );
}
