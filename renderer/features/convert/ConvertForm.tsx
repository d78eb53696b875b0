/** The form of the sheet: the output, the options, and the button that starts. */
import { PackageOpen, TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { ConversionOutput, OutputType, QuantizeOptions } from '../../../preload/contract/convert.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import { ErrorCard, type ErrorAction } from '../../parts/ErrorCard.tsx';
import { firstOutput } from '../../parts/convert/outputs.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Switch } from '../../ui/controls/Switch.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { MoreButton } from '../../ui/layers/MoreButton.tsx';
import { words } from '../../words/words.ts';
import { emptyDraft, optionsOf, problemOf, type Draft, type DraftProblem } from './draft.ts';
import { MatrixChoice } from './MatrixChoice.tsx';
import { OutputCards } from './OutputCards.tsx';
import { TensorChoice } from './TensorChoice.tsx';

/** What the form gives: the draft without a problem, in main's words. */
export interface Chosen {
  readonly draft: Draft;
  readonly output: ConversionOutput;
  readonly options: QuantizeOptions;
}

const noneMade: ReadonlyMap<OutputType, LocalModel> = new Map();

interface ConvertFormProps {
  readonly outputs: readonly ConversionOutput[];
  /** The models here that are such outputs. */
  readonly made?: ReadonlyMap<OutputType, LocalModel>;
  /** The type that is chosen at the beginning; null for the recommended one. */
  readonly first: OutputType | null;
  readonly layerCount: number | null;
  /** The quantization of a model that is quantized already; null for one that is not. */
  readonly quantizedAs: string | null;
  /** A control above the others among the options. */
  readonly keep?: (draft: Draft, change: (change: Partial<Draft>) => void) => ReactNode;
  readonly label: (type: OutputType) => string;
  /** What starting takes, for the line above the button. */
  readonly cost: (chosen: Chosen, canStart: boolean) => ReactNode;
  readonly onStart: (chosen: Chosen) => void;
  readonly pending: boolean;
  readonly error: ErrorBody | null;
  readonly errorActions: readonly ErrorAction[];
}

export function ConvertForm(props: ConvertFormProps) {
  const { outputs, made = noneMade, layerCount, quantizedAs } = props;
  const [draft, setDraft] = useState<Draft | null>(() => {
    const type = firstOutput(outputs, props.first)?.type;
    return type === undefined ? null : { ...emptyDraft, type };
  });
  const [more, setMore] = useState(false);
  const output = outputs.find(({ type }) => type === draft?.type);
  if (draft === null || output === undefined)
    return <EmptyState compact icon={PackageOpen} title={words.convert.noOutputs} />;
  const change = (of: Partial<Draft>): void => setDraft({ ...draft, ...of });
  const problem = problemOf(draft, output, { layerCount, isQuantized: quantizedAs !== null });
  const chosen: Chosen = { draft, output, options: optionsOf(draft, output, layerCount) };
  // A needed matrix is shown without being asked for.
  const open = more || problem === 'matrix_text' || problem === 'matrix_text_long' || problem === 'matrix_file';
  return (
    <>
      <div className="convert-body">
        <OutputCards outputs={outputs} made={made} value={draft.type} onChange={(type) => change({ type })} />
        {quantizedAs !== null && <Requantize from={quantizedAs} checked={draft.allowRequantize} onChange={change} />}
        {output.imatrix === 'required' && !open && <MatrixChoice draft={draft} output={output} onChange={change} />}
        <MoreButton open={open} onOpenChange={setMore} label={words.convert.options} />
        {open && (
          <div className="convert-options">
            {props.keep?.(draft, change)}
            <MatrixChoice draft={draft} output={output} onChange={change} />
            <TensorChoice draft={draft} layerCount={layerCount} onChange={change} />
          </div>
        )}
      </div>
      <footer className="sheet-foot">
        {props.error !== null && <ErrorCard compact error={props.error} actions={props.errorActions} />}
        {problem !== null && (
          <p className={isMistake(problem) ? 'field-error' : 'secondary'}>{problemWords(problem)}</p>
        )}
        <div className="convert-foot-row">
          <p className="secondary num">{props.cost(chosen, problem === null)}</p>
          <Button
            variant="primary"
            disabled={problem !== null}
            loading={props.pending}
            onClick={() => props.onStart(chosen)}
          >
            {props.label(draft.type)}
          </Button>
        </div>
      </footer>
    </>
  );
}

function Requantize({
  from,
  checked,
  onChange,
}: {
  readonly from: string;
  readonly checked: boolean;
  readonly onChange: (change: Partial<Draft>) => void;
}) {
  return (
    <div className="caution" role="group" aria-label={words.convert.requantize(from)}>
      <TriangleAlert size={15} aria-hidden="true" />
      <Switch
        label={words.convert.requantize(from)}
        hint={words.convert.requantizeText(from)}
        checked={checked}
        onChange={(allowRequantize) => onChange({ allowRequantize })}
      />
    </div>
  );
}

/** What is only not chosen yet is no mistake. */
const isMistake = (problem: DraftProblem): boolean =>
  problem === 'rules' || problem === 'prune' || problem === 'matrix_text_long';

/** Why it cannot be started; a field that says itself what is wrong is only named. */
function problemWords(problem: DraftProblem): string {
  switch (problem) {
    case 'matrix_text':
      return words.convert.ownTextEmpty;
    case 'matrix_text_long':
      return words.convert.correctOption(words.convert.ownText);
    case 'matrix_file':
      return words.convert.matrixFileNeeded;
    case 'rule_empty':
      return words.convert.patternEmpty;
    case 'rules':
      return words.convert.correctOption(words.convert.byPattern);
    case 'prune':
      return words.convert.correctOption(words.convert.prune);
    case 'requantize':
      return words.convert.requantizeNeeded;
    default:
      return problem satisfies never;
  }
}
