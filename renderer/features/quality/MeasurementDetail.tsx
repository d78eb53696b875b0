/** One comparison: its chart and its table. */
import { MessageSquare, Star } from 'lucide-react';
import type { MeasuredModel, Measurement } from '../../../preload/contract/convert.ts';
import { chatWith } from '../../parts/models/model-actions.ts';
import { useLocalModels } from '../../parts/watched.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { Badge } from '../../ui/display/Badge.tsx';
import { formatBytes, formatDate, formatDecimal, formatFixed, formatShare } from '../../words/format.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';
import { shortNames } from './chart.ts';
import { QualityChart } from './QualityChart.tsx';

interface MeasurementDetailProps {
  readonly measurement: Measurement;
}

export function MeasurementDetail({ measurement }: MeasurementDetailProps) {
  const { at, models, tokenCount, isDefaultText } = measurement;
  const here = new Set(useLocalModels().value?.models.map(({ id }) => id));
  const reference = models.find(({ isReference }) => isReference);
  const pick = models.find(({ isPick }) => isPick);
  const names = shortNames(models);
  return (
    <>
      <header className="models-detail-head">
        <h2>{reference?.name ?? words.quality.title}</h2>
        <p className="secondary num">{words.quality.onText(formatDate(at), tokenCount, isDefaultText)}</p>
      </header>
      {pick && (
        <p className="quality-pick">
          <Star size={16} aria-hidden="true" />
          <span>{words.quality.pickText(names.get(pick.modelId) ?? pick.name)}</span>
        </p>
      )}
      <QualityChart models={models} />
      <div className="quality-frame card" tabIndex={0} role="group" aria-label={words.quality.table}>
        <table className="quality-table">
          <thead>
            <tr>
              <th scope="col">{words.quality.columns.model}</th>
              <th scope="col">{words.quality.columns.size}</th>
              <th scope="col">{words.quality.columns.speed}</th>
              <th scope="col">{words.quality.columns.perplexity}</th>
              <th scope="col">{words.quality.columns.divergence}</th>
              <th scope="col">{words.quality.columns.agreement}</th>
              <th scope="col">
                <span className="visually-hidden">{words.quality.columns.act}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {models.map((model) => (
              <ModelRow
                key={model.modelId}
                model={model}
                shortName={names.get(model.modelId) ?? model.name}
                isHere={here.has(model.modelId)}
                ofName={reference?.name ?? ''}
              />
            ))}
          </tbody>
        </table>
      </div>
      <details className="quality-glossary">
        <summary>{words.quality.glossary}</summary>
        <dl>
          {(['speed', 'perplexity', 'divergence', 'agreement'] as const).map((column) => (
            <div key={column}>
              <dt>{words.quality.columns[column]}</dt>
              <dd>{words.quality.about[column]}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  );
}

interface ModelRowProps {
  readonly model: MeasuredModel;
  readonly shortName: string;
  /** Whether it is still on this computer. */
  readonly isHere: boolean;
  /** The name that the heading has: only another one is repeated. */
  readonly ofName: string;
}

function ModelRow({ model, shortName, isHere, ofName }: ModelRowProps) {
  const { modelId, name, quantization, sizeBytes, isReference, isPick, error } = model;
  return (
    <tr data-pick={isPick || undefined}>
      <th scope="row">
        <span className="quality-name">
          {shortName}
          {isPick && (
            <Badge tone="accent" icon={Star}>
              {words.quality.isPick}
            </Badge>
          )}
          {isReference && <Badge>{words.quality.isReference}</Badge>}
        </span>
        {name !== shortName && name !== ofName && <span className="quality-sub secondary">{name}</span>}
        {error !== null && (
          <span className="quality-error">
            {words.errors.asSentence(wordsFor(error).title)} {wordsFor(error).text}
          </span>
        )}
      </th>
      <td className="num">{formatBytes(sizeBytes)}</td>
      <td className="num">
        {figure(model.decodeTokensPerSecond, rate)}
        {model.promptTokensPerSecond !== null && (
          <span className="quality-sub secondary">{words.quality.promptSpeed(rate(model.promptTokensPerSecond))}</span>
        )}
      </td>
      <td className="num">
        {figure(model.perplexity, words.quality.perplexity)}
        {model.perplexityError !== null && (
          <span className="quality-sub secondary">
            {words.quality.plusMinus(words.quality.perplexity(model.perplexityError))}
          </span>
        )}
      </td>
      <td className="num">{isReference ? '' : figure(model.klDivergence, (value) => formatFixed(value, 4))}</td>
      <td className="num">{isReference ? '' : figure(model.topAgreement, formatShare)}</td>
      <td>
        {isHere ? (
          <Button
            size="sm"
            variant="ghost"
            icon={MessageSquare}
            aria-label={words.models.chatWith(quantization === null ? name : `${name} ${quantization}`)}
            onClick={() => chatWith(modelId)}
          >
            {words.models.chat}
          </Button>
        ) : (
          <span className="secondary quality-sub">{words.quality.gone}</span>
        )}
      </td>
    </tr>
  );
}

const figure = (value: number | null, form: (value: number) => string): string =>
  value === null ? words.quality.notYet : form(value);

/** Three figures, as many as a measurement of speed is worth. */
const rate = (perSecond: number): string => formatDecimal(Number(perSecond.toPrecision(3)), 2);
