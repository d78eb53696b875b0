/** `hearth cache`: what the cache of models holds, by the app's library. */
import path from 'node:path';
import type { HearthClient } from '../../preload/contract/contract.ts';
import { repoIdSchema } from '../../preload/contract/hub.ts';
import type { Job } from '../../preload/contract/jobs.ts';
import type { StorageEvent } from '../../preload/contract/library.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { shownName } from '../base/foreign-text.ts';
import { formatBytes, formatInteger } from '../base/format.ts';
import { findDuplicates, scanCache, type Duplicate } from '../hub/hub.ts';
import { openApp } from './app-of-folder.ts';
import { cacheFolderOf } from './cache-folder.ts';
import { firstEvent } from './first-event.ts';
import { UsageError, type Invocation, type Values } from './invocation.ts';
import { agrees, canAsk } from './question.ts';
import { textTable } from './text-table.ts';

/** Duplicates that the table names. */
const MAX_SHOWN_DUPLICATES = 10;

/**
 * Lists the cache, verifies its files, deletes leftovers, or prints its folder.
 * @throws UsageError, AppError `model.corrupt` for damaged files, `not_found` for a repository that is not here, `store.*`, `disk.*`.
 */
export async function runCache(
  values: Values<'cache'>,
  [action = 'list', repository]: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { environment, output } = invocation;
  if (repository !== undefined && action !== 'verify') throw new UsageError(`"cache ${action}" takes no repository.`);
  if (values.yes && action !== 'clean') throw new UsageError(`"cache ${action}" has no option --yes.`);
  const repoId = repository === undefined ? null : repoIdOf(repository);
  if (action === 'path') {
    const folder = await cacheFolderOf(environment);
    return output.done({ folder }, folder);
  }
  const app = await openApp(invocation);
  try {
    const storage = await firstEvent(app.client, 'library.watchStorage', invocation.signal);
    const own = environment.cacheFolder?.path;
    if (own !== undefined && path.resolve(own) !== path.resolve(storage.folder))
      throw new AppError(
        'busy',
        `Hearth is running with the cache ${storage.folder}. Close it first to work on ${own}.`,
      );
    if (action === 'verify') await verify(app.client, repoId, invocation);
    else if (action === 'clean') await clean(app.client, storage, values.yes, invocation);
    else await list(storage, invocation);
  } finally {
    await app.close();
  }
}

function repoIdOf(text: string): string {
  const parsed = repoIdSchema.safeParse(text);
  if (!parsed.success) throw new UsageError(`"cache verify" takes a repository, OWNER/NAME, not "${text}".`);
  return parsed.data;
}

async function list(storage: StorageEvent, { output }: Invocation): Promise<void> {
  const { repositories, totalBytes, leftoverBytes, freeBytes, limitBytes, adopted, folder } = storage;
  const duplicates = findDuplicates((await scanCache(folder)).repositories.values());
  const duplicateBytes = duplicates.reduce((sum, { sizeBytes, files }) => sum + sizeBytes * (files.length - 1), 0);
  output.done(
    { folder, totalBytes, freeBytes, limitBytes, leftoverBytes, duplicateBytes, repositories, duplicates, adopted },
    described(storage, duplicates, duplicateBytes),
  );
}

function described(storage: StorageEvent, duplicates: readonly Duplicate[], duplicateBytes: number): string {
  const { repositories, totalBytes, leftoverBytes, freeBytes, limitBytes, adopted, folder } = storage;
  const rows = repositories.map(({ repoId, sizeBytes, revisions, lastUsedAt, pinned, busy }) => [
    repoId,
    formatBytes(sizeBytes),
    formatInteger(new Set(revisions.flatMap(({ files }) => files.map((file) => file.path))).size),
    lastUsedAt === null ? 'never' : new Date(lastUsedAt).toISOString().slice(0, 10),
    [...(pinned ? ['pinned'] : []), ...(busy ? ['in use'] : [])].join(', '),
  ]);
  const limit = limitBytes === null ? '' : `, of at most ${formatBytes(limitBytes)}`;
  const free = freeBytes === null ? '' : ` ${formatBytes(freeBytes)} of the disk are free.`;
  const more = [
    ...(leftoverBytes > 0
      ? [`${formatBytes(leftoverBytes)} are leftovers of interrupted downloads: hearth cache clean`]
      : []),
    ...adopted.map(
      ({ origin, models, sizeBytes }) =>
        `Outside of it: ${formatInteger(models)} models (${origin}), ${formatBytes(sizeBytes)}.`,
    ),
    ...(duplicates.length > 0 ? [`${formatBytes(duplicateBytes)} are here more than once:`] : []),
    ...duplicates
      .slice(0, MAX_SHOWN_DUPLICATES)
      .map(
        ({ sizeBytes, files }) =>
          `  ${formatBytes(sizeBytes)}  ${files.map(({ repoId, path: name }) => `${repoId}/${shownName(name)}`).join(', ')}`,
      ),
  ];
  return [
    ...(rows.length > 0 ? [...textTable(['REPOSITORY', 'SIZE', 'FILES', 'LAST USED', ''], rows), ''] : []),
    `${folder} has ${formatBytes(totalBytes)} of models${limit}.${free}`,
    ...more,
  ].join('\n');
}

async function clean(
  client: HearthClient,
  storage: StorageEvent,
  isSure: boolean,
  { output, signal }: Invocation,
): Promise<void> {
  const { leftoverBytes, folder } = storage;
  if (leftoverBytes === 0) return output.done({ folder, leftoverBytes, freedBytes: 0 }, 'There are no leftovers.');
  const found = `${formatBytes(leftoverBytes)} are leftovers of interrupted downloads that no program uses`;
  if (!isSure && !canAsk(output.json))
    return output.done({ folder, leftoverBytes, freedBytes: 0 }, `${found}. --yes deletes them.`);
  if (!isSure && !(await agrees(`${found}. Delete them?`, signal)))
    return output.done({ folder, leftoverBytes, freedBytes: 0 }, 'Nothing was deleted.');
  const { freedBytes } = await client.call('library.clean', {}, { signal });
  output.done(
    { folder, leftoverBytes: Math.max(0, leftoverBytes - freedBytes), freedBytes },
    `Deleted ${formatBytes(freedBytes)}.`,
  );
}

async function verify(client: HearthClient, repoId: string | null, { output, signal }: Invocation): Promise<void> {
  const { jobId } = await client.call('library.verify', { repoId }, { signal });
  const job = await ended(client, jobId, output, signal);
  const { lines } = await client.call('jobs.log', { jobId }, { signal });
  await client.call('jobs.dismiss', { jobId }, { signal });
  if (job.error !== null) throw new AppError(job.error.code, job.error.message, job.error.data);
  if (job.detail?.code !== 'verified') throw new AppError('internal', 'The verification told no result.');
  const { checkedCount, damagedCount, unverifiableCount, damaged } = job.detail;
  const texts = lines.map(({ text }) => text);
  output.done(
    { type: 'done', repoId, checkedCount, damagedCount, unverifiableCount, lines: texts },
    texts.map(shownName).join('\n'),
  );
  if (damagedCount === 0) return;
  const more = damagedCount > damaged.length ? ` and ${damagedCount - damaged.length} more` : '';
  throw new AppError(
    'model.corrupt',
    `${damaged.join(', ')}${more} ${damagedCount === 1 ? 'is' : 'are'} damaged. Delete with hearth rm, and download again with hearth pull.`,
    { reason: 'hash', damagedCount },
  );
}

/** Waits for the end of a job, with its progress; an interrupt cancels it. @throws AppError `cancelled`, `disconnected`. */
async function ended(
  client: HearthClient,
  jobId: string,
  output: Invocation['output'],
  signal: AbortSignal,
): Promise<Job> {
  const isEnd = ({ state }: Job): boolean => state === 'done' || state === 'failed';
  try {
    for await (const event of client.stream('jobs.watch', {}, { signal })) {
      const jobs = event.type === 'snapshot' ? event.jobs : event.type === 'job' ? [event.job] : [];
      const job = jobs.find(({ id }) => id === jobId);
      if (event.type === 'removed' && event.jobId === jobId) break;
      if (job === undefined) continue;
      output.progress({ phase: 'verifying', doneBytes: job.doneBytes, totalBytes: job.totalBytes });
      if (isEnd(job)) return job;
    }
  } finally {
    if (signal.aborted) await client.call('jobs.cancel', { jobId }).catch(() => {});
  }
  throw new AppError('cancelled', 'The verification was canceled.');
}
