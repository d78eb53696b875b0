import type { BadgeTone } from './Badge.tsx';
import './display.css';

/** Progress, 0 to 1; `null` where it is unknown. */
export function ProgressBar({
  value,
  label,
  tone = 'accent',
  size = 'md',
  valueText,
}: {
  value: number | null;
  label: string;
  tone?: BadgeTone;
  size?: 'sm' | 'md';
  valueText?: string;
}) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 1000) / 10;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent === null ? undefined : Math.floor(percent)}
      aria-valuetext={valueText}
      className={`progress progress-${size} tone-${tone}${percent === null ? ' progress-unknown' : ''}`}
    >
      <span className="progress-fill" style={percent === null ? undefined : { inlineSize: `${percent}%` }} />
    </div>
  );
}
