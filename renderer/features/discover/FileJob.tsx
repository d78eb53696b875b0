/** A download in the file table: its progress and a button to stop it. The tray has the rest. */
import { Play, RotateCw, X } from 'lucide-react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { formatPercent } from '../../words/format.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';
import { actOnJob, removeJob } from '../../parts/models/model-actions.ts';
import { jobProgress, jobStateWord } from '../../parts/jobs-state.ts';

export function FileJob({ job, fileName }: { readonly job: Job; readonly fileName: string }) {
  const failed = job.state === 'failed';
  const progress = jobProgress(job);
  const stateWords = job.state === 'running' ? formatPercent(progress) : jobStateWord(job);
  return (
    <div className="models-file-job">
      <div className="models-file-progress">
        <span
          className="num"
          data-tone={failed ? 'red' : undefined}
          title={job.error ? wordsFor(job.error).title : undefined}
        >
          {stateWords}
        </span>
        <ProgressBar
          value={job.state === 'verifying' ? null : progress}
          label={words.downloads.acting(words.downloads.running.download, fileName)}
          valueText={words.downloads.stateAndPercent(jobStateWord(job), formatPercent(progress))}
          tone={failed ? 'red' : job.state === 'paused' ? 'neutral' : 'accent'}
          size="sm"
        />
      </div>
      {job.state === 'paused' && (
        <IconButton
          size="sm"
          icon={Play}
          label={words.downloads.resume(fileName)}
          onClick={() => void actOnJob('resume', job.id)}
        />
      )}
      {failed && (
        <IconButton
          size="sm"
          icon={RotateCw}
          label={words.downloads.retry(fileName)}
          onClick={() => void actOnJob('resume', job.id)}
        />
      )}
      <IconButton size="sm" icon={X} label={words.downloads.cancel(fileName)} onClick={() => void removeJob(job)} />
    </div>
  );
}
