/** Long work: the orders of modules, and the context that the queue in `main/jobs` passes to them. */
import type { Job, JobDetail, JobKind, JobState } from '../../preload/contract/jobs.ts';

/** One piece of long work. The queue decides when it runs; only the module that ordered it knows what it does. */
export interface WorkOrder {
  readonly kind: JobKind;
  /** The subject, such as a repository's id; null when the kind is enough. */
  readonly subject: string | null;
  /** 0 while it is not known. */
  readonly totalBytes: number;
  /** True when nothing is left to do: the job is done at once and `run` is not called. */
  readonly isDone?: boolean;
  /** Whether work that the end of the process interrupted continues by itself at the next start. Default: it is paused then. */
  readonly startsAgain?: boolean;
  /** Whether its partial results are worth a moment in which a cancel can be undone. Default: they are removed at once. */
  readonly canBringBack?: boolean;
  /** How many of the kind or of the lane may run at a time, as it is set now. Default: 1. */
  slots?(): number;
  /** Orders of several kinds that share their slots, because each of them takes all cores. Absent: those of its kind. */
  readonly lane?: 'cores';
  /** Does the work. Called again after a pause, a failure and a wait for space. Throws the signal's reason soon after it fires. */
  run(context: TransferContext): Promise<void>;
  /** Removes what the work left, after a cancel and after the dismissal of a failed job. The job is removed when this settles. */
  discard?(): void | Promise<void>;
  /** What the module needs to make this order again in a later process. JSON, stored with the job. */
  data?(): unknown;
  /** Measures the progress of earlier runs. Called once for an order of an earlier process, before its job is shown. */
  prepare?(): Promise<void>;
  /**
   * Checks whether the disk has space for the work. With it a job that fails with disk.full waits for space. Throws disk.full, with
   * neededBytes and freeBytes, while there is too little.
   */
  checkSpace?(): Promise<void>;
  /** The facts that the job shows in place of the numbers of `progress`. Called at every event. */
  view?(): WorkView;
  /** Called when the job has entered another state; with null when it is removed. */
  onState?(job: Job | null): void;
}

/** The facts of a job that only its module knows. */
export type WorkView = Pick<Job, 'repoId' | 'revision' | 'files' | 'segments' | 'modelId' | 'doneBytes' | 'totalBytes'>;

export interface WorkContext {
  /** Fires at a pause, a cancel and the end of the process. */
  readonly signal: AbortSignal;
  /** Reports progress. A smaller number than before is not shown. */
  progress(doneBytes: number, totalBytes?: number): void;
  /** Sets the job's detail, which stays when the job is done. */
  detail(detail: JobDetail | null): void;
  /** One line of the job's log, in English. No token and no address with a signature. */
  log(text: string): void;
}

/** For work that receives bytes and shows them by a `view` of its own. */
export interface TransferContext extends WorkContext {
  /** Counts bytes for the speed. */
  received(bytes: number): void;
  /** Stores the data of the order now, for the next process. */
  keep(): void;
  /** The state that the job shows. Ignored when the run is over. */
  phase(state: Extract<JobState, 'running' | 'verifying'>): void;
}

/** Runs work as a job of the queue. Throws disk.full, and cancelled while Hearth closes. */
export type RunWork = (order: WorkOrder) => { readonly jobId: string };

/** Makes the order of an earlier process again from its data; null where it cannot be continued. Throws for unreadable data. */
export type ResumeWork = (data: unknown) => WorkOrder | null;
