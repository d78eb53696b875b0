import './display.css';

/** A line chart of a few numbers, newest last. Its axis starts at zero, so that a steady rate is a level line. */
export function Sparkline({
  values,
  label,
  width = 120,
  height = 28,
  max,
}: {
  values: readonly number[];
  /** The accessible name: what the line shows. */
  label: string;
  width?: number;
  height?: number;
  max?: number;
}) {
  const top = Math.max(max ?? 0, ...values, 1e-9);
  const step = values.length > 1 ? width / (values.length - 1) : width;
  const points = values.map((value, index) => {
    const y = height - 1.5 - (Math.max(0, value) / top) * (height - 3);
    return `${(index * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg
      className="sparkline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
    >
      {points.length > 1 ? (
        <>
          <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} className="sparkline-area" />
          <polyline points={points.join(' ')} className="sparkline-line" />
        </>
      ) : (
        <line x1="0" x2={width} y1={height - 1.5} y2={height - 1.5} className="sparkline-none" />
      )}
    </svg>
  );
}
