import { useState } from 'react';
import { Button } from '../../ui/controls/Button.tsx';
import { formatBytes } from '../../words/format.ts';
import { OptionalNumber } from '../../ui/controls/OptionalNumber.tsx';
import { words } from '../../words/words.ts';
import '../../ui/controls/controls.css';

const GB = 1_000_000_000;

/**
 * The size limit of the cache. A limit below the current size deletes models immediately and permanently, so it needs a
 * confirmation, shown in place. Switching the limit on starts above the current size.
 */
export function CacheLimit({
  label,
  limitBytes,
  totalBytes,
  onChange,
}: {
  label: string;
  /** Null means no limit. */
  limitBytes: number | null;
  /** The current size of the cache. */
  totalBytes: number;
  onChange: (limitBytes: number | null) => void;
}) {
  const [asked, setAsked] = useState<number | null>(null);
  // While the question is open, the field has what was typed, within its bounds.
  const shownBytes = asked ?? limitBytes;
  const choose = (gigabytes: number | null): void => {
    const bytes = gigabytes === null ? null : Math.round(gigabytes * GB);
    if (bytes !== null && bytes < totalBytes) setAsked(bytes);
    else {
      setAsked(null);
      onChange(bytes);
    }
  };
  return (
    <div className="cache-limit">
      <OptionalNumber
        label={label}
        hint={words.cacheLimit.hint}
        value={shownBytes === null ? null : Math.round((shownBytes / GB) * 10) / 10}
        whenOn={Math.max(50, Math.ceil((totalBytes / GB) * 1.2))}
        min={0.1}
        max={100_000}
        step={0.1}
        unit={words.ui.gigabytes}
        onChange={choose}
      />
      {asked === null ? null : (
        // The focus stays in the field: if it moved during Enter, the focused button would take that Enter for a click.
        <div className="inline-question" role="group" aria-label={words.cacheLimit.question}>
          <p role="alert">{words.cacheLimit.text(formatBytes(totalBytes), formatBytes(totalBytes - asked))}</p>
          <div className="row">
            <Button size="sm" onClick={() => setAsked(null)}>
              {words.cacheLimit.keep}
            </Button>
            <Button
              size="sm"
              variant="danger"
              onClick={() => {
                onChange(asked);
                setAsked(null);
              }}
            >
              {words.cacheLimit.limitTo(formatBytes(asked))}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
