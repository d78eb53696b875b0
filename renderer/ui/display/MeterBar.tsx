import './display.css';

export interface MeterPart {
  readonly key: string;
  /** The part's name with its amount: its tooltip, also read out. */
  readonly label: string;
  readonly value: number;
  /** A CSS color, such as `var(--c-weights)`. */
  readonly color: string;
}

/** One stacked bar. Where the parts exceed `total`, they divide the bar in proportion. */
export function MeterBar({
  label,
  parts,
  total,
  size = 'md',
}: {
  label: string;
  parts: readonly MeterPart[];
  total: number;
  size?: 'sm' | 'md' | 'lg';
}) {
  const sum = parts.reduce((all, part) => all + Math.max(0, part.value), 0);
  const whole = Math.max(total, sum, 1);
  return (
    <div
      className={`meter meter-${size}`}
      role="img"
      aria-label={`${label}: ${parts.map((part) => part.label).join(', ')}`}
    >
      {parts.map((part) =>
        part.value > 0 ? (
          <span
            key={part.key}
            className="meter-part"
            title={part.label}
            style={{ inlineSize: `${(part.value / whole) * 100}%`, background: part.color }}
          />
        ) : null,
      )}
    </div>
  );
}
