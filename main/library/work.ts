/** Long work of the library, done through the jobs. */

/** The part of the jobs that work here is done through. Gives the job's id. */
export type RunJob = (order: {
  readonly kind: 'verify' | 'move' | 'limit';
  readonly title: string;
  readonly totalBytes: number;
  work(context: WorkContext): Promise<void>;
  discard?(): void;
}) => { readonly jobId: string };

export interface WorkContext {
  readonly signal: AbortSignal;
  progress(doneBytes: number, totalBytes?: number): void;
  detail(text: string | null): void;
  log(text: string): void;
}
