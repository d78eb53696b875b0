/** What a job's verification found goes into the metadata of the file that the job made. */
import type { Verification } from '../../../preload/contract/convert.ts';
import { writeVerification } from '../verify/write-verification.ts';
import type { StoredRecord } from './records.ts';
import type { JobTools } from './tools.ts';

/** Writes what was found into the file itself, where it has a place for it. @throws as `writeVerification`. */
export async function noteVerification(
  { readHeader }: Pick<JobTools, 'readHeader'>,
  file: string,
  {
    sourceName,
    sourceRevision,
    files,
    converterVersion,
  }: Pick<StoredRecord, 'sourceName' | 'sourceRevision' | 'files' | 'converterVersion'>,
  found: Verification,
  signal: AbortSignal,
): Promise<void> {
  const noted = { path: file, source: sourceName, revision: sourceRevision, converterVersion, sourceFiles: files };
  await writeVerification({ ...noted, readHeader }, found, signal);
}
