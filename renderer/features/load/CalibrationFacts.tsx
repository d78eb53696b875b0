import { Gauge } from 'lucide-react';
import type { Calibration, LoadedModel } from '../../../preload/contract/engine.ts';
import { useCall } from '../../connection/live.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatInteger } from '../../words/format.ts';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { calibrationWords, rate } from './load-words.ts';

/** What a short run found to be fastest on this computer, all that was tried, and the button that tries again. */
export function CalibrationFacts({
  modelId,
  known,
  loaded,
}: {
  readonly modelId: string;
  readonly known: Calibration | null;
  readonly loaded: LoadedModel | undefined;
}) {
  const calibrate = useCall('engine.calibrate');
  return (
    <section className="load-section" aria-label="Speed on this computer">
      <h3>Speed on this computer</h3>
      <p className="secondary">
        {known === null
          ? 'Not measured yet. The first load tries a few thread counts for under three seconds and keeps the fastest.'
          : calibrationWords(known)}
      </p>
      {known !== null && known.tried.length > 0 ? (
        <details className="load-tried">
          <summary>What was tried</summary>
          <Tried calibration={known} />
        </details>
      ) : null}
      {calibrate.pending ? (
        <ProgressBar value={null} size="sm" label="Measuring; this takes under three seconds" />
      ) : null}
      {calibrate.error ? <ErrorCard error={calibrate.error} compact /> : null}
      <div className="load-measure">
        <Button
          size="sm"
          icon={Gauge}
          disabled={loaded?.status !== 'ready'}
          loading={calibrate.pending}
          onClick={() => void calibrate.run({ modelId })}
        >
          {known === null ? 'Measure now' : 'Measure again'}
        </Button>
        {loaded?.status === 'ready' ? null : (
          <span className="field-hint">
            {loaded === undefined
              ? 'The model must be loaded for this.'
              : calibrate.pending
                ? 'This takes under three seconds.'
                : 'Not while it is at work.'}
          </span>
        )}
      </div>
    </section>
  );
}

function Tried({ calibration }: { calibration: Calibration }) {
  const fastest = (phase: 'decode' | 'prompt'): number =>
    Math.max(1, ...calibration.tried.flatMap((one) => (one.phase === phase ? one.tokensPerSecond : [])));
  const chosen = (one: Calibration['tried'][number]): boolean =>
    one.phase === 'decode'
      ? one.threads === calibration.decodeThreads
      : one.threads === calibration.promptThreads && one.batchSize === calibration.batchSize;
  return (
    <table className="load-table num">
      <thead>
        <tr>
          <th scope="col">For</th>
          <th scope="col">Threads</th>
          <th scope="col">Batch</th>
          <th scope="col">Speed</th>
        </tr>
      </thead>
      <tbody>
        {calibration.tried.map((one) => (
          <tr
            key={`${one.phase} ${one.threads} ${one.batchSize}`}
            data-chosen={chosen(one) || undefined}
            style={{ '--share': `${(one.tokensPerSecond / fastest(one.phase)) * 100}%` } as React.CSSProperties}
          >
            <td>
              {one.phase === 'decode' ? 'Writing' : 'Reading'}
              {chosen(one) ? <span className="visually-hidden"> (chosen)</span> : null}
            </td>
            <td>{one.threads}</td>
            <td>{formatInteger(one.batchSize)}</td>
            <td>{rate(one.tokensPerSecond)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
