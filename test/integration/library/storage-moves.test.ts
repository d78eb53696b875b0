/** Moves of the cache as real jobs: canceled, and interrupted by a restart. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createJobs, type Jobs } from '../../../main/jobs/jobs.ts';
import { createModelUse } from '../../../main/library/models/model-use.ts';
import { createStorage, type Storage } from '../../../main/library/storage/storage.ts';
import { putJob } from '../../../main/store/jobs.ts';
import {
  addMovedFiles,
  readMovedFiles,
  readUnfinishedMove,
  writeUnfinishedMove,
} from '../../../main/store/moved-files.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import {
  commits,
  exists,
  look,
  migrations,
  putFile,
  temporaryFolder,
  tree,
  nothingInUse,
} from '../../support/cache-setup.ts';
import { inState, watch } from '../../support/jobs-setup.ts';

interface Process {
  readonly storage: Storage;
  readonly jobs: Jobs;
  readonly store: Store;
  /** Ends it as Hearth ends. */
  close(): Promise<void>;
  /** The signal that ends its jobs has fired. */
  readonly ending: Promise<void>;
}

/**
 * The modules of Hearth that move a cache. Several instances with one data folder follow one another, as over restarts.
 */
async function startProcess(
  data: string,
  settings: { folder: string },
  useChoice: (choiceId: string) => Promise<void> = async (choiceId) => void (settings.folder = choiceId),
): Promise<Process> {
  const store = openStore(data, migrations);
  const storage = createStorage({
    store,
    folder: () => settings.folder,
    limitBytes: () => null,
    freeDiskBytes: async () => 1e12,
    use: createModelUse(store, Date.now, () => {}),
    inUse: nothingInUse,
    adopted: () => [],
    run: (order) => jobs.run(order),
    folderOfChoice: (choiceId) => choiceId,
    useChoice,
    onChange: () => {},
    onNotDeleted: () => {},
    log: () => {},
  });
  const jobs = createJobs({ store });
  jobs.start({ move: storage.resumeMove });
  const { promise: ending, resolve: end } = Promise.withResolvers<void>();
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await storage.close();
    const ended = jobs.close();
    end();
    await ended;
    store.close();
  };
  onTestFinished(close);
  return { storage, jobs, store, close, ending };
}

async function fill(folder: string): Promise<void> {
  for (let index = 0; index < 5; index++)
    await putFile(folder, { repoId: `o/m${index}`, bytes: `bytes ${index}`, ref: 'main' });
}

describe('a move', () => {
  it('that failed and is dismissed deletes its copies, and nothing else', async () => {
    const [data, folder, to] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    await fill(folder);
    // The same file, a different file and an older ref were there before.
    await putFile(to, { repoId: 'o/m1', bytes: 'bytes 1' });
    await putFile(to, { repoId: 'o/two', path: 'own.gguf', bytes: 'own' });
    await putFile(to, { repoId: 'o/m2', commit: commits[1], bytes: 'older', ref: 'main' });
    const [before, there] = [await tree(folder), await tree(to)];
    const settings = { folder };
    const { storage, jobs, store } = await startProcess(data, settings, () => Promise.reject(new Error('not now')));
    const { until } = watch(jobs);
    const { jobId } = await storage.move(to);
    await until(inState('failed', jobId));
    expect(await tree(folder)).toEqual(before);
    expect((await tree(to)).length).toBeGreaterThan(there.length);
    await expect(storage.move(to)).rejects.toMatchObject({ code: 'busy' });
    await jobs.cancel(jobId);
    await expect.poll(() => readUnfinishedMove(store)).toBeNull();
    expect(await tree(to)).toEqual(there);
    expect(readMovedFiles(store)).toEqual([]);
    expect((await look(storage)).repositories).toHaveLength(5);
  });

  it('begins when the clean-up of the one before is over, whose list of copies it does not share', async () => {
    const [data, folder] = [await temporaryFolder(), await temporaryFolder()];
    const [to, next] = [await temporaryFolder(), await temporaryFolder()];
    await fill(folder);
    const before = await tree(folder);
    const settings = { folder };
    let refusals = 1;
    const { storage, jobs, store } = await startProcess(data, settings, async (choiceId) => {
      if (refusals-- > 0) throw new Error('not now');
      settings.folder = choiceId;
    });
    const { until } = watch(jobs);
    const first = await storage.move(to);
    await until(inState('failed', first.jobId));
    // So many copies that the clean-up takes longer than what comes before the next move.
    addMovedFiles(
      store,
      Array.from({ length: 5000 }, (_, index) => `copied/${index}`),
    );
    await jobs.cancel(first.jobId);
    const second = await storage.move(next);
    expect(readMovedFiles(store).filter((path) => path.startsWith('copied/'))).toEqual([]);
    await until(inState('done', second.jobId));
    expect([await tree(to), await tree(next), readUnfinishedMove(store)]).toEqual([[], before, null]);
  });

  it('continues by itself after a restart', async () => {
    const [data, folder, to] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    await fill(folder);
    const before = await tree(folder);
    const settings = { folder };
    // The setting changes only after the restart: the move has copied everything and waits.
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const first: Process = await startProcess(data, settings, async () => {
      reach();
      await first.ending;
      throw new DOMException('over', 'AbortError');
    });
    await first.storage.move(to);
    await reached;
    await first.close();
    expect(await tree(folder)).toEqual(before);
    const second = await startProcess(data, settings);
    await expect.poll(() => settings.folder).toBe(to);
    await expect.poll(() => tree(folder)).toEqual([]);
    expect(await tree(to)).toEqual(before);
    await expect.poll(() => readUnfinishedMove(second.store)).toBeNull();
    expect((await look(second.storage)).repositories).toHaveLength(5);
  });

  it('that a kill -9 interrupted continues at the next start, and restores no file that was deleted meanwhile', async () => {
    const [data, folder, to] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    await fill(folder);
    const [blob = ''] = await tree(join(folder, 'models--o--m4/blobs'));
    // The database and the new folder after the kill: one file is whole there, one is half copied.
    const before = openStore(data, migrations);
    writeUnfinishedMove(before, { from: folder, to, choiceId: to, isGivenUp: false });
    addMovedFiles(before, [`models--o--m4/blobs/${blob}`, 'models--o--m5/blobs/gone']);
    putJob(before, {
      ...{ id: 'cut', kind: 'move', state: 'running', error: null, position: 1, createdAt: 1, updatedAt: 1 },
      spec: { title: 'Move the models', totalBytes: 0, doneBytes: 0 },
    });
    before.close();
    await mkdir(join(to, 'models--o--m4/blobs'), { recursive: true });
    await mkdir(join(to, 'models--o--m5/blobs'), { recursive: true });
    await writeFile(join(to, `models--o--m4/blobs/${blob}.hearth-move`), 'byt');
    await writeFile(join(to, 'models--o--m5/blobs/gone'), 'deleted in the old folder since');
    const all = await tree(folder);
    const settings = { folder };
    const { store } = await startProcess(data, settings);
    await expect.poll(() => readUnfinishedMove(store)).toBeNull();
    expect(settings.folder).toBe(to);
    expect(await tree(to)).toEqual(all);
    expect(await tree(folder)).toEqual([]);
  });

  it('that was canceled before a kill -9 leaves no partial copy', async () => {
    const [data, folder, to] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    await fill(folder);
    const all = await tree(folder);
    const [blob = ''] = await tree(join(folder, 'models--o--m4/blobs'));
    const before = openStore(data, migrations);
    writeUnfinishedMove(before, { from: folder, to, choiceId: to, isGivenUp: true });
    addMovedFiles(before, [`models--o--m4/blobs/${blob}`]);
    before.close();
    await mkdir(join(to, 'models--o--m4/blobs'), { recursive: true });
    await writeFile(join(to, `models--o--m4/blobs/${blob}.hearth-move`), 'byt');
    const settings = { folder };
    const { store } = await startProcess(data, settings);
    await expect.poll(() => readUnfinishedMove(store)).toBeNull();
    expect(await tree(to)).toEqual([]);
    expect(await tree(folder)).toEqual(all);
    expect(settings.folder).toBe(folder);
  });

  it('that is canceled answers at once; a clean-up that a restart interrupts continues', async () => {
    const [data, folder, to] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    await fill(folder);
    const before = await tree(folder);
    const settings = { folder };
    const first = await startProcess(data, settings, () => Promise.reject(new Error('not now')));
    const { until } = watch(first.jobs);
    const { jobId } = await first.storage.move(to);
    await until(inState('failed', jobId));
    const canceling = first.jobs.cancel(jobId);
    await canceling;
    expect((await first.jobs.log(jobId).catch(() => null)) ?? 'gone').toBe('gone');
    await first.close();
    const second = await startProcess(data, settings);
    await expect.poll(() => tree(to)).toEqual([]);
    await expect.poll(() => readUnfinishedMove(second.store)).toBeNull();
    expect(await tree(folder)).toEqual(before);
    // A canceled move does not return as a job, and another one may start.
    const { jobId: again } = await second.storage.move(to);
    await watch(second.jobs).until(inState('done', again));
    expect(await tree(to)).toEqual(before);
  });

  it('keeps other programs’ changes in the new folder when it is canceled', async () => {
    const [data, folder, to] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    await fill(folder);
    const settings = { folder };
    const { storage, jobs, store } = await startProcess(data, settings, () => Promise.reject(new Error('not now')));
    const { jobId } = await storage.move(to);
    await watch(jobs).until(inState('failed', jobId));
    const ref = 'models--o--m0/refs/main';
    // Another name for the same bytes: a new file, as Hearth writes it.
    await rm(join(to, ref));
    await writeFile(join(to, ref), commits[2]);
    await jobs.dismiss(jobId);
    await expect.poll(() => readUnfinishedMove(store)).toBeNull();
    expect(await readFile(join(to, ref), 'utf8')).toBe(commits[2]);
    expect(await exists(join(to, 'models--o--m1'))).toBe(false);
  });
});
