/** How a model sits in this machine's memory, as a picture with its numbers. */
import type { ReactNode } from 'react';
import type { Fit } from '../../preload/contract/model.ts';
import { FitBar } from './FitBar.tsx';
import { basisWords } from './fit-picture.ts';
import { fitReasonText } from '../words/fit.ts';
import { formatInteger } from '../words/format.ts';
import { LayerCells } from './LayerCells.tsx';
import './fit-card.css';
import { FitBadge } from './FitBadge.tsx';

interface FitCardProps {
  readonly fit: Fit;
  /** What is measured, for the heading: a quantisation or a file. */
  readonly title: string;
  /** What the numbers rest on, where more is known than the fit says. */
  readonly basis?: string;
  /** Controls that change the picture. */
  readonly children?: ReactNode;
  /** A newer fit is being worked out. */
  readonly busy?: boolean;
}

export function FitCard({ fit, title, basis, children, busy = false }: FitCardProps) {
  return (
    <section className="models-fit card" aria-label={`Memory for ${title}`} aria-busy={busy}>
      <header className="models-fit-head">
        <h3>Room in memory</h3>
        <span className="secondary truncate">{title}</span>
        <FitBadge fit={fit} />
      </header>
      <FitBar fit={fit} />
      {fit.layerCount > 0 && fit.totalVramBytes > 0 && (
        <div className="models-fit-layers">
          <LayerCells onGpu={fit.gpuLayers} layerCount={fit.layerCount} />
          <span className="secondary num">
            {fit.gpuLayers} of {fit.layerCount} layers on the GPU
          </span>
        </div>
      )}
      {children}
      <p className="models-fit-reason">
        {fitReasonText(fit)}{' '}
        <span className="faint">
          {fit.contextSize > 0 && `With room for ${formatInteger(fit.contextSize)} tokens of conversation. `}
          {basis ?? basisWords(fit.basis)}
        </span>
      </p>
    </section>
  );
}
