/** Actions of the storage view. A failure shows in a toast; a success shows in the watched storage. */
import type { StoredRepository } from '../../../preload/contract/library.ts';
import { attempt } from '../../connection/attempt.ts';
import { formatBytes } from '../../words/format.ts';
import { toast } from '../../ui/layers/toast.ts';
import { modelIdsOf } from './storage-parts.ts';
import { words } from '../../words/words.ts';

/** A repository, one revision of it, or one file of a revision. */
export interface StorageTarget {
  readonly repoId: string;
  readonly commit: string | null;
  readonly path: string | null;
}

/** Hides the target at once. The toast can undo the deletion until main deletes the files. */
export async function deleteStored(target: StorageTarget, name: string): Promise<void> {
  const deleted = await attempt('library.delete', target);
  if (!deleted) return;
  const { token, undoMs, freedBytes } = deleted;
  toast({
    text: words.models.actions.deleted(name),
    detail: freedBytes > 0 ? words.models.actions.frees(formatBytes(freedBytes)) : words.models.actions.freesNothing,
    ms: undoMs,
    action: { label: words.ui.undo, run: () => void undo(token, name) },
  });
}

async function undo(token: string, name: string): Promise<void> {
  const undone = await attempt('library.undoDelete', { token });
  if (undone && !undone.restored) toast({ text: words.models.actions.goneAlready(name) });
}

/** Pins or unpins every model of a repository: a pinned one is not evicted. */
export async function pinRepository(repository: StoredRepository, pinned: boolean): Promise<void> {
  for (const modelId of modelIdsOf(repository))
    if ((await attempt('library.pin', { modelId, pinned })) === undefined) return;
}

/** Hashes the files of a repository again, or of all (null). */
export async function verifyStored(repoId: string | null): Promise<void> {
  await attempt('library.verify', { repoId });
}

/** Deletes unfinished downloads and stale locks. */
export async function cleanLeftovers(): Promise<void> {
  const cleaned = await attempt('library.clean', {});
  if (!cleaned) return;
  const { freedBytes } = cleaned;
  toast({
    text: freedBytes > 0 ? words.models.actions.cleaned(formatBytes(freedBytes)) : words.models.actions.nothingCleaned,
  });
}

/** Sets the size limit of the cache; null means no limit. */
export async function setCacheLimit(cacheLimitBytes: number | null): Promise<void> {
  await attempt('settings.update', { downloads: { cacheLimitBytes } });
}
