import './display.css';
import { words } from '../../words/words.ts';

/**
 * A placeholder for content that is loading. It appears after 150 ms (in CSS), so that a quick answer does not flash.
 */
export function Skeleton({
  lines = 3,
  width,
  height,
  label = words.ui.loading,
}: {
  lines?: number;
  /** CSS lengths; with either set, one block instead of lines. */
  width?: string;
  height?: string;
  label?: string;
}) {
  const block = width !== undefined || height !== undefined;
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">{label}</span>
      {block ? (
        <span className="skeleton-bone" style={{ inlineSize: width ?? '100%', blockSize: height ?? '1rem' }} />
      ) : (
        Array.from({ length: lines }, (_, index) => (
          <span key={index} className="skeleton-bone" style={{ inlineSize: `${[92, 78, 86, 64][index % 4]}%` }} />
        ))
      )}
    </div>
  );
}
