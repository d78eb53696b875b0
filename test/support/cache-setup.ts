/** A cache as huggingface_hub writes it, and the storage module over it. */
import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DeletionFailure } from '../../main/library/storage/deletions.ts';
import type { InUse } from '../../main/library/storage/in-use.ts';
import type { MovePlan } from '../../main/library/storage/move.ts';
import { createModelUse } from '../../main/library/models/model-use.ts';
import { createStorage, type Storage, type StorageOptions } from '../../main/library/storage/storage.ts';
import type { JobDetail } from '../../preload/contract/jobs.ts';
import type { RunWork } from '../../main/base/work.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import { alone } from './alone.ts';

export const commits = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

/** A new temporary folder that is deleted after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-storage-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface CacheFile {
  readonly repoId?: string;
  readonly commit?: string;
  readonly path?: string;
  readonly bytes?: Buffer | string;
  /** The branch that points to the commit. */
  readonly ref?: string;
}

/**
 * Adds a file as Python does: the blob by its sha256, a relative link in the snapshot, a ref. Returns the blob's name.
 */
export async function putFile(folder: string, file: CacheFile): Promise<string> {
  const { repoId = 'owner/name', commit = commits[0], path = 'x.gguf', bytes = randomBytes(1000), ref } = file;
  const root = join(folder, `models--${repoId.replace('/', '--')}`);
  const blob = createHash('sha256').update(bytes).digest('hex');
  const pointer = join(root, 'snapshots', commit, path);
  await mkdir(join(root, 'blobs'), { recursive: true });
  await mkdir(dirname(pointer), { recursive: true });
  await writeFile(join(root, 'blobs', blob), bytes);
  await symlink(`${'../'.repeat(path.split('/').length + 1)}blobs/${blob}`, pointer);
  if (ref !== undefined) {
    await mkdir(dirname(join(root, 'refs', ref)), { recursive: true });
    await writeFile(join(root, 'refs', ref), commit);
  }
  return blob;
}

export const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

/** Every file and link below `folder`; links with their targets. */
export async function tree(folder: string, inside = ''): Promise<string[]> {
  const lists = (await readdir(join(folder, inside), { withFileTypes: true })).map(async (entry) => {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) return await tree(folder, path);
    return [entry.isSymbolicLink() ? `${path} -> ${await readlink(join(folder, path))}` : path];
  });
  return (await Promise.all(lists)).flat().sort();
}

/** Jobs that run at once; their events are kept. */
export function jobsAtOnce(): {
  run: RunWork;
  said: { kinds: string[]; details: (JobDetail | null)[]; lines: string[]; doneBytes: number; totalBytes: number };
  finished: () => Promise<void>;
  abort: AbortController;
} {
  const said = {
    kinds: [] as string[],
    details: [] as (JobDetail | null)[],
    lines: [] as string[],
    doneBytes: 0,
    totalBytes: 0,
  };
  const abort = new AbortController();
  let work: Promise<void> = Promise.resolve();
  return {
    said,
    abort,
    finished: () => work,
    run(order) {
      said.kinds.push(order.kind);
      work = order.run({
        ...alone,
        signal: abort.signal,
        progress(doneBytes, totalBytes) {
          said.doneBytes = doneBytes;
          if (totalBytes !== undefined) said.totalBytes = totalBytes;
        },
        detail: (detail) => void said.details.push(detail),
        log: (text) => void said.lines.push(text),
      });
      work.catch(() => {});
      return { jobId: 'job' };
    },
  };
}

/** A move without settings. `placed` receives the paths that the move is about to write. */
export function movePlan(from: string, to: string, placed: string[] = []): MovePlan {
  return {
    from,
    to,
    freeDiskBytes: async () => null,
    isInUse: () => false,
    switchOver: async () => {},
    record: (paths) => void placed.push(...paths),
    recorded: () => placed,
  };
}

/** For a storage that nobody uses. */
export const nothingInUse: InUse = {
  loadedModels: () => [],
  leasedModels: () => [],
  unload: async () => {},
  isFetching: () => false,
  isAnyFetching: () => false,
};

export interface SetUp {
  readonly folder: string;
  readonly store: Store;
  readonly storage: Storage;
  readonly jobs: ReturnType<typeof jobsAtOnce>;
  /** The failed deletions that were reported. */
  readonly notDeleted: DeletionFailure[];
  /** Conditions that tests change: the loaded models, running downloads, the limit. */
  readonly conditions: {
    loaded: string[];
    leased: string[];
    fetching: string[];
    limitBytes: number | null;
    folder: string;
  };
}

export const migrations = join(import.meta.dirname, '../../main/store/migrations');

export async function setUp(options: Partial<StorageOptions> = {}): Promise<SetUp> {
  const [folder, data] = [await temporaryFolder(), await temporaryFolder()];
  const store = openStore(data, migrations);
  const jobs = jobsAtOnce();
  const notDeleted: DeletionFailure[] = [];
  const conditions: SetUp['conditions'] = { loaded: [], leased: [], fetching: [], limitBytes: null, folder };
  const used = options.store ?? store;
  const storage = createStorage({
    store,
    use: createModelUse(used, Date.now, () => {}),
    folder: () => conditions.folder,
    limitBytes: () => conditions.limitBytes,
    freeDiskBytes: async () => 1e12,
    inUse: {
      loadedModels: () => conditions.loaded,
      leasedModels: () => conditions.leased,
      async unload(modelId) {
        conditions.loaded = conditions.loaded.filter((loaded) => loaded !== modelId);
      },
      isFetching: (repoId) => conditions.fetching.includes(repoId),
      isAnyFetching: () => conditions.fetching.length > 0,
    },
    adopted: () => [],
    run: jobs.run,
    folderOfChoice: (choiceId) => choiceId,
    useChoice: async (choiceId) => void (conditions.folder = choiceId),
    onChange: () => {},
    onNotDeleted: (failure) => void notDeleted.push(failure),
    log: () => {},
    undoMs: 60_000,
    ...options,
  });
  onTestFinished(async () => {
    await storage.close();
    store.close();
  });
  return { folder, store, storage, jobs, notDeleted, conditions };
}

/** The first event of `library.watchStorage`. */
export async function look(storage: Storage) {
  const abort = new AbortController();
  try {
    for await (const event of storage.watch(abort.signal)) return event;
    throw new Error('The watch ended.');
  } finally {
    abort.abort();
  }
}
