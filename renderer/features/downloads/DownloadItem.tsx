/** One job in the tray. */
import {
  ArrowDown,
  ArrowUp,
  ChartScatter,
  Ellipsis,
  GripVertical,
  HardDrive,
  MessageSquare,
  Pause,
  Play,
  RotateCw,
  ScrollText,
  Shapes,
  X,
} from 'lucide-react';
import type { DragEvent } from 'react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { openConvert } from '../../navigation/convert-sheet.ts';
import { navigate } from '../../navigation/router.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { formatBytes, formatDuration, formatPercent, formatRate } from '../../words/format.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { Menu, type MenuItem } from '../../ui/layers/Menu.tsx';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { Sparkline } from '../../ui/display/Sparkline.tsx';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';
import { ConversionSteps } from '../../parts/convert/ConversionSteps.tsx';
import { convertFolder } from '../../parts/convert/folder-choice.ts';
import { isConversion } from '../../parts/convert/conversion-steps.ts';
import { actOnJob, chatWith, removeJob } from '../../parts/models/model-actions.ts';
import {
  fileNameOf,
  jobActions,
  jobFileName,
  jobNoun,
  jobProgress,
  jobStateWord,
  jobTone,
  segmentShares,
  waitingWords,
  type JobAction,
} from '../../parts/jobs-state.ts';

interface DownloadItemProps {
  readonly job: Job;
  /** Bytes per second, oldest first. */
  readonly speeds: readonly number[];
  /** The name of the downloaded model, once it is in the list of models; undefined for a projector or an adapter. */
  readonly modelName: string | undefined;
  /** The layers that were left out of the model that it made. */
  readonly prunedLayerCount: number;
  readonly onLog: () => void;
  /** Moves a queued job; null where it cannot move that way. */
  readonly onUp: (() => void) | null;
  readonly onDown: (() => void) | null;
  /** Called when another queued job was dropped on this one. */
  readonly onDropped: (jobId: string) => void;
}

/** The type of a dragged job, so that a dragged file is not taken for one. */
const JOB_TYPE = 'application/x-hearth-job';

export function DownloadItem(props: DownloadItemProps) {
  const { job, speeds, modelName, prunedLayerCount, onLog, onUp, onDown, onDropped } = props;
  const fileName = jobFileName(job);
  const noun = jobNoun(job);
  const progress = jobProgress(job);
  const over = job.state === 'done' || job.state === 'failed';
  const actions = jobActions(job).filter((action) => action !== 'chat' || modelName !== undefined);
  const movable = onUp !== null || onDown !== null;
  const more: MenuItem[] = [
    ...(movable
      ? [
          { label: words.downloads.moveUp, icon: ArrowUp, disabled: onUp === null, run: () => onUp?.() },
          { label: words.downloads.moveDown, icon: ArrowDown, disabled: onDown === null, run: () => onDown?.() },
          { separator: true } as const,
        ]
      : []),
    { label: words.downloads.showLog, icon: ScrollText, run: onLog },
  ];
  const overJob = (event: DragEvent): void => {
    if (job.state === 'queued' && event.dataTransfer.types.includes(JOB_TYPE)) event.preventDefault();
  };
  return (
    <li
      className="models-job"
      draggable={movable}
      onDragStart={(event) => event.dataTransfer.setData(JOB_TYPE, job.id)}
      onDragOver={overJob}
      onDrop={(event) => {
        const dropped = event.dataTransfer.getData(JOB_TYPE);
        if (dropped !== '') onDropped(dropped);
      }}
    >
      <div className="models-job-head">
        {movable && <GripVertical size={14} className="models-job-grip" aria-hidden />}
        <span className="models-job-words">
          <span className="models-job-title truncate">{words.jobs.title(job)}</span>
          {fileName !== words.jobs.title(job) && (
            <span className="mono faint truncate">
              {fileName}
              {job.files.length > 1 && ` (${words.downloads.shards(job.files.length)})`}
            </span>
          )}
        </span>
        <span className="models-job-actions">
          {actions.map((action) => (
            <JobActionButton key={action} action={action} job={job} name={modelName ?? fileName} />
          ))}
          <Menu
            align="end"
            label={words.downloads.moreFor(noun)}
            items={more}
            trigger={<IconButton size="sm" icon={Ellipsis} label={words.downloads.moreFor(noun)} />}
          />
        </span>
      </div>
      {!over && (
        <ProgressBar
          value={job.state === 'verifying' ? null : progress}
          label={
            job.kind === 'download'
              ? words.downloads.acting(words.downloads.running.download, fileName)
              : words.jobs.atWork(job)
          }
          valueText={words.downloads.stateAndPercent(jobStateWord(job), formatPercent(progress))}
          tone={job.state === 'paused' ? 'neutral' : job.state === 'waiting' ? 'amber' : 'accent'}
        />
      )}
      <Segments job={job} />
      {job.state === 'waiting' && <Waiting job={job} />}
      {!over && <ConversionSteps job={job} />}
      {job.detail !== null && job.detail.code !== 'conversion' && job.state !== 'waiting' && (
        <p className="secondary">{words.jobs.detail(job.detail)}</p>
      )}
      {job.state === 'failed' && <Failure job={job} />}
      {job.state === 'done' && prunedLayerCount > 0 && <Pruned modelId={job.modelId} layerCount={prunedLayerCount} />}
      <div className="models-job-foot num">
        <Badge tone={jobTone(job)}>{jobStateWord(job)}</Badge>
        {/* A conversion's bytes are all that it read and wrote; its result says its size. */}
        {job.totalBytes > 0 && !(job.state === 'done' && isConversion(job)) && (
          <span className="secondary">
            {job.state === 'done'
              ? formatBytes(job.totalBytes)
              : words.downloads.amount(formatBytes(job.doneBytes), formatBytes(job.totalBytes))}
          </span>
        )}
        {!over && <span className="models-job-end">{formatPercent(progress)}</span>}
      </div>
      {job.state === 'running' && <Speed job={job} speeds={speeds} />}
    </li>
  );
}

/** The progress of each connection in its segment of the file. */
function Segments({ job }: { readonly job: Job }) {
  const shares = segmentShares(job);
  if (shares.length === 0) return null;
  return (
    <div className="models-segments" role="img" aria-label={words.downloads.connections(shares.length)}>
      {shares.map((share, index) => (
        <span key={index} className="models-segment">
          <span style={{ inlineSize: `${share * 100}%` }} />
        </span>
      ))}
    </div>
  );
}

function Waiting({ job }: { readonly job: Job }) {
  return (
    <div className="models-job-waiting">
      <p className="num">
        {waitingWords(job)} {words.downloads.resumesItself}
      </p>
      <Button size="sm" icon={HardDrive} onClick={() => navigate({ screen: 'models', tab: 'storage', repoId: null })}>
        {words.downloads.freeUpSpace}
      </Button>
    </div>
  );
}

function Speed({ job, speeds }: { readonly job: Job; readonly speeds: readonly number[] }) {
  const left =
    job.secondsLeft === null ? null : words.downloads.left(formatDuration(Math.max(1000, job.secondsLeft * 1000)));
  // Most of a conversion's time goes into work that moves no bytes.
  if (isConversion(job) && job.bytesPerSecond === 0)
    return left === null ? null : <p className="models-job-foot secondary num">{left}</p>;
  // A stalled download says so instead of showing a wrong time left.
  const speed = job.bytesPerSecond > 0 ? formatRate(job.bytesPerSecond) : words.downloads.stalled;
  return (
    <div className="models-job-foot secondary num">
      <Sparkline values={speeds} width={64} height={14} label={words.downloads.speed(speed)} />
      {speed}
      {left !== null && job.bytesPerSecond > 0 && <span className="models-job-end">{left}</span>}
    </div>
  );
}

/** Opens the choice of a source or an output, where the same conversion would fail again; null for other failures. */
function otherConversion({ kind, error, repoId, revision }: Job): (() => void) | null {
  if (kind !== 'convert') return null;
  switch (error?.code) {
    case 'convert.invalid':
    case 'convert.unsupported':
    case 'tokenizer.invalid':
      return repoId === ''
        ? () => void convertFolder()
        : () =>
            openConvert({
              kind: 'checkpoint',
              source: { kind: 'hub', repoId, revision },
              name: fileNameOf(repoId),
              type: null,
            });
    default:
      return null;
  }
}

/** What leaves layers out is to be measured: one act, with both models chosen. */
function Pruned({ modelId, layerCount }: { readonly modelId: string | null; readonly layerCount: number }) {
  return (
    <div className="models-job-waiting">
      <p>{words.convert.pruned(layerCount)}</p>
      <Button
        size="sm"
        icon={ChartScatter}
        onClick={() => navigate({ screen: 'models', tab: 'quality', subject: modelId })}
      >
        {words.convert.measureLoss}
      </Button>
    </div>
  );
}

function Failure({ job }: { readonly job: Job }) {
  if (job.error === null) return null;
  const { title, text } = wordsFor(job.error);
  const again = otherConversion(job);
  return (
    <div className="models-job-failure">
      <p>
        <strong>{words.errors.asSentence(title)}</strong> {text}
      </p>
      {again !== null && (
        <Button size="sm" icon={Shapes} onClick={again}>
          {words.convert.convertMore}
        </Button>
      )}
    </div>
  );
}

interface JobActionButtonProps {
  readonly action: JobAction;
  readonly job: Job;
  /** The model's own name, once it is known. */
  readonly name: string;
}

function JobActionButton({ action, job, name }: JobActionButtonProps) {
  const noun = jobNoun(job);
  switch (action) {
    case 'pause':
      return (
        <IconButton
          size="sm"
          icon={Pause}
          label={words.downloads.pause(noun)}
          onClick={() => void actOnJob('pause', job.id)}
        />
      );
    case 'resume':
      return (
        <IconButton
          size="sm"
          icon={Play}
          label={words.downloads.resume(noun)}
          onClick={() => void actOnJob('resume', job.id)}
        />
      );
    case 'retry':
      return (
        <IconButton
          size="sm"
          icon={RotateCw}
          label={words.downloads.retry(noun)}
          onClick={() => void actOnJob('resume', job.id)}
        />
      );
    case 'cancel':
      return <IconButton size="sm" icon={X} label={words.downloads.cancel(noun)} onClick={() => void removeJob(job)} />;
    case 'dismiss':
      return (
        <IconButton size="sm" icon={X} label={words.downloads.dismiss(noun)} onClick={() => void removeJob(job)} />
      );
    case 'table':
      return (
        <Button
          size="sm"
          icon={ChartScatter}
          onClick={() => navigate({ screen: 'models', tab: 'quality', subject: null })}
        >
          {words.downloads.showTable}
        </Button>
      );
    case 'chat':
      return (
        <Button
          size="sm"
          icon={MessageSquare}
          aria-label={words.models.chatWith(name)}
          onClick={() => {
            if (job.modelId !== null) chatWith(job.modelId);
          }}
        >
          {words.models.chat}
        </Button>
      );
    default:
      return action satisfies never;
  }
}
