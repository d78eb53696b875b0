/** Comparisons of models: the list of those that were measured, one of them, or the form for a new one. */
import { ChartScatter, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Measurement } from '../../../preload/contract/convert.ts';
import { attempt } from '../../connection/attempt.ts';
import { useQuery } from '../../connection/live.ts';
import { ConversionProgress } from '../../parts/convert/ConversionProgress.tsx';
import { conversionOf } from '../../parts/convert/conversion-steps.ts';
import { useRenewal } from '../../parts/convert/use-renewed.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { isActive } from '../../parts/jobs-state.ts';
import { Panes } from '../../parts/Panes.tsx';
import { useJobs, useLocalModels } from '../../parts/watched.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { onListKeys } from '../../ui/list-keys.ts';
import { formatRelativeDate } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { MeasurementDetail } from './MeasurementDetail.tsx';
import { basesOf } from './candidates.ts';
import { NewComparison } from './NewComparison.tsx';
import './quality.css';

export function QualityView({ subject }: { readonly subject: string | null }) {
  const { value, error, retry } = useQuery('convert.measurements', {}, { keep: true });
  const jobs = (useJobs().value?.jobs ?? []).filter(({ kind }) => kind === 'measure');
  useRenewal(jobs.map((job) => `${job.id} ${job.state} ${conversionOf(job)?.index ?? ''}`).join(','), retry);
  const models = useLocalModels().value?.models;
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [creating, setCreating] = useState(subject !== null);
  const [followed, setFollowed] = useState(subject);
  if (followed !== subject) {
    // A link to a new comparison was followed while this view was open.
    setFollowed(subject);
    if (subject !== null) setCreating(true);
  }
  if (value === undefined) {
    return (
      <div className="models-padded">
        {error ? <ErrorCard error={error} onRetry={retry} /> : <Skeleton lines={6} />}
      </div>
    );
  }
  const { measurements } = value;
  const canCompare = models === undefined || basesOf(models).length > 0;
  const chosen = measurements.find(({ id }) => id === chosenId);
  const shown = creating ? undefined : (chosen ?? measurements[0]);
  const atWork = jobs.filter(isActive);
  // While the first comparison is measured there is no table yet, and no second one to begin.
  const isAwaited = !creating && shown === undefined && atWork.length > 0;
  const isForm = shown === undefined && !isAwaited;
  return (
    <Panes
      listLabel={words.quality.listLabel}
      list={
        <>
          <div className="models-local-head">
            <p className="secondary">{words.quality.listLabel}</p>
            <Button
              size="sm"
              icon={Plus}
              aria-pressed={isForm}
              disabled={!canCompare}
              onClick={() => setCreating(true)}
            >
              {words.quality.newOne}
            </Button>
          </div>
          {measurements.length === 0 ? (
            // Without models to compare the other half says so, with what helps.
            canCompare && (
              <EmptyState
                compact
                icon={ChartScatter}
                title={isAwaited ? words.quality.awaitedTitle : words.quality.emptyTitle}
                text={isAwaited ? words.quality.awaitedText : words.quality.emptyText}
              />
            )
          ) : (
            <ul className="models-rows" aria-label={words.quality.listLabel} onKeyDown={onListKeys}>
              {measurements.map((measurement) => (
                <Row
                  key={measurement.id}
                  measurement={measurement}
                  chosen={shown?.id === measurement.id}
                  onChoose={() => {
                    setCreating(false);
                    setChosenId(measurement.id);
                  }}
                  onRemoved={retry}
                />
              ))}
            </ul>
          )}
        </>
      }
      detailLabel={shown === undefined ? words.quality.newOne : nameOf(shown)}
      detailKey={creating || isAwaited ? 'new' : (chosen?.id ?? null)}
      backLabel={words.quality.all}
      onBack={() => {
        setCreating(false);
        setChosenId(null);
      }}
      detail={
        <div className="models-detail">
          {atWork.map((job) => (
            <ConversionProgress key={job.id} job={job} />
          ))}
          {isForm ? (
            <NewComparison
              key={subject}
              subject={subject}
              onStarted={(measurementId) => {
                retry();
                setCreating(false);
                setChosenId(measurementId);
              }}
            />
          ) : (
            shown !== undefined && <MeasurementDetail measurement={shown} />
          )}
        </div>
      }
    />
  );
}

/** The name of a comparison: that of its reference. */
function nameOf({ models }: Measurement): string {
  return (models.find(({ isReference }) => isReference) ?? models[0])?.name ?? words.quality.title;
}

interface RowProps {
  readonly measurement: Measurement;
  readonly chosen: boolean;
  readonly onChoose: () => void;
  readonly onRemoved: () => void;
}

function Row({ measurement, chosen, onChoose, onRemoved }: RowProps) {
  const { id, at, models, tokenCount } = measurement;
  const name = nameOf(measurement);
  const remove = async (): Promise<void> => {
    await attempt('convert.deleteMeasurement', { measurementId: id });
    onRemoved();
  };
  return (
    <li className="models-row" data-chosen={chosen}>
      <button type="button" className="models-row-link" data-row aria-current={chosen || undefined} onClick={onChoose}>
        {name}
      </button>
      <div className="models-row-foot">
        <span className="models-row-facts num">
          <span>{models.map((model) => model.quantization ?? model.name).join(', ')}</span>
          <span>{words.quality.on(formatRelativeDate(at), tokenCount)}</span>
        </span>
        <span className="models-row-actions">
          <IconButton size="sm" icon={Trash2} label={words.quality.remove(name)} onClick={() => void remove()} />
        </span>
      </div>
    </li>
  );
}
