/** The choice of an output: what it is good for, its size, whether it fits and how fast it should be. */
import { Star } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { useId, useState } from 'react';
import type { ConversionOutput, OutputType } from '../../../preload/contract/convert.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { FitBadge } from '../../parts/fit/FitBadge.tsx';
import { OutputNotes } from '../../parts/convert/OutputNotes.tsx';
import { usualOutputs } from '../../parts/convert/outputs.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { MoreButton } from '../../ui/layers/MoreButton.tsx';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';

interface OutputCardsProps {
  readonly outputs: readonly ConversionOutput[];
  /** The models here that are such outputs. */
  readonly made: ReadonlyMap<OutputType, LocalModel>;
  readonly value: OutputType;
  readonly onChange: (type: OutputType) => void;
}

export function OutputCards({ outputs, made, value, onChange }: OutputCardsProps) {
  const [all, setAll] = useState(false);
  const id = useId();
  const usual = usualOutputs(outputs, [value]);
  const shown = all ? outputs : usual;
  const folded = outputs.length - usual.length;
  return (
    <div className="stack">
      <RadioGroup.Root
        className="convert-cards"
        aria-label={words.convert.output}
        value={value}
        onValueChange={(next) => onChange(next as OutputType)}
      >
        {shown.map((output) => (
          <OutputCard key={output.type} output={output} isMade={made.has(output.type)} id={`${id}-${output.type}`} />
        ))}
      </RadioGroup.Root>
      <OutputNotes outputs={shown} />
      {(folded > 0 || all) && <MoreButton open={all} onOpenChange={setAll} label={words.convert.moreTypes(folded)} />}
    </div>
  );
}

interface OutputCardProps {
  readonly output: ConversionOutput;
  readonly isMade: boolean;
  readonly id: string;
}

function OutputCard({ output, isMade, id }: OutputCardProps) {
  const { type, sizeBytes, fit, purpose, isRecommended, imatrix } = output;
  const speed = words.fit.speedFigure(fit);
  return (
    <label className="convert-card" htmlFor={id}>
      <RadioGroup.Item id={id} value={type} className="radio-dot" aria-describedby={`${id}-text`}>
        <RadioGroup.Indicator className="radio-dot-in" />
      </RadioGroup.Item>
      <span className="convert-card-name">
        {type}
        {isRecommended && (
          <Badge tone="accent" icon={Star}>
            {words.convert.recommended}
          </Badge>
        )}
        {isMade && <Badge tone="green">{words.discover.onThisComputer}</Badge>}
      </span>
      <span className="convert-card-figures num">
        <FitBadge fit={fit} />
        <span className="convert-card-speed secondary">{speed}</span>
        <span className="convert-card-size">{formatBytes(sizeBytes)}</span>
      </span>
      <span id={`${id}-text`} className="convert-card-text field-hint">
        {words.convert.purposes[purpose]}
        {imatrix === 'required' && ` ${words.convert.needsMatrix}`}
        {imatrix === 'helps' && ` ${words.convert.helpsMatrix}`}
      </span>
    </label>
  );
}
