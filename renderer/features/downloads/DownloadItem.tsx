/** One job in the tray. */
import {
  ArrowDown,
  ArrowUp,
  Ellipsis,
  GripVertical,
  HardDrive,
  MessageSquare,
  Pause,
  Play,
  RotateCw,
  ScrollText,
  X,
} from 'lucide-react';
import type { DragEvent } from 'react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { Badge, type BadgeTone } from '../../ui/Badge.tsx';
import { navigate } from '../../navigation/router.ts';
import { Button } from '../../ui/Button.tsx';
import { formatBytes, formatDuration, formatPercent, formatRate } from '../../words/format.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { jobDetailWords, jobTitle } from '../../words/jobs.ts';
import { wordsFor } from '../../words/words.ts';
import { actOnJob, chatWith } from '../../parts/model-acts.ts';
import {
  jobActs,
  jobFileName,
  jobProgress,
  jobStateWord,
  segmentShares,
  waitingWords,
  type JobAct,
} from '../../parts/jobs-state.ts';

interface DownloadItemProps {
  readonly job: Job;
  /** Bytes per second, oldest first. */
  readonly speeds: readonly number[];
  /** The name of what the download brought, once it is in the list of models; undefined for a projector or an adapter. */
  readonly modelName: string | undefined;
  readonly onLog: () => void;
  /** Moves a queued job; null where it cannot go that way. */
  readonly onUp: (() => void) | null;
  readonly onDown: (() => void) | null;
  /** Another queued job was let go over this one. */
  readonly onDropped: (jobId: string) => void;
}

/** Marks what is dragged, so that a file dragged over the tray is not taken for a job. */
const JOB_TYPE = 'application/x-hearth-job';

const tones: Readonly<Record<Job['state'], BadgeTone>> = {
  queued: 'neutral',
  running: 'neutral',
  waiting: 'amber',
  verifying: 'neutral',
  paused: 'neutral',
  done: 'green',
  failed: 'red',
};

export function DownloadItem({ job, speeds, modelName, onLog, onUp, onDown, onDropped }: DownloadItemProps) {
  const fileName = jobFileName(job);
  const progress = jobProgress(job);
  const over = job.state === 'done' || job.state === 'failed';
  const acts = jobActs(job).filter((act) => act !== 'chat' || modelName !== undefined);
  const movable = onUp !== null || onDown !== null;
  const more: MenuItem[] = [
    ...(movable
      ? [
          { label: 'Move up', icon: ArrowUp, disabled: onUp === null, run: () => onUp?.() },
          { label: 'Move down', icon: ArrowDown, disabled: onDown === null, run: () => onDown?.() },
          { separator: true } as const,
        ]
      : []),
    { label: 'Show the log', icon: ScrollText, run: onLog },
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
          <span className="models-job-title truncate">{jobTitle(job)}</span>
          {fileName !== jobTitle(job) && (
            <span className="mono faint truncate">
              {fileName}
              {job.files.length > 1 && ` (${job.files.length} parts)`}
            </span>
          )}
        </span>
        <span className="models-job-acts">
          {acts.map((act) => (
            <JobActButton key={act} act={act} job={job} fileName={fileName} name={modelName ?? fileName} />
          ))}
          <Menu
            align="end"
            label={`More for ${fileName}`}
            items={more}
            trigger={<IconButton size="sm" icon={Ellipsis} label={`More for ${fileName}`} />}
          />
        </span>
      </div>
      {!over && (
        <ProgressBar
          value={job.state === 'verifying' ? null : progress}
          label={`${job.kind === 'download' ? 'Downloading' : jobStateWord(job)} ${fileName}`}
          valueText={`${jobStateWord(job)}, ${formatPercent(progress)}`}
          tone={job.state === 'paused' ? 'neutral' : job.state === 'waiting' ? 'amber' : 'accent'}
        />
      )}
      <Parts job={job} />
      {job.state === 'waiting' && <Waiting job={job} />}
      {job.detail !== null && job.state !== 'waiting' && <p className="secondary">{jobDetailWords(job.detail)}</p>}
      {job.state === 'failed' && <Failure job={job} />}
      <div className="models-job-foot num">
        <Badge tone={tones[job.state]}>{jobStateWord(job)}</Badge>
        {job.totalBytes > 0 && (
          <span className="secondary">
            {job.state === 'done'
              ? formatBytes(job.totalBytes)
              : `${formatBytes(job.doneBytes)} of ${formatBytes(job.totalBytes)}`}
          </span>
        )}
        {!over && <span className="models-job-end">{formatPercent(progress)}</span>}
      </div>
      {job.state === 'running' && <Speed job={job} speeds={speeds} />}
    </li>
  );
}

/** How far each connection is with its own stretch of the file. */
function Parts({ job }: { readonly job: Job }) {
  const shares = segmentShares(job);
  if (shares.length === 0) return null;
  return (
    <div className="models-parts" role="img" aria-label={`In ${shares.length} parts at once`}>
      {shares.map((share, index) => (
        <span key={index} className="models-part">
          <span style={{ inlineSize: `${share * 100}%` }} />
        </span>
      ))}
    </div>
  );
}

function Waiting({ job }: { readonly job: Job }) {
  return (
    <div className="models-job-waiting">
      <p className="num">{waitingWords(job)} It goes on by itself.</p>
      <Button size="sm" icon={HardDrive} onClick={() => navigate({ screen: 'models', tab: 'storage', repoId: null })}>
        Free up space
      </Button>
    </div>
  );
}

function Speed({ job, speeds }: { readonly job: Job; readonly speeds: readonly number[] }) {
  // A line that stands still says so, instead of a time left that never comes true.
  const words = job.bytesPerSecond > 0 ? formatRate(job.bytesPerSecond) : 'Nothing is coming in';
  return (
    <div className="models-job-foot secondary num">
      <Sparkline values={speeds} width={64} height={14} label={`Speed, now ${words}`} />
      {words}
      {job.secondsLeft !== null && job.bytesPerSecond > 0 && (
        <span className="models-job-end">{formatDuration(Math.max(1000, job.secondsLeft * 1000))} left</span>
      )}
    </div>
  );
}

function Failure({ job }: { readonly job: Job }) {
  if (job.error === null) return null;
  const { title, text } = wordsFor(job.error);
  return (
    <p className="models-job-failure">
      <strong>{title}.</strong> {text}
    </p>
  );
}

interface JobActButtonProps {
  readonly act: JobAct;
  readonly job: Job;
  readonly fileName: string;
  /** The model's own name, once it is known. */
  readonly name: string;
}

function JobActButton({ act, job, fileName, name }: JobActButtonProps) {
  switch (act) {
    case 'pause':
      return (
        <IconButton size="sm" icon={Pause} label={`Pause ${fileName}`} onClick={() => void actOnJob('pause', job.id)} />
      );
    case 'resume':
      return (
        <IconButton
          size="sm"
          icon={Play}
          label={`Resume ${fileName}`}
          onClick={() => void actOnJob('resume', job.id)}
        />
      );
    case 'retry':
      return (
        <IconButton
          size="sm"
          icon={RotateCw}
          label={`Retry ${fileName}`}
          onClick={() => void actOnJob('resume', job.id)}
        />
      );
    case 'cancel':
      return (
        <IconButton size="sm" icon={X} label={`Cancel ${fileName}`} onClick={() => void actOnJob('cancel', job.id)} />
      );
    case 'dismiss':
      return (
        <IconButton size="sm" icon={X} label={`Dismiss ${fileName}`} onClick={() => void actOnJob('dismiss', job.id)} />
      );
    case 'chat':
      return (
        <Button
          size="sm"
          icon={MessageSquare}
          aria-label={`Chat with ${name}`}
          onClick={() => {
            if (job.modelId !== null) void chatWith(job.modelId);
          }}
        >
          Chat
        </Button>
      );
    default:
      return act satisfies never;
  }
}
