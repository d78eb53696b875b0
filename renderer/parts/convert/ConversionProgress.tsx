/** A conversion under way, on the page of what is converted. Downloads has its other acts. */
import { X } from 'lucide-react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { ProgressBar } from '../../ui/display/ProgressBar.tsx';
import { formatDuration, formatPercent } from '../../words/format.ts';
import { words } from '../../words/words.ts';
import { jobNoun, jobProgress, jobStateWord } from '../jobs-state.ts';
import { removeJob } from '../models/model-actions.ts';
import { ConversionSteps } from './ConversionSteps.tsx';
import './convert-parts.css';

export function ConversionProgress({ job }: { readonly job: Job }) {
  const progress = jobProgress(job);
  const noun = jobNoun(job);
  return (
    <div className="convert-progress" role="group" aria-label={words.jobs.atWork(job)}>
      <div className="convert-progress-head num">
        <span>{words.jobs.atWork(job)}</span>
        <span className="secondary">
          {words.downloads.stateAndPercent(jobStateWord(job), formatPercent(progress))}
          {job.secondsLeft !== null &&
            ` · ${words.downloads.left(formatDuration(Math.max(1000, job.secondsLeft * 1000)))}`}
        </span>
        <IconButton size="sm" icon={X} label={words.downloads.cancel(noun)} onClick={() => void removeJob(job)} />
      </div>
      <ProgressBar value={job.totalBytes > 0 ? progress : null} label={words.jobs.atWork(job)} size="sm" />
      <ConversionSteps job={job} />
    </div>
  );
}
