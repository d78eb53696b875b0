import { useState } from 'react';
import { Button } from '../../ui/controls/Button.tsx';
import { formatBytes } from '../../words/format.ts';
import { OptionalNumber } from '../../ui/controls/OptionalNumber.tsx';
import { words } from '../../words/words.ts';
import '../../ui/controls/controls.css';

const GB = 1_000_000_000;

/**
 * The size that the cache may reach. A limit below what is there deletes models at once and for good, so that one is asked
 * about, in place; switching it on begins above what is there.
 */
export function CacheLimit({
  label,
  limitBytes,
  totalBytes,
  onChange,
}: {
  label: string;
  /** Null is no limit. */
  limitBytes: number | null;
  /** What is in the cache now. */
  totalBytes: number;
  onChange: (limitBytes: number | null) => void;
}) {
  const [asked, setAsked] = useState<number | null>(null);
  const choose = (gigabytes: number | null): void => {
    const bytes = gigabytes === null ? null : Math.round(gigabytes * GB);
    if (bytes !== null && bytes < totalBytes) setAsked(bytes);
    else onChange(bytes);
  };
  return (
    <div className="cache-limit">
      <OptionalNumber
        label={label}
        hint={words.cacheLimit.hint}
        value={limitBytes === null ? null : Math.round((limitBytes / GB) * 10) / 10}
        whenOn={Math.max(50, Math.ceil((totalBytes / GB) * 1.2))}
        min={0.1}
        max={100_000}
        step={0.1}
        unit={words.ui.gigabytes}
        onChange={choose}
      />
      {asked === null ? null : (
        // The focus stays in the field: moved within its Enter, it would take that Enter for a click.
        <div className="cache-limit-question" role="group" aria-label={words.cacheLimit.question}>
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
