/** The log of a job, line by line, live. */
import { useEffect, useRef } from 'react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { useQuery } from '../../connection/live.ts';
import { CopyButton } from '../../ui/controls/CopyButton.tsx';
import { Dialog } from '../../ui/layers/Dialog.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { Skeleton } from '../../ui/display/Skeleton.tsx';
import { isActive, jobNoun } from '../../parts/jobs-state.ts';
import { words } from '../../words/words.ts';
import { formatClock } from '../../words/format.ts';

interface JobLogProps {
  readonly job: Job;
  readonly onClose: () => void;
}

/** Often enough to follow, and rarely enough that reading 500 lines again costs nothing. */
const READ_EVERY_MS = 1000;
/** Within this distance of the end the view follows new lines. */
const FOLLOW_PX = 24;

export function JobLog({ job, onClose }: JobLogProps) {
  const log = useQuery('jobs.log', { jobId: job.id }, { keep: true });
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  const lines = log.value?.lines;
  const read = log.retry;
  const { state } = job;
  const moves = isActive(job);
  useEffect(() => {
    // Once more after each change of state, because the end is logged too.
    read();
    const timer = moves ? setInterval(read, READ_EVERY_MS) : undefined;
    return () => clearInterval(timer);
  }, [read, moves, state]);
  useEffect(() => {
    if (follows.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [lines]);
  const text = (): string => (lines ?? []).map((line) => `${new Date(line.at).toISOString()} ${line.text}`).join('\n');
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      size="lg"
      title={words.downloads.logOf(jobNoun(job))}
      footer={<CopyButton label={words.ui.copy} disabled={!lines?.length} text={text} />}
    >
      {log.status === 'error' && <ErrorCard error={log.error} onRetry={log.retry} compact />}
      {log.status === 'loading' && lines === undefined && <Skeleton lines={5} />}
      {lines?.length === 0 && <p className="secondary">{words.downloads.nothingYet}</p>}
      {lines !== undefined && lines.length > 0 && (
        <ol
          className="code-box models-log"
          tabIndex={0}
          aria-label={words.downloads.log}
          ref={list}
          onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
            follows.current = scrollHeight - scrollTop - clientHeight < FOLLOW_PX;
          }}
        >
          {lines.map((line, index) => (
            <li key={`${line.at} ${index}`}>
              <time dateTime={new Date(line.at).toISOString()}>{formatClock(line.at)}</time>
              <span>{line.text}</span>
            </li>
          ))}
        </ol>
      )}
    </Dialog>
  );
}
