/** Jobs: their titles, progress, results and failures. */
import type { Job, JobDetail } from '../../../preload/contract/jobs.ts';
import { formatBytes, formatInteger, formatPercent, plural } from '../format.ts';

type Titled = Pick<Job, 'kind' | 'subject'>;

/** The title of a job. */
function title({ kind, subject }: Titled): string {
  switch (kind) {
    case 'download':
      return subject ?? 'Download';
    case 'verify':
      return subject === null ? 'Verify all models' : `Verify ${subject}`;
    case 'move':
      return 'Move the models';
    case 'limit':
      return 'Keep the models within the size limit';
    case 'backend':
      return backendTitle(subject);
    default:
      return kind satisfies never;
  }
}

/** A job that is not a download, as the object of a sentence. */
function noun({ kind, subject }: Titled): string {
  switch (kind) {
    case 'download':
      return subject ?? 'the download';
    case 'verify':
      return subject === null ? 'the verification of all models' : `the verification of ${subject}`;
    case 'move':
      return 'the move of the models';
    case 'limit':
      return 'the cleanup for the size limit';
    case 'backend':
      return `the installation of ${backendTitle(subject)}`;
    default:
      return kind satisfies never;
  }
}

/** The sentence for a job that failed. */
function failed({ kind, subject }: Titled): string {
  switch (kind) {
    case 'download':
      return subject === null ? 'The download failed' : `${subject} was not downloaded`;
    case 'verify':
      return subject === null ? 'The models could not be verified' : `${subject} could not be verified`;
    case 'move':
      return 'The models were not moved';
    case 'limit':
      return 'The size limit could not be kept';
    case 'backend':
      return `${backendTitle(subject)} was not installed`;
    default:
      return kind satisfies never;
  }
}

function backendTitle(backend: string | null): string {
  switch (backend) {
    case 'cuda':
      return 'GPU support for NVIDIA (CUDA)';
    case 'vulkan':
      return 'GPU support for AMD, Intel and NVIDIA (Vulkan)';
    default:
      return 'GPU support';
  }
}

/** A running or waiting job in one phrase, used as a heading. */
function atWork(job: Pick<Job, 'kind' | 'subject' | 'state'>): string {
  switch (job.state) {
    case 'queued':
      return `${title(job)}: waiting for its turn`;
    case 'waiting':
      return `${title(job)}: waiting for disk space`;
    default:
      return doing(job);
  }
}

function doing(job: Titled): string {
  switch (job.kind) {
    case 'download':
      return job.subject === null ? 'Downloading' : `Downloading ${job.subject}`;
    case 'verify':
      return job.subject === null ? 'Verifying all models' : `Verifying ${job.subject}`;
    case 'move':
      return 'Moving the models';
    case 'limit':
      return 'Freeing space to stay within the size limit';
    case 'backend':
      return `Downloading ${backendTitle(job.subject)}`;
    default:
      return job.kind satisfies never;
  }
}

/** The current or last step of a job. */
function detail(of: JobDetail): string {
  switch (of.code) {
    case 'locked_elsewhere':
      return 'Another program is downloading this file';
    case 'retrying':
      return 'The connection failed, trying again soon';
    case 'hashing':
      return `Verifying, ${formatPercent(of.percent / 100)}`;
    case 'comparing':
      return `The hash is wrong: comparing with the Hub, ${formatPercent(of.percent / 100)}`;
    case 'verified':
      return verified(of);
    case 'moving':
      return `Moving ${of.folder}`;
    case 'removing_old_folder':
      return 'Removing the old folder';
    case 'files_left':
      return plural(of.count, { one: '# file stays in the old folder', other: '# files stay in the old folder' });
    case 'evicted':
      return evicted(of);
    case 'used_from_next_load':
      return 'Takes effect at the next load';
    default:
      return of satisfies never;
  }
}

/** The result of a job that is not a model. */
function ending(job: Pick<Job, 'kind' | 'subject' | 'detail'>): string {
  const found = job.detail === null ? '' : detail(job.detail);
  if (found !== '') return found;
  switch (job.kind) {
    case 'verify':
      return job.subject === null ? 'Every file is intact' : `Every file of ${job.subject} is intact`;
    case 'limit':
      return 'The models are within the size limit';
    case 'move':
      return 'The models folder was moved';
    case 'backend':
      return `${title(job)} is installed`;
    case 'download':
      return title(job);
    default:
      return job.kind satisfies never;
  }
}

function verified(found: Extract<JobDetail, { code: 'verified' }>): string {
  const { checkedCount, damaged, damagedCount, unverifiableCount } = found;
  const unverifiable =
    unverifiableCount === 0
      ? ''
      : plural(unverifiableCount, { one: '# file cannot be verified.', other: '# files cannot be verified.' });
  if (damagedCount === 0) {
    const intact = plural(checkedCount, { one: 'The file is intact.', other: 'All # files are intact.' });
    return `${checkedCount === 0 ? '' : intact} ${unverifiable}`.trim();
  }
  const more = damagedCount > damaged.length ? ` and ${formatInteger(damagedCount - damaged.length)} more` : '';
  const are = plural(damagedCount, { one: '# file is damaged', other: '# files are damaged' });
  return `${are}: ${damaged.join(', ')}${more}. Download again to repair. ${unverifiable}`.trim();
}

function evicted(of: Extract<JobDetail, { code: 'evicted' }>): string {
  const said = of.evicted.map(
    ({ name, freedBytes }) =>
      `Deleted ${name} (${formatBytes(freedBytes)}), unused for longest, to stay within the limit.`,
  );
  if (of.count > of.evicted.length)
    said.push(plural(of.count - of.evicted.length, { one: '# more is in the log.', other: '# more are in the log.' }));
  if (of.remaining !== null)
    said.push(
      `The models still take ${formatBytes(of.remaining.totalBytes)}, more than the limit of ${formatBytes(of.remaining.limitBytes)}: the others are pinned, in use or new.`,
    );
  return said.join(' ');
}

export const jobs = { title, noun, failed, atWork, detail, ending };
