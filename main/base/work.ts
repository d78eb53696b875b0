/** Long work: what a module orders, and what the queue in `main/jobs` hands to the one who does it. */
import type { Job, JobDetail, JobKind, JobState } from '../../preload/contract/jobs.ts';

/** One piece of long work. The queue knows when it runs; what it does and leaves is known by the module that ordered it. */
export interface WorkOrder {
  readonly kind: JobKind;
  /** What it is about, such as a repository's id; null where the kind says all. */
  readonly subject: string | null;
  /** 0 while it is not known. */
  readonly totalBytes: number;
  /** Set when nothing is left to do: the job is done at once and `run` is not called. */
  readonly isDone?: boolean;
  /** Whether a run that the end of the process cut goes on by itself at the next start. Otherwise it waits to be asked. */
  readonly startsAgain?: boolean;
  /** Does the work; called again after a pause, a failure and a wait for room. Throws the signal's reason soon after it fires. */
  run(context: TransferContext): Promise<void>;
  /** Takes away what the work left, after a cancel and after the dismissal of a failed job. The job goes when this settles. */
  discard?(): void | Promise<void>;
  /** What the module needs to make this order again in a later process; JSON. Stored with the job. */
  data?(): unknown;
  /** Looks at what earlier runs left. Called once for an order that was made again, before the job is shown. */
  prepare?(): Promise<void>;
  /**
   * Makes a job wait where it would fail with disk.full. Throws disk.full, with neededBytes and freeBytes of now, while the work has
   * no room.
   */
  findRoom?(): Promise<void>;
  /** What the job shows in place of what `progress` told; asked at every event. */
  view?(): WorkView;
  /** The job has entered another state; null: it is gone. */
  onState?(job: Job | null): void;
}

/** The facts of a job that only its module knows. */
export type WorkView = Pick<Job, 'repoId' | 'revision' | 'files' | 'segments' | 'modelId' | 'doneBytes' | 'totalBytes'>;

export interface WorkContext {
  /** Fires at a pause, a cancel and the end of the process. */
  readonly signal: AbortSignal;
  /** How far the work is. Never goes backwards for those who watch. */
  progress(doneBytes: number, totalBytes?: number): void;
  /** What is done or was found; stays beside the job, also when it is done. */
  detail(detail: JobDetail | null): void;
  /** One line of the job's log, in English. No token and no address with a signature. */
  log(text: string): void;
}

/** For work that receives bytes and shows them by a `view` of its own. */
export interface TransferContext extends WorkContext {
  /** Bytes came; the speed is made of them. */
  received(bytes: number): void;
  phase(state: Extract<JobState, 'running' | 'verifying'>): void;
}

/** Runs work as a job of the queue. Throws disk.full, and cancelled while Hearth closes. */
export type RunWork = (order: WorkOrder) => { readonly jobId: string };

/** Makes the order of an earlier process again from its data; null where it cannot go on. Throws for data that cannot be read. */
export type ResumeWork = (data: unknown) => WorkOrder | null;
