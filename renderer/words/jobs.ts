/** What the page says of jobs: what each is about, what it found, how it ended. */
import type { Job, JobDetail } from '../../preload/contract/jobs.ts';
import { formatBytes } from './format.ts';

type Titled = Pick<Job, 'kind' | 'subject'>;

/** What a job is about. */
export function jobTitle({ kind, subject }: Titled): string {
  switch (kind) {
    case 'download':
      return subject ?? 'Download';
    case 'verify':
      return subject === null ? 'Check all models' : `Check ${subject}`;
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

/** What a job does at this moment, or what it did. */
export function jobDetailWords(detail: JobDetail): string {
  switch (detail.code) {
    case 'locked_elsewhere':
      return 'Another program is fetching this file';
    case 'retrying':
      return 'The connection failed, trying again soon';
    case 'hashing':
      return `Checking, ${detail.percent} %`;
    case 'comparing':
      return `The hash is wrong: comparing with the Hub, ${detail.percent} %`;
    case 'verified':
      return verifiedWords(detail);
    case 'moving':
      return `Moving ${detail.folder}`;
    case 'removing_old_folder':
      return 'Removing the old folder';
    case 'files_left':
      return detail.count === 1 ? '1 file stays in the old folder' : `${detail.count} files stay in the old folder`;
    case 'evicted':
      return evictedWords(detail);
    case 'used_from_next_load':
      return 'Used from the next load on';
    default:
      return detail satisfies never;
  }
}

/** How a job ended that brought no model. */
export function jobEndingWords(job: Pick<Job, 'kind' | 'subject' | 'detail'>): string {
  const found = job.detail === null ? '' : jobDetailWords(job.detail);
  if (found !== '') return found;
  switch (job.kind) {
    case 'verify':
      return `${jobTitle(job)}: every file is as it should be`;
    case 'limit':
      return 'The models are within the size limit';
    case 'move':
      return 'The models folder is moved';
    case 'backend':
      return `${jobTitle(job)} is installed`;
    case 'download':
      return jobTitle(job);
    default:
      return job.kind satisfies never;
  }
}

function verifiedWords(found: Extract<JobDetail, { code: 'verified' }>): string {
  const { checkedCount, damaged, damagedCount, unverifiableCount } = found;
  const unverifiable = unverifiableCount === 0 ? '' : `${files(unverifiableCount)} cannot be verified.`;
  if (damagedCount === 0) {
    const sound = checkedCount === 1 ? 'The file is sound.' : `All ${checkedCount} files are sound.`;
    return `${checkedCount === 0 ? '' : sound} ${unverifiable}`.trim();
  }
  const more = damagedCount > damaged.length ? ` and ${damagedCount - damaged.length} more` : '';
  const are = damagedCount === 1 ? 'is' : 'are';
  const all = `${files(damagedCount)} ${are} damaged: ${damaged.join(', ')}${more}. Download again to mend.`;
  return `${all} ${unverifiable}`.trim();
}

function evictedWords({ count, evicted, remaining }: Extract<JobDetail, { code: 'evicted' }>): string {
  const said = evicted.map(
    ({ name, freedBytes }) =>
      `Deleted ${name} (${formatBytes(freedBytes)}), used least recently, to keep within the limit.`,
  );
  if (count > evicted.length) said.push(`${count - evicted.length} more are in the log.`);
  if (remaining !== null)
    said.push(
      `The models still take ${formatBytes(remaining.totalBytes)}, more than the limit of ${formatBytes(remaining.limitBytes)}: the rest is pinned, in use or new.`,
    );
  return said.join(' ');
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
