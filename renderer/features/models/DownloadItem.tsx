/** One download in the tray. */
import { MessageSquare, Pause, Play, RotateCw, X } from 'lucide-react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { Badge, type BadgeTone } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { formatBytes, formatDuration, formatPercent, formatRate } from '../../ui/format.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { wordsFor } from '../../ui/words.ts';
import { actOnJob, chatWith } from './acts.ts';
import { jobActs, jobFileName, jobProgress, jobStateWord, type JobAct } from './jobs-state.ts';

interface DownloadItemProps {
  readonly job: Job;
  /** Bytes per second, oldest first. */
  readonly speeds: readonly number[];
  /** The name of what the download brought, once it is in the list of models; a projector or an adapter never is. */
  readonly modelName: string | undefined;
}

const tones: Readonly<Record<Job['state'], BadgeTone>> = {
  queued: 'neutral',
  running: 'neutral',
  verifying: 'neutral',
  paused: 'neutral',
  done: 'green',
  failed: 'red',
};

export function DownloadItem({ job, speeds, modelName }: DownloadItemProps) {
  const fileName = jobFileName(job);
  const progress = jobProgress(job);
  const over = job.state === 'done' || job.state === 'failed';
  const acts = jobActs(job).filter((act) => act !== 'chat' || modelName !== undefined);
  return (
    <li className="models-job">
      <div className="models-job-head">
        <span className="models-job-words">
          <span className="models-job-title truncate">{job.title}</span>
          <span className="mono faint truncate">
            {fileName}
            {job.files.length > 1 && ` (${job.files.length} parts)`}
          </span>
        </span>
        <span className="models-job-acts">
          {acts.map((act) => (
            <JobActButton key={act} act={act} job={job} fileName={fileName} name={modelName ?? fileName} />
          ))}
        </span>
      </div>
      {!over && (
        <ProgressBar
          value={job.state === 'verifying' ? null : progress}
          label={`Downloading ${fileName}`}
          valueText={`${jobStateWord(job)}, ${formatPercent(progress)}`}
          tone={job.state === 'paused' ? 'neutral' : 'accent'}
        />
      )}
      {job.state === 'failed' && <Failure job={job} />}
      <div className="models-job-foot num">
        <Badge tone={tones[job.state]}>{jobStateWord(job)}</Badge>
        <span className="secondary">
          {job.state === 'done'
            ? formatBytes(job.totalBytes)
            : `${formatBytes(job.doneBytes)} of ${formatBytes(job.totalBytes)}`}
        </span>
        {!over && <span className="models-job-end">{formatPercent(progress)}</span>}
      </div>
      {job.state === 'running' && <Speed job={job} speeds={speeds} />}
    </li>
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
          onClick={() => void chatWith(job.modelId)}
        >
          Chat
        </Button>
      );
    default:
      return act satisfies never;
  }
}
