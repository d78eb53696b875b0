/** The downloads: a button in the rail with the overall progress, and the list behind it. */
import { ArrowDownToLine } from 'lucide-react';
import { useEffect, useRef, useState, type Ref } from 'react';
import type { Job } from '../../../preload/contract/jobs.ts';
import { navigate } from '../../navigation/router.ts';
import { Button } from '../../ui/controls/Button.tsx';
import { EmptyState } from '../../ui/display/EmptyState.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatPercent } from '../../words/format.ts';
import { Popover } from '../../ui/layers/Popover.tsx';
import { dismissSubject, toast } from '../../ui/layers/toast.ts';
import { wordsFor } from '../../words/error-words.ts';
import { words } from '../../words/words.ts';
import { chatWith, removeJob, reorderJob } from '../../parts/models/model-actions.ts';
import { DownloadItem } from './DownloadItem.tsx';
import { JobLog } from './JobLog.tsx';
import {
  endedBetween,
  isActive,
  jobFileName,
  jobTone,
  overallProgress,
  placeBeside,
  placeOn,
  trayOrder,
  type MaybeJobsState,
} from '../../parts/jobs-state.ts';
import { useConversionRecords } from '../../parts/convert/use-renewed.ts';
import { distinctNames } from '../../parts/models/local-list.ts';
import './tray.css';
import { useModelCommands } from './use-model-commands.ts';
import { useJobs, useLocalModels } from '../../parts/watched.ts';

export function DownloadTray() {
  const [open, setOpen] = useState(false);
  const [logId, setLogId] = useState<string | null>(null);
  const live = useJobs();
  const state = live.value ?? null;
  const jobs = state?.jobs ?? [];
  const active = jobs.filter(isActive).length;
  const failed = jobs.filter((job) => job.state === 'failed').length;
  const spoken = useEndings(state, open, () => setOpen(true));
  useModelCommands(() => setOpen(true));

  const logJob = jobs.find((job) => job.id === logId);

  return (
    <>
      {logJob && (
        <JobLog
          job={logJob}
          onClose={() => {
            setLogId(null);
            setOpen(true);
          }}
        />
      )}
      <Popover
        open={open}
        onOpenChange={setOpen}
        title={words.downloads.title}
        side={document.documentElement.dir === 'rtl' ? 'left' : 'right'}
        align="end"
        width={380}
        trigger={<TrayButton active={active} failed={failed} progress={overallProgress(jobs)} />}
      >
        <div className="models-tray">
          <div className="models-tray-head">
            <h2>{words.downloads.title}</h2>
            {jobs.filter((job) => job.state === 'done').length > 1 && (
              <Button size="sm" variant="ghost" onClick={() => clearDone(jobs)}>
                {words.downloads.clearFinished}
              </Button>
            )}
          </div>
          <p className="visually-hidden" role="status">
            {spoken}
          </p>
          {live.status === 'error' && <ErrorCard compact error={live.error} onRetry={live.retry} />}
          <Items
            state={state}
            onLog={(jobId) => {
              setOpen(false);
              setLogId(jobId);
            }}
          />
        </div>
      </Popover>
    </>
  );
}

function clearDone(jobs: readonly Job[]): void {
  for (const job of jobs) if (job.state === 'done') void removeJob(job);
}

function Items({ state, onLog }: { readonly state: MaybeJobsState; readonly onLog: (jobId: string) => void }) {
  const models = useLocalModels().value?.models;
  const records = useConversionRecords();
  // Models only: a downloaded model is offered for a chat by its name.
  const names = models && distinctNames(models.filter(({ kind }) => kind === 'model'));
  if (state === null) return null;
  if (state.jobs.length === 0) {
    return (
      <EmptyState compact icon={ArrowDownToLine} title={words.downloads.emptyTitle} text={words.downloads.emptyText} />
    );
  }
  const { jobs } = state;
  const place = (jobId: string, before: string | null | undefined): (() => void) | null =>
    before === undefined ? null : () => void reorderJob(jobId, before);
  return (
    <ul className="models-tray-items" aria-label={words.downloads.title} tabIndex={0}>
      {trayOrder(jobs).map((job) => (
        <DownloadItem
          key={job.id}
          job={job}
          speeds={state.speeds.get(job.id) ?? []}
          onLog={() => onLog(job.id)}
          onUp={place(job.id, placeBeside(jobs, job.id, 'up'))}
          onDown={place(job.id, placeBeside(jobs, job.id, 'down'))}
          onDropped={(dropped) => place(dropped, placeOn(jobs, dropped, job.id))?.()}
          modelName={job.modelId === null ? undefined : names?.get(job.modelId)}
          prunedLayerCount={job.modelId === null ? 0 : (records.get(job.modelId)?.prunedLayerCount ?? 0)}
        />
      ))}
    </ul>
  );
}

interface TrayButtonProps {
  readonly active: number;
  readonly failed: number;
  readonly progress: number | null;
  readonly ref?: Ref<HTMLButtonElement>;
}

const RADIUS = 11;
const ROUND = 2 * Math.PI * RADIUS;

/**
 * The slot is 56 px or 208 px wide; the text shows only in the wide one. `rest` has the props of the popover's trigger.
 */
function TrayButton({ active, failed, progress, ref, ...rest }: TrayButtonProps) {
  const percent = active > 0 ? formatPercent(progress ?? 0) : null;
  const name = words.downloads.name(active, failed, percent);
  return (
    <div className="models-tray-slot">
      <button type="button" {...rest} ref={ref} className="models-tray-button" aria-label={name} title={name}>
        <span className="models-tray-sign">
          <ArrowDownToLine size={active > 0 ? 13 : 18} aria-hidden />
          {active > 0 && (
            <svg className="models-ring" viewBox="0 0 26 26" aria-hidden>
              <circle className="models-ring-track" cx="13" cy="13" r={RADIUS} />
              <circle
                className="models-ring-done"
                cx="13"
                cy="13"
                r={RADIUS}
                strokeDasharray={`${ROUND * (progress ?? 0)} ${ROUND}`}
              />
            </svg>
          )}
          {(active > 1 || failed > 0) && (
            <span className="models-tray-count num" aria-hidden data-tone={failed > 0 ? 'red' : undefined}>
              {failed > 0 ? '!' : active}
            </span>
          )}
        </span>
        <span className="models-tray-label">{words.downloads.title}</span>{' '}
        {percent !== null && <span className="models-tray-percent num">{percent}</span>}
      </button>
    </div>
  );
}

/**
 * Announces once, on any screen, that a download has ended: by a notice, or, where the tray is open and shows it already, by words for a
 * screen reader, which are the result.
 */
function useEndings(state: MaybeJobsState, isOpen: boolean, showDownloads: () => void): string {
  const [spoken, setSpoken] = useState('');
  const before = useRef<MaybeJobsState>(null);
  const models = useLocalModels().value?.models;
  const known = useRef(models);
  useEffect(() => {
    known.current = models;
  }, [models]);
  useEffect(() => {
    const ended = endedBetween(before.current, state);
    before.current = state ?? before.current;
    if (isOpen) {
      if (ended.length > 0) setSpoken(ended.map(endingWords).join(' '));
      for (const { id } of ended) dismissSubject(id);
      return;
    }
    for (const job of ended) {
      const makesModel = job.kind === 'download' || job.kind === 'convert' || job.kind === 'quantize';
      if (job.state === 'done' && !makesModel) {
        toast({
          subject: job.id,
          text: words.jobs.ending(job),
          action: { label: words.ui.show, run: showDownloads },
        });
      } else if (job.state === 'done') {
        toast({
          subject: job.id,
          tone: jobTone(job) === 'red' ? 'red' : 'green',
          text: words.downloads.arrived(job.subject ?? words.jobs.title(job)),
          detail: job.kind === 'download' ? jobFileName(job) : words.jobs.ending(job),
          action: {
            label: words.models.chat,
            // Looked up at the click: the list may arrive after the end. Projectors and adapters are not offered for a
            // chat.
            run: () => {
              const { modelId } = job;
              if (modelId !== null && known.current?.some(({ id, kind }) => id === modelId && kind === 'model'))
                chatWith(modelId);
              else navigate({ screen: 'models', tab: 'local', repoId: null });
            },
          },
        });
      } else {
        toast({
          subject: job.id,
          tone: 'red',
          text: failureWords(job),
          ...(job.error ? { detail: wordsFor(job.error).title } : {}),
          action: { label: words.ui.show, run: showDownloads },
        });
      }
    }
  }, [state, isOpen, showDownloads]);
  return spoken;
}

const failureWords = (job: Job): string =>
  words.jobs.failed(job.kind === 'download' ? { ...job, subject: jobFileName(job) } : job);

/** What came of a job, as a sentence. */
function endingWords(job: Job): string {
  if (job.state === 'failed') return words.errors.asSentence(failureWords(job));
  const arrived = words.errors.asSentence(words.downloads.arrived(job.subject ?? words.jobs.title(job)));
  return job.kind === 'download' ? arrived : words.jobs.ending(job);
}
