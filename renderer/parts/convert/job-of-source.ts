/** The job that works on a source which the page shows. */
import type { ConversionSource } from '../../../preload/contract/convert.ts';
import type { Job } from '../../../preload/contract/jobs.ts';
import { isActive } from '../jobs-state.ts';

/** Whether a job converts this checkpoint or adapter now. Of a folder, whose job names no repository, the name decides. */
export function worksOn(job: Job, source: ConversionSource, name: string): boolean {
  if ((job.kind !== 'convert' && job.kind !== 'adapter') || !isActive(job)) return false;
  if (source.kind === 'hub') return job.repoId === source.repoId;
  const subject = job.subject ?? '';
  // Behind the name of a conversion stands its type.
  const named = job.kind === 'convert' ? subject.slice(0, Math.max(0, subject.lastIndexOf(' '))) : subject;
  return job.repoId === '' && named === name;
}
