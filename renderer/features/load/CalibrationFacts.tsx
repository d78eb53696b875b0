import { Timer } from 'lucide-react';
import type { Calibration, LoadedModel } from '../../../preload/contract/engine.ts';
import { useCall } from '../../connection/live.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatInteger, formatTokensPerSecond } from '../../words/format.ts';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { calibrationWords } from './load-words.ts';
import { words } from '../../words/words.ts';

/**
 * The fastest settings that calibration found on this computer, everything it tried, and a button that measures again.
 */
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
    <section className="load-section" aria-label={words.load.speed.title}>
      <h3>{words.load.speed.title}</h3>
      <p className="secondary">
        {known === null ? words.load.speed.none(loaded !== undefined) : calibrationWords(known)}
      </p>
      {known !== null && known.tried.length > 0 ? (
        <details className="load-tried">
          <summary>{words.load.speed.tried}</summary>
          <Tried calibration={known} />
        </details>
      ) : null}
      {calibrate.pending ? <ProgressBar value={null} size="sm" label={words.load.speed.measuring} /> : null}
      {calibrate.error ? <ErrorCard error={calibrate.error} compact /> : null}
      <div className="load-measure">
        <Button
          size="sm"
          icon={Timer}
          disabled={loaded?.status !== 'ready'}
          loading={calibrate.pending}
          onClick={() => void calibrate.run({ modelId })}
        >
          {known === null ? words.load.speed.measureNow : words.load.speed.measureAgain}
        </Button>
        {loaded?.status === 'ready' ? null : (
          <span className="field-hint">
            {loaded === undefined
              ? words.load.speed.mustBeLoaded
              : calibrate.pending
                ? words.load.speed.takes
                : words.load.speed.notWhileBusy}
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
          <th scope="col">{words.load.speed.columns.phase}</th>
          <th scope="col">{words.load.speed.columns.threads}</th>
          <th scope="col">{words.load.speed.columns.batch}</th>
          <th scope="col">{words.load.speed.columns.speed}</th>
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
              <Phase
                name={one.phase === 'decode' ? words.load.speed.writing : words.load.speed.reading}
                chosen={chosen(one)}
              />
            </td>
            <td>{formatInteger(one.threads)}</td>
            <td>{formatInteger(one.batchSize)}</td>
            <td>{formatTokensPerSecond(one.tokensPerSecond)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The mark of the chosen row is a color, so its words are for a screen reader. */
function Phase({ name, chosen }: { name: string; chosen: boolean }) {
  if (!chosen) return name;
  return (
    <>
      <span aria-hidden="true">{name}</span>
      <span className="visually-hidden">{words.load.speed.chosen(name)}</span>
    </>
  );
}
