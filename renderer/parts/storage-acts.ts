/** What the storage view does. A failure is told by a toast; the watched storage shows the rest. */
import type { StoredRepository } from '../../preload/contract/library.ts';
import { attempt } from '../connection/attempt.ts';
import { formatBytes } from '../words/format.ts';
import { toast } from '../ui/toast.ts';
import { modelIdsOf } from './storage-parts.ts';

/** A repository, one revision of it, or one file of that. */
export interface StorageTarget {
  readonly repoId: string;
  readonly commit: string | null;
  readonly path: string | null;
}

/** Hides the target at once; the toast takes it back as long as main waits with the files. */
export async function deleteStored(target: StorageTarget, name: string): Promise<void> {
  const deleted = await attempt('library.delete', target);
  if (!deleted) return;
  const { token, undoMs, freedBytes } = deleted;
  toast({
    text: `Deleted ${name}`,
    detail:
      freedBytes > 0 ? `Frees ${formatBytes(freedBytes)}.` : 'Frees nothing: another revision has the same bytes.',
    ms: undoMs,
    act: { label: 'Undo', run: () => void undo(token, name) },
  });
}

async function undo(token: string, name: string): Promise<void> {
  const undone = await attempt('library.undoDelete', { token });
  if (undone && !undone.restored) toast({ text: `${name} is gone already` });
}

/** Keeps every model of a repository from being evicted, or no longer. */
export async function pinRepository(repository: StoredRepository, pinned: boolean): Promise<void> {
  for (const modelId of modelIdsOf(repository))
    if ((await attempt('library.pin', { modelId, pinned })) === undefined) return;
}

/** Hashes the files of a repository again, or of all (null). */
export async function verifyStored(repoId: string | null): Promise<void> {
  await attempt('library.verify', { repoId });
}

/** Takes unfinished downloads and forgotten locks away. */
export async function cleanLeftovers(): Promise<void> {
  const cleaned = await attempt('library.clean', {});
  if (!cleaned) return;
  const { freedBytes } = cleaned;
  toast({ text: freedBytes > 0 ? `${formatBytes(freedBytes)} are free again` : 'Nothing could be cleaned up' });
}

/** Sets the size that the cache may reach; null is no limit. */
export async function setCacheLimit(cacheLimitBytes: number | null): Promise<void> {
  await attempt('settings.update', { downloads: { cacheLimitBytes } });
}
