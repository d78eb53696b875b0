/** What the storage view does. A failure is told by a toast; the watched storage shows the rest. */
import type { StoredRepository } from '../../../preload/contract/storage.ts';
import { client } from '../../api.ts';
import { formatBytes } from '../../ui/format.ts';
import { toast } from '../../ui/toast.ts';
import { tellFailure } from './acts.ts';
import { modelIdsOf } from './storage-parts.ts';

/** A repository, one revision of it, or one file of that. */
export interface StorageTarget {
  readonly repoId: string;
  readonly commit: string | null;
  readonly path: string | null;
}

/** Hides the target at once; the toast takes it back as long as main waits with the files. */
export async function deleteStored(target: StorageTarget, name: string): Promise<void> {
  try {
    const { token, undoMs, freedBytes } = await client.call('storage.delete', target);
    toast({
      text: `Deleted ${name}`,
      detail:
        freedBytes > 0 ? `Frees ${formatBytes(freedBytes)}.` : 'Frees nothing: another revision has the same bytes.',
      ms: undoMs,
      act: { label: 'Undo', run: () => void undo(token, name) },
    });
  } catch (cause) {
    tellFailure(cause);
  }
}

async function undo(token: string, name: string): Promise<void> {
  try {
    const { restored } = await client.call('storage.undoDelete', { token });
    if (!restored) toast({ text: `${name} is gone already` });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Keeps every model of a repository from being evicted, or no longer. */
export async function pinRepository(repository: StoredRepository, pinned: boolean): Promise<void> {
  try {
    for (const modelId of modelIdsOf(repository)) await client.call('models.pin', { modelId, pinned });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Hashes the files of a repository again, or of all (null). */
export async function verifyStored(repoId: string | null): Promise<void> {
  try {
    await client.call('storage.verify', { repoId });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Takes unfinished downloads and forgotten locks away. */
export async function cleanLeftovers(): Promise<void> {
  try {
    const { freedBytes } = await client.call('storage.clean', {});
    toast({ text: freedBytes > 0 ? `${formatBytes(freedBytes)} are free again` : 'Nothing could be cleaned up' });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Sets the size that the cache may reach; null is no limit. */
export async function setCacheLimit(cacheLimitBytes: number | null): Promise<void> {
  try {
    await client.call('settings.update', { downloads: { cacheLimitBytes } });
  } catch (cause) {
    tellFailure(cause);
  }
}
