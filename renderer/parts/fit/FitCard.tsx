/** The fit of a model in this machine's memory, as a chart with its numbers. */
import type { ReactNode } from 'react';
import type { Fit } from '../../../preload/contract/model.ts';
import { FitBar } from './FitBar.tsx';
import { LayerCells } from './LayerCells.tsx';
import './fit-card.css';
import { FitBadge } from './FitBadge.tsx';
import { words } from '../../words/words.ts';

interface FitCardProps {
  readonly fit: Fit;
  /** The name in the heading: a quantization or a file. */
  readonly title: string;
  /** The source of the numbers, where more is known than the fit says. */
  readonly basis?: string;
  /** Controls that change the chart. */
  readonly children?: ReactNode;
  /** True while a newer fit is calculated. */
  readonly busy?: boolean;
}

export function FitCard({ fit, title, basis, children, busy = false }: FitCardProps) {
  return (
    <section className="models-fit card" aria-label={words.models.fitCard.region(title)} aria-busy={busy}>
      <header className="models-fit-head">
        <h3>{words.models.fitCard.title}</h3>
        <span className="secondary truncate">{title}</span>
        <FitBadge fit={fit} />
      </header>
      <FitBar fit={fit} />
      {fit.layerCount > 0 && fit.totalVramBytes > 0 && (
        <div className="models-fit-layers">
          <LayerCells onGpu={fit.gpuLayers} layerCount={fit.layerCount} />
          <span className="secondary num">{words.models.fitCard.layers(fit.gpuLayers, fit.layerCount)}</span>
        </div>
      )}
      {children}
      <p className="models-fit-reason">
        {words.fit.reason(fit)} {words.fit.speed(fit)}{' '}
        <span className="faint">
          {fit.contextSize > 0 && `${words.models.fitCard.context(fit.contextSize)} `}
          {basis ?? words.models.basis[fit.basis]}
        </span>
      </p>
    </section>
  );
}
