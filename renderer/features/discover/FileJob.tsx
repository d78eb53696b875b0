/** A download in the table of files: its progress and the way out. The tray has the rest. */
import { Play, RotateCw, X } from 'lucide-react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { formatPercent } from '../../words/format.ts';
import { IconButton } from '../../ui/IconButton.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { wordsFor } from '../../words/words.ts';
import { actOnJob } from '../../parts/model-acts.ts';
import { jobProgress, jobStateWord } from '../../parts/jobs-state.ts';

export function FileJob({ job, fileName }: { readonly job: Job; readonly fileName: string }) {
  const failed = job.state === 'failed';
  const progress = jobProgress(job);
  const words = job.state === 'running' ? formatPercent(progress) : jobStateWord(job);
  return (
    <div className="models-file-job">
      <div className="models-file-progress">
        <span
          className="num"
          data-tone={failed ? 'red' : undefined}
          title={job.error ? wordsFor(job.error).title : undefined}
        >
          {words}
        </span>
        <ProgressBar
          value={job.state === 'verifying' ? null : progress}
          label={`Downloading ${fileName}`}
          valueText={`${jobStateWord(job)}, ${formatPercent(progress)}`}
          tone={failed ? 'red' : job.state === 'paused' ? 'neutral' : 'accent'}
          size="sm"
        />
      </div>
      {job.state === 'paused' && (
        <IconButton
          size="sm"
          icon={Play}
          label={`Resume ${fileName}`}
          onClick={() => void actOnJob('resume', job.id)}
        />
      )}
      {failed && (
        <IconButton
          size="sm"
          icon={RotateCw}
          label={`Retry ${fileName}`}
          onClick={() => void actOnJob('resume', job.id)}
        />
      )}
      <IconButton
        size="sm"
        icon={X}
        label={`Cancel ${fileName}`}
        onClick={() => void actOnJob(failed ? 'dismiss' : 'cancel', job.id)}
      />
    </div>
  );
}
