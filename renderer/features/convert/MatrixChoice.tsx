/** The importance matrix of a quantization: none, or from which text. */
import type { ConversionOutput } from '../../../preload/contract/convert.ts';
import { RadioCards, type RadioCard } from '../../ui/controls/RadioCards.tsx';
import { Select } from '../../ui/controls/Select.tsx';
import { useLocalModels } from '../../parts/watched.ts';
import { OwnText } from '../../parts/convert/OwnText.tsx';
import { words } from '../../words/words.ts';
import { matrixOf, takesMatrix, type Draft, type MatrixKind } from './draft.ts';

interface MatrixChoiceProps {
  readonly draft: Draft;
  readonly output: ConversionOutput;
  readonly onChange: (change: Partial<Draft>) => void;
}

export function MatrixChoice({ draft, output, onChange }: MatrixChoiceProps) {
  const matrices = (useLocalModels().value?.models ?? []).filter(({ kind }) => kind === 'imatrix');
  const value = matrixOf(draft, output);
  const isRequired = output.imatrix === 'required';
  const options: readonly RadioCard<MatrixKind>[] = [
    {
      value: 'none',
      label: words.convert.matrixNone,
      detail: isRequired ? words.convert.matrixRequired(output.type) : words.convert.matrixNoneText,
      disabled: isRequired,
    },
    { value: 'default', label: words.convert.matrixDefault, detail: words.convert.matrixDefaultText },
    { value: 'own', label: words.convert.matrixOwn, detail: words.convert.matrixOwnText },
    ...(matrices.length > 0
      ? [{ value: 'file' as const, label: words.convert.matrixFile, detail: words.convert.matrixFileText }]
      : []),
  ];
  return (
    <section className="convert-group" aria-label={words.convert.matrix}>
      <div>
        <h3>{words.convert.matrix}</h3>
        <p className="field-hint">{words.convert.matrixText}</p>
      </div>
      {takesMatrix(draft, output) ? (
        <RadioCards
          label={words.convert.matrix}
          value={value}
          options={options}
          onChange={(matrix) => onChange({ matrix })}
        />
      ) : (
        <p className="secondary">{words.convert.matrixUseless(output.type)}</p>
      )}
      {value === 'own' && <OwnText text={draft.matrixText} onChange={(matrixText) => onChange({ matrixText })} />}
      {value === 'file' && (
        <Select
          label={words.convert.matrixChoice}
          size="sm"
          placeholder={words.convert.matrixChoice}
          value={draft.matrixId ?? ''}
          options={matrices.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(matrixId) => onChange({ matrixId })}
        />
      )}
    </section>
  );
}
