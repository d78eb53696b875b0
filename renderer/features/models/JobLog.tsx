/** What a job did, line by line. */
import { Check, Copy, RefreshCw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { useQuery } from '../../live.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { ErrorCard } from '../../ui/ErrorCard.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { jobFileName } from './jobs-state.ts';

interface JobLogProps {
  readonly job: Job;
  readonly onClose: () => void;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export function JobLog({ job, onClose }: JobLogProps) {
  const log = useQuery('jobs.log', { jobId: job.id }, { keep: true });
  const [copied, setCopied] = useState(false);
  const end = useRef<HTMLOListElement>(null);
  const lines = log.value?.lines;
  useEffect(() => {
    end.current?.scrollTo({ top: end.current.scrollHeight });
  }, [lines]);
  const copy = async (): Promise<void> => {
    const text = (lines ?? []).map((line) => `${new Date(line.at).toISOString()} ${line.text}`).join('\n');
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      size="lg"
      title={`Log of ${jobFileName(job)}`}
      footer={
        <>
          <Button icon={RefreshCw} loading={log.refreshing} onClick={log.retry}>
            Refresh
          </Button>
          <Button icon={copied ? Check : Copy} disabled={!lines?.length} onClick={() => void copy()}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        </>
      }
    >
      {log.status === 'error' && <ErrorCard error={log.error} onRetry={log.retry} compact />}
      {log.status === 'loading' && lines === undefined && <Skeleton lines={5} />}
      {lines?.length === 0 && <p className="secondary">Nothing has happened yet.</p>}
      {lines !== undefined && lines.length > 0 && (
        <ol className="models-log mono" tabIndex={0} aria-label="Log" ref={end}>
          {lines.map((line, index) => (
            <li key={`${line.at} ${index}`}>
              <time dateTime={new Date(line.at).toISOString()}>{clock.format(line.at)}</time>
              <span>{line.text}</span>
            </li>
          ))}
        </ol>
      )}
    </Dialog>
  );
}
