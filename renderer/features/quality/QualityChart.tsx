/** Quality against size or speed, the pick marked. The table below has the same figures. */
import { useEffect, useRef, useState } from 'react';
import type { MeasuredModel } from '../../../preload/contract/convert.ts';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import {
  formatBytes,
  formatDecimal,
  formatList,
  formatProbability,
  formatShare,
  formatTokensPerSecond,
} from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { chartOf, placeLabels, type Against, type Chart, type Quality } from './chart.ts';

const HEIGHT = 260;
/** Around the plot, in px: ticks stand on the left and below. */
const EDGE = { top: 12, right: 12, bottom: 40, left: 56 };
/** The width of a character of a label, roughly. */
const CHARACTER = 6.6;
const LINE = 15;

export function QualityChart({ models }: { readonly models: readonly MeasuredModel[] }) {
  const [against, setAgainst] = useState<Against>('size');
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (frame.current === null) return;
    const watcher = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    watcher.observe(frame.current);
    return () => watcher.disconnect();
  }, []);
  const chart = chartOf(models, against);
  const hasSpeeds = models.filter(({ decodeTokensPerSecond }) => decodeTokensPerSecond !== null).length >= 2;
  if (chart === null && against === 'size') return <p className="secondary">{words.quality.tooFew}</p>;
  return (
    <section className="quality-chart card" aria-label={words.quality.chart}>
      <header>
        <h3>{words.quality.chart}</h3>
        {hasSpeeds && (
          <SegmentedControl
            label={words.quality.against}
            size="sm"
            value={against}
            onChange={setAgainst}
            options={[
              { value: 'size', label: words.quality.againstSize },
              { value: 'speed', label: words.quality.againstSpeed },
            ]}
          />
        )}
      </header>
      <div ref={frame} className="quality-plot">
        {chart !== null && width > 0 && <Plot chart={chart} against={against} width={width} />}
      </div>
    </section>
  );
}

function Plot({ chart, against, width }: { readonly chart: Chart; readonly against: Against; readonly width: number }) {
  const plotWidth = Math.max(60, width - EDGE.left - EDGE.right);
  const plotHeight = HEIGHT - EDGE.top - EDGE.bottom;
  const left = (x: number): number => EDGE.left + x * plotWidth;
  const top = (y: number): number => EDGE.top + y * plotHeight;
  const xWords = (value: number): string => (against === 'size' ? formatBytes(value) : formatTokensPerSecond(value));
  const yWords = (value: number): string => qualityWords(chart.quality, value);
  const labels = placeLabels(
    chart.points.map(({ name, x, y }) => ({ x: left(x), y: top(y), width: name.length * CHARACTER })),
    { width: width - 4, height: HEIGHT - EDGE.bottom, line: LINE },
  );
  const spoken = chart.points.map(({ model, name, xValue, yValue }) =>
    words.quality.pointSpoken(name, xWords(xValue), yWords(yValue), model.isPick),
  );
  const yLabel = chart.quality === 'agreement' ? words.quality.axisAgreement : words.quality.axisPerplexity;
  return (
    <>
      <p className="quality-axis">{yLabel}</p>
      <svg
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={words.quality.chartOf(words.quality.chart, formatList(spoken))}
      >
        {chart.yTicks.map(({ value, at }) => (
          <g key={value}>
            <line x1={EDGE.left} x2={EDGE.left + plotWidth} y1={top(at)} y2={top(at)} className="quality-grid" />
            <text x={EDGE.left - 8} y={top(at)} dy="0.35em" className="quality-tick" textAnchor="end">
              {chart.quality === 'agreement' ? formatProbability(value) : formatDecimal(value, 2)}
            </text>
          </g>
        ))}
        {chart.xTicks.map(({ value, at }) => (
          <text
            key={value}
            x={left(at)}
            y={HEIGHT - EDGE.bottom + 18}
            className="quality-tick"
            textAnchor={at > 0.94 ? 'end' : at < 0.06 ? 'start' : 'middle'}
          >
            {against === 'size' ? formatBytes(value) : formatDecimal(value, 1)}
          </text>
        ))}
        <line
          x1={EDGE.left}
          x2={EDGE.left + plotWidth}
          y1={HEIGHT - EDGE.bottom}
          y2={HEIGHT - EDGE.bottom}
          className="quality-base"
        />
        {chart.points.map(({ model, name, x, y }, index) => {
          const label = labels[index];
          const isEnd = label?.side !== 'start';
          return (
            <g
              key={model.modelId}
              data-pick={model.isPick || undefined}
              data-reference={model.isReference || undefined}
            >
              <title>{spoken[index]}</title>
              {model.isPick && <circle cx={left(x)} cy={top(y)} r={9} className="quality-ring" />}
              <circle cx={left(x)} cy={top(y)} r={5} className="quality-point" />
              <text
                x={left(x) + (isEnd ? 13 : -13)}
                y={label?.y ?? top(y)}
                dy="0.35em"
                className="quality-label"
                textAnchor={isEnd ? 'start' : 'end'}
              >
                {name}
              </text>
            </g>
          );
        })}
      </svg>
      <p className="quality-axis quality-axis-x">
        {against === 'size' ? words.quality.axisSize : words.quality.axisSpeed}
      </p>
    </>
  );
}

function qualityWords(quality: Quality, value: number): string {
  switch (quality) {
    case 'agreement':
      return formatShare(value);
    case 'perplexity':
      return formatDecimal(value, 2);
    default:
      return quality satisfies never;
  }
}
