/** Jobs: their titles, progress, results and failures. */
import type { ConversionPhase, Job, JobDetail } from '../../../preload/contract/jobs.ts';
import { formatBytes, formatInteger, formatPercent, plural } from '../format.ts';
import { convert } from './convert.ts';

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
    case 'convert':
      return subject === null ? 'Convert a model' : `Convert ${subject}`;
    case 'quantize':
      return subject === null ? 'Quantize a model' : `Quantize ${subject}`;
    case 'imatrix':
      return subject === null ? 'Importance matrix' : `Importance matrix of ${subject}`;
    case 'measure':
      return subject === null ? 'Measure models' : `Measure against ${subject}`;
    case 'verify_model':
      return subject === null ? 'Verify a model' : `Verify ${subject}`;
    case 'adapter':
      return subject === null ? 'Convert an adapter' : `Convert the adapter ${subject}`;
    case 'split':
      return subject === null ? 'Split a model' : `Split ${subject}`;
    case 'merge':
      return subject === null ? 'Join the files of a model' : `Join the files of ${subject}`;
    case 'export':
      return subject === null ? 'Export a model' : `Export ${subject} as safetensors`;
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
    case 'convert':
      return subject === null ? 'the conversion' : `the conversion of ${subject}`;
    case 'quantize':
      return subject === null ? 'the quantization' : `the quantization of ${subject}`;
    case 'imatrix':
      return 'the importance matrix';
    case 'measure':
      return 'the measurement';
    case 'verify_model':
      return subject === null ? 'the verification of a model' : `the verification of ${subject}`;
    case 'adapter':
      return 'the conversion of the adapter';
    case 'split':
      return subject === null ? 'the split' : `the split of ${subject}`;
    case 'merge':
      return 'the joining of the files';
    case 'export':
      return subject === null ? 'the export' : `the export of ${subject}`;
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
    case 'convert':
      return subject === null ? 'The conversion failed' : `${subject} was not converted`;
    case 'quantize':
      return subject === null ? 'The quantization failed' : `${subject} was not quantized`;
    case 'imatrix':
      return 'The importance matrix was not made';
    case 'measure':
      return 'The models were not measured';
    case 'verify_model':
      return subject === null ? 'The model could not be verified' : `${subject} could not be verified`;
    case 'adapter':
      return subject === null ? 'The adapter was not converted' : `The adapter ${subject} was not converted`;
    case 'split':
      return subject === null ? 'The model was not split' : `${subject} was not split`;
    case 'merge':
      return subject === null ? 'The files were not joined' : `The files of ${subject} were not joined`;
    case 'export':
      return subject === null ? 'The model was not exported' : `${subject} was not exported`;
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
    case 'convert':
      return job.subject === null ? 'Converting a model' : `Converting ${job.subject}`;
    case 'quantize':
      return job.subject === null ? 'Quantizing a model' : `Quantizing ${job.subject}`;
    case 'imatrix':
      return 'Collecting an importance matrix';
    case 'measure':
      return 'Measuring models';
    case 'verify_model':
      return job.subject === null ? 'Verifying a model' : `Verifying ${job.subject}`;
    case 'adapter':
      return job.subject === null ? 'Converting an adapter' : `Converting the adapter ${job.subject}`;
    case 'split':
      return job.subject === null ? 'Splitting a model' : `Splitting ${job.subject}`;
    case 'merge':
      return job.subject === null ? 'Joining the files of a model' : `Joining the files of ${job.subject}`;
    case 'export':
      return job.subject === null ? 'Exporting a model' : `Exporting ${job.subject}`;
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
    case 'conversion':
      return conversionStep(of);
    case 'converted':
      return converted(of);
    case 'imatrix':
      return plural(of.chunkCount, { one: 'Collected from # chunk of text', other: 'Collected from # chunks of text' });
    case 'measured':
      return 'The table is ready';
    case 'adapter':
      return `${formatBytes(of.sizeBytes)}. Choose it under Adapters in the Load settings of its base.`;
    case 'exported':
      return exported(of);
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
    case 'convert':
    case 'quantize':
    case 'imatrix':
    case 'measure':
    case 'verify_model':
    case 'adapter':
    case 'split':
    case 'merge':
    case 'export':
      return title(job);
    default:
      return job.kind satisfies never;
  }
}

function conversionStep(of: Extract<JobDetail, { code: 'conversion' }>): string {
  const step = phaseOf(of.phase);
  const counted = of.count === 0 ? step : `${step}, ${formatInteger(of.index)} of ${formatInteger(of.count)}`;
  return of.name === null ? counted : `${counted}: ${of.name}`;
}

function phaseOf(phase: ConversionPhase): string {
  switch (phase) {
    case 'checking':
      return 'Reading the headers';
    case 'downloading':
      return 'Downloading';
    case 'converting':
      return 'Converting';
    case 'imatrix':
      return 'Collecting the importance matrix';
    case 'quantizing':
      return 'Quantizing';
    case 'measuring':
      return 'Measuring';
    case 'copying':
      return 'Writing the files';
    case 'verifying':
      return 'Verifying the result';
    default:
      return phase satisfies never;
  }
}

function converted({ sizeBytes, verification }: Extract<JobDetail, { code: 'converted' }>): string {
  if (verification === null) return `Ready, ${formatBytes(sizeBytes)}. It was not verified.`;
  const result = verification.result === 'passed' ? 'Verified' : 'The verification failed';
  return `${formatBytes(sizeBytes)}. ${result}. ${convert.found(verification)}`;
}

function exported(of: Extract<JobDetail, { code: 'exported' }>): string {
  const written = `${plural(of.fileCount, { one: '# file', other: '# files' })}, ${formatBytes(of.sizeBytes)}, in ${of.folder}.`;
  return of.hasTokenizer ? written : `${written} Add the tokenizer’s files from the original repository.`;
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
