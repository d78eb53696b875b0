/** Deletions with undo: files are hidden at once and deleted some seconds later. */
import { randomUUID } from 'node:crypto';
import type { NotDeleted } from '../../../preload/contract/system.ts';
import { encodeError, isAppError } from '../../../preload/wire/errors.ts';
import { findLeftovers, removeCachedFiles, removeLeftovers, scanCache } from '../../hub/hub.ts';
import type { CacheIndex } from '../cache-index.ts';
import { bytesFreedBy, countShared, covers, namesOf, type Repositories, type Target } from './report.ts';

export interface DeletionsOptions {
  readonly index: CacheIndex;
  readonly folder: () => string;
  readonly undoMs: number;
  readonly isFetching: (repoId: string) => boolean;
  /** Called when files were hidden or shown again. */
  readonly onChange: () => void;
  /** Called when a deletion failed after its undo time. */
  readonly onFailure: (failure: DeletionFailure) => void;
}

/** A deletion that did not work, and why. */
export type DeletionFailure = NotDeleted & { readonly name: string };

export interface Deletion {
  readonly token: string;
  readonly undoMs: number;
  readonly freedBytes: number;
}

export type IsHidden = (repoId: string, commit: string, path: string) => boolean;

export interface Deletions {
  /** Runs `work` later, unless it is undone. `name` is the deleted thing, for people. */
  later(name: string, work: () => Promise<void>): { token: string; undoMs: number };
  /** Hides the targets now and deletes them later. `before` is called before the deletion. */
  begin(name: string, targets: readonly Target[], before: () => Promise<void>): Deletion;
  /** Shows the hidden files again. False when they are deleted or being deleted. */
  undo(token: string): boolean;
  isPending(token: string): boolean;
  readonly isHidden: IsHidden;
  /** The tokens of deletions that can be undone, and a check whether a file is hidden at the moment of the call. */
  hidden(): { readonly tokens: readonly string[]; readonly isHidden: IsHidden };
  /** Runs all deletions that can still be undone now. Never throws. */
  settle(): Promise<void>;
}

interface Pending {
  readonly name: string;
  readonly targets: readonly Target[];
  readonly timer: NodeJS.Timeout;
  readonly work: () => Promise<void>;
  /** Set while the deletion runs. Never rejects. */
  end: Promise<void> | null;
}

export function createDeletions(options: DeletionsOptions): Deletions {
  const { index, folder, undoMs, onChange } = options;
  const pending = new Map<string, Pending>();

  function put(name: string, targets: readonly Target[], work: () => Promise<void>): { token: string; undoMs: number } {
    const token = randomUUID();
    const timer = setTimeout(() => void carryOut(token), undoMs);
    timer.unref();
    pending.set(token, { name, targets, timer, work, end: null });
    onChange();
    return { token, undoMs };
  }

  /** Runs a deletion. Further calls share the first run. */
  async function carryOut(token: string): Promise<void> {
    const one = pending.get(token);
    if (!one) return;
    clearTimeout(one.timer);
    await (one.end ??= end(token, one));
  }

  async function end(token: string, one: Pending): Promise<void> {
    let failure: unknown;
    try {
      await one.work();
    } catch (error) {
      failure = error;
    }
    // Files that could not be deleted are shown again.
    pending.delete(token);
    try {
      await index.rescan();
    } catch (error) {
      failure ??= error;
    }
    onChange();
    if (failure !== undefined) options.onFailure({ name: one.name, ...whyNotDeleted(failure) });
  }

  /** Deletes every name of the targets, and for a whole repository also its leftovers. */
  async function removeTargets(at: string, targets: readonly Target[]): Promise<void> {
    // What somebody was told is deleted lies there, also when the models are looked for elsewhere now.
    const read = async (): Promise<Repositories> =>
      at === folder() ? await index.rescan() : (await scanCache(at, new Map<string, never>())).repositories;
    const known = await read();
    const wholes: Target[] = [];
    for (const target of targets) {
      const repository = known.get(target.repoId);
      if (!repository) continue;
      if (target.commit === null && target.path === null) wholes.push(target);
      await removeCachedFiles(at, target.repoId, namesOf(repository, target));
    }
    if (wholes.length === 0) return;
    const left = (await read()).values();
    const own = [...left].filter(({ repoId }) => wholes.some((target) => target.repoId === repoId));
    await removeLeftovers(at, await findLeftovers(at, own, options.isFetching));
  }

  return {
    later: (name, work) => put(name, [], work),
    begin(name, targets, before) {
      const at = folder();
      const freedBytes = freedBy(index.known() ?? new Map<string, never>(), targets);
      const { token } = put(name, targets, async () => {
        await before();
        await removeTargets(at, targets);
      });
      return { token, undoMs, freedBytes };
    },
    undo(token) {
      const one = pending.get(token);
      if (!one || one.end !== null) return false;
      clearTimeout(one.timer);
      pending.delete(token);
      onChange();
      return true;
    },
    isPending: (token) => pending.has(token),
    isHidden: hides(pending),
    hidden: () => ({ tokens: [...pending.keys()], isHidden: hides(new Map(pending)) }),
    async settle() {
      await Promise.all([...pending.keys()].map((token) => carryOut(token)));
    },
  };
}

function hides(pending: ReadonlyMap<string, Pending>): IsHidden {
  return (repoId, commit, path) => {
    for (const { targets } of pending.values())
      if (targets.some((target) => covers(target, repoId, commit, path))) return true;
    return false;
  };
}

function freedBy(known: Repositories, targets: readonly Target[]): number {
  const sharedCounts = countShared(known);
  return [...new Set(targets.map(({ repoId }) => repoId))].reduce((sum, repoId) => {
    const repository = known.get(repoId);
    if (!repository) return sum;
    const names = targets.flatMap((target) => (target.repoId === repoId ? namesOf(repository, target) : []));
    return sum + bytesFreedBy(repository, names, sharedCounts);
  }, 0);
}

/** Why a file could not be deleted: an error of Hearth's own, or the system's. */
function whyNotDeleted(error: unknown): NotDeleted {
  if (isAppError(error)) return { error: encodeError(error) };
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EBUSY':
    case 'ETXTBSY':
      return { reason: 'open_elsewhere', message };
    case 'EACCES':
    case 'EPERM':
      return { reason: 'denied', message };
    case 'EROFS':
      return { reason: 'read_only_disk', message };
    case 'EIO':
      return { reason: 'disk_error', message };
    default:
      return { reason: 'other', message };
  }
}
