/** How a model sits in this machine's memory, as a picture with its numbers. */
import type { Fit } from '../../../preload/contract/models.ts';
import { formatBytes, formatInteger } from '../../ui/format.ts';
import './fit.css';
import { fitPicture, type FitSegment } from './fit-bar.ts';
import { FitBadge } from './FitBadge.tsx';

const colours: Readonly<Record<FitSegment['key'], string>> = {
  weights: 'var(--c-weights)',
  kv_cache: 'var(--c-kv)',
  compute: 'var(--c-compute)',
};

interface FitBarProps {
  readonly fit: Fit;
  /** What is measured, for the heading: a quantisation or a file. */
  readonly title: string;
}

export function FitBar({ fit, title }: FitBarProps) {
  const picture = fitPicture(fit);
  const summary =
    picture.freeBytes > 0
      ? `${formatBytes(picture.neededBytes)} of ${formatBytes(picture.freeBytes)} free memory`
      : `${formatBytes(picture.neededBytes)} of memory`;
  return (
    <section className="models-fit card" aria-label={`Memory for ${title}`}>
      <header className="models-fit-head">
        <h3>Room in memory</h3>
        <span className="secondary truncate">{title}</span>
        <FitBadge fit={fit} />
      </header>
      <div
        className="models-fit-bar"
        role="img"
        aria-label={`${summary}: ${picture.segments.map((part) => `${part.label} ${formatBytes(part.bytes)}`).join(', ')}`}
      >
        {picture.segments.map((part) => (
          <span
            key={part.key}
            className="models-fit-part"
            style={{ inlineSize: `${part.share * 100}%`, background: colours[part.key] }}
            data-empty={part.bytes === 0}
          />
        ))}
        {picture.leftBytes < 0 && picture.freeBytes > 0 && (
          <span className="models-fit-missing" style={{ insetInlineStart: `${picture.freeShare * 100}%` }} />
        )}
      </div>
      <dl className="models-fit-legend">
        {picture.segments.map((part) => (
          <div key={part.key}>
            <dt>
              <span className="models-swatch" style={{ background: colours[part.key] }} />
              {part.label}
            </dt>
            <dd className="num">{formatBytes(part.bytes)}</dd>
          </div>
        ))}
        {picture.freeBytes > 0 && (
          <div data-tone={picture.leftBytes < 0 ? 'red' : undefined}>
            <dt>
              <span className="models-swatch" data-kind={picture.leftBytes < 0 ? 'missing' : 'free'} />
              {picture.leftBytes < 0 ? 'Missing' : 'Stays free'}
            </dt>
            <dd className="num">{formatBytes(Math.abs(picture.leftBytes))}</dd>
          </div>
        )}
      </dl>
      <p className="models-fit-reason">
        {fit.reason}{' '}
        <span className="faint">
          {fit.contextSize > 0 && `Counted with room for ${formatInteger(fit.contextSize)} tokens of conversation, `}
          {fit.contextSize > 0 ? 'from ' : 'From '}
          {fit.basis === 'header' ? 'the model’s own header.' : 'the file’s size alone.'}
        </span>
      </p>
    </section>
  );
}
