import {
  appendFile,
  link,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { hash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moveCache } from '../../../main/library/storage/move.ts';
import { writeFileHashes } from '../../../main/store/file-hashes.ts';
import { writeModelUse, writePin } from '../../../main/store/model-records.ts';
import {
  commits,
  exists,
  movePlan,
  look,
  nothingInUse,
  putFile,
  setUp,
  temporaryFolder,
  tree,
} from '../../support/cache-setup.ts';

const target = (repoId: string, commit: string | null = null, path: string | null = null) => ({ repoId, commit, path });
const repository = (folder: string, repoId = 'owner/name'): string =>
  join(folder, `models--${repoId.replace('/', '--')}`);

describe('the content of the cache', () => {
  it('counts each blob once, and the bytes that a deletion would free', async () => {
    const { folder, store, storage } = await setUp();
    const shared = Buffer.alloc(5000, 1);
    await putFile(folder, { commit: commits[0], path: 'x-Q4.gguf', bytes: shared });
    await putFile(folder, { commit: commits[1], path: 'x-Q4.gguf', bytes: shared, ref: 'main' });
    await putFile(folder, { commit: commits[1], path: 'sub/x-Q8.gguf', bytes: Buffer.alloc(300, 2) });
    await putFile(folder, { commit: commits[1], path: 'config.json', bytes: '{}' });
    await putFile(folder, { repoId: 'a/small', path: 'y.gguf', bytes: Buffer.alloc(10) });
    writeModelUse(store, 'reply', new Map([['owner/name/x-Q4.gguf', 1234]]));
    writePin(store, 'a/small/y.gguf', true);
    const event = await look(storage);
    expect(event).toMatchObject({ folder, totalBytes: 5312, leftoverBytes: 0, freeBytes: 1e12, limitBytes: null });
    expect(
      event.repositories.map(({ repoId, sizeBytes, pinned, lastUsedAt }) => [repoId, sizeBytes, pinned, lastUsedAt]),
    ).toEqual([
      ['owner/name', 5302, false, 1234],
      ['a/small', 10, true, null],
    ]);
    const newest = event.repositories[0]!.revisions.find(({ refs }) => refs.includes('main'))!;
    expect(newest.files).toEqual([
      { path: 'config.json', sizeBytes: 2, ownBytes: 2, modelId: null, lastUsedAt: null },
      { path: 'sub/x-Q8.gguf', sizeBytes: 300, ownBytes: 300, modelId: 'owner/name/sub/x-Q8.gguf', lastUsedAt: null },
      { path: 'x-Q4.gguf', sizeBytes: 5000, ownBytes: 0, modelId: 'owner/name/x-Q4.gguf', lastUsedAt: 1234 },
    ]);
  });

  it('sees changes of other programs, from the index and the times of folders', async () => {
    const { folder, storage } = await setUp();
    await putFile(folder, { path: 'a.gguf', ref: 'main' });
    await putFile(folder, { repoId: 'o/same', path: 'b.gguf' });
    const names = async () => (await storage.modelFiles(true)).map((file) => `${file.repoId}/${file.path}`).sort();
    expect(await names()).toEqual(['o/same/b.gguf', 'owner/name/a.gguf']);
    await putFile(folder, { path: 'c.gguf' });
    expect(await names()).toEqual(['o/same/b.gguf', 'owner/name/a.gguf', 'owner/name/c.gguf']);
    // Python overwrites a ref in place.
    await putFile(folder, { path: 'a.gguf', commit: commits[1] });
    await writeFile(join(repository(folder), 'refs/main'), commits[1]);
    await storage.rescan();
    expect((await look(storage)).repositories.find((one) => one.repoId === 'owner/name')?.revisions).toMatchObject([
      { commit: commits[0], refs: [] },
      { commit: commits[1], refs: ['main'] },
    ]);
    await rm(repository(folder, 'o/same'), { recursive: true });
    expect(await names()).not.toContain('o/same/b.gguf');
  });

  it('answers from the index of an earlier process, and reads again only what changed', async () => {
    const first = await setUp();
    const old = new Date(Date.now() - 60_000);
    for (const repoId of ['o/one', 'o/two']) {
      await putFile(first.folder, { repoId, ref: 'main' });
      const root = repository(first.folder, repoId);
      for (const inside of ['.', 'blobs', 'refs', 'refs/main', 'snapshots', `snapshots/${commits[0]}`])
        await utimes(join(root, inside), old, old);
    }
    await first.storage.rescan();
    await first.storage.close();
    // A blob that changes in place leaves its folder's times unchanged: a repository that is read again would show the
    // change.
    for (const repoId of ['o/one', 'o/two']) {
      const [blob] = await tree(join(repository(first.folder, repoId), 'blobs'));
      await appendFile(join(repository(first.folder, repoId), 'blobs', blob!), 'more');
    }
    await putFile(first.folder, { repoId: 'o/two', path: 'new.gguf', bytes: 'GGUF' });
    const second = await setUp({ store: first.store, folder: () => first.folder });
    const sizes = async (fresh: boolean) =>
      (await second.storage.modelFiles(fresh)).map((file) => [file.repoId, file.path, file.sizeBytes]).sort();
    expect(await sizes(false)).toEqual([
      ['o/one', 'x.gguf', 1000],
      ['o/two', 'x.gguf', 1000],
    ]);
    expect(await sizes(true)).toEqual([
      ['o/one', 'x.gguf', 1000],
      ['o/two', 'new.gguf', 4],
      ['o/two', 'x.gguf', 1004],
    ]);
  });

  it('lists, checks and deletes a repository without an owner as any other', async () => {
    const { folder, storage, jobs } = await setUp({ undoMs: 10 });
    await putFile(folder, { repoId: 'gpt2', path: 'model.safetensors', bytes: 'weights', ref: 'main' });
    await putFile(folder, { repoId: 'gpt2', path: 'tiny.gguf', bytes: 'GGUF' });
    expect((await look(storage)).repositories).toMatchObject([{ repoId: 'gpt2', sizeBytes: 11 }]);
    expect((await storage.modelFiles()).map(({ repoId, path }) => `${repoId}/${path}`)).toEqual(['gpt2/tiny.gguf']);
    await storage.verify('gpt2');
    await jobs.finished();
    expect(jobs.said.details.at(-1)).toMatchObject({ code: 'verified', checkedCount: 2, damagedCount: 0 });
    expect((await storage.delete(target('gpt2'))).freedBytes).toBe(11);
    await expect.poll(() => exists(join(folder, 'models--gpt2'))).toBe(false);
  });

  it('is not misled by junk, loops and names that cannot be', async () => {
    const { folder, storage } = await setUp();
    await putFile(folder, { path: 'good.gguf', bytes: 'good' });
    const snapshot = join(repository(folder), 'snapshots', commits[0]);
    await symlink('.', join(snapshot, 'loop'));
    await symlink('../../blobs/' + '0'.repeat(64), join(snapshot, 'broken.gguf'));
    await writeFile(join(snapshot, 'CON.gguf'), 'device');
    await writeFile(join(snapshot, 'b\u202efugg.gguf'), 'bidi');
    await mkdir(join(folder, 'models--..--..', 'snapshots', commits[0]), { recursive: true });
    await writeFile(join(folder, 'models--x--file'), '');
    await mkdir(join(folder, 'unrelated'));
    expect((await look(storage)).repositories.map((one) => [one.repoId, one.sizeBytes])).toEqual([['owner/name', 4]]);
    for (const repoId of ['../..', 'a/../b', '/etc/passwd'])
      await expect(storage.delete(target(repoId))).rejects.toMatchObject({ code: 'hub.unsafe_name' });
    await expect(storage.delete(target('owner/name', null, '../../../x'))).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('deleting', () => {
  it('hides at once, frees the reported bytes, and can be undone', async () => {
    const patient = await setUp({ undoMs: 60_000 });
    const { folder, store } = patient;
    const shared = Buffer.alloc(4000, 7);
    await putFile(folder, { commit: commits[0], path: 'x.gguf', bytes: shared });
    await putFile(folder, { commit: commits[1], path: 'x.gguf', bytes: shared, ref: 'main' });
    await putFile(folder, { commit: commits[1], path: 'y.gguf', bytes: Buffer.alloc(50) });
    const one = await patient.storage.delete(target('owner/name', commits[0]));
    expect(one).toMatchObject({ freedBytes: 0, undoMs: 60_000 });
    expect((await look(patient.storage)).repositories[0]?.revisions.map(({ commit }) => commit)).toEqual([commits[1]]);
    expect(patient.storage.undoDelete(one.token)).toBe(true);
    expect(patient.storage.undoDelete(one.token)).toBe(false);
    expect((await look(patient.storage)).repositories[0]?.revisions).toHaveLength(2);

    const { storage } = await setUp({ undoMs: 30, store, folder: () => folder });
    const all = await storage.delete(target('owner/name', null, 'x.gguf'));
    expect(all.freedBytes).toBe(4000);
    expect((await storage.modelFiles()).map(({ path }) => path)).toEqual(['y.gguf']);
    await expect.poll(() => exists(join(repository(folder), 'snapshots', commits[0]))).toBe(false);
    await expect.poll(() => tree(join(repository(folder), 'blobs'))).toHaveLength(1);
    await storage.delete(target('owner/name'));
    await expect.poll(() => exists(repository(folder))).toBe(false);
    await expect(storage.delete(target('owner/name'))).rejects.toMatchObject({ code: 'not_found' });
  });

  it('cannot be undone once it is carried out, and is carried out once', async () => {
    const [going, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let times = 0;
    const unload = async (): Promise<void> => {
      times++;
      going.resolve();
      await gate.promise;
    };
    const { folder, storage } = await setUp({ undoMs: 1, inUse: { ...nothingInUse, unload } });
    await putFile(folder, { path: 'x.gguf' });
    const { token } = await storage.deleteFiles('x', [target('owner/name')]);
    await going.promise;
    expect(storage.undoDelete(token)).toBe(false);
    expect(storage.isPending(token)).toBe(true);
    expect(await storage.modelFiles()).toEqual([]);
    // The end of the process carries out pending deletions and waits for running ones.
    const closed = storage.close();
    gate.resolve();
    await closed;
    expect(times).toBe(1);
    expect(await exists(repository(folder))).toBe(false);
    expect(storage.undoDelete(token)).toBe(false);
  });

  it('refuses models in use and running downloads, and checks again before it deletes', async () => {
    const { folder, storage, conditions, notDeleted } = await setUp({ undoMs: 20 });
    await putFile(folder, { path: 'x-00001-of-00002.gguf' });
    await putFile(folder, { path: 'x-00002-of-00002.gguf' });
    await putFile(folder, { path: 'other.gguf' });
    conditions.loaded = ['owner/name/x-00001-of-00002.gguf'];
    expect((await look(storage)).repositories[0]?.busy).toBe(false);
    conditions.leased = conditions.loaded;
    await expect(storage.delete(target('owner/name'))).rejects.toMatchObject({
      code: 'busy',
      data: { reason: 'model_in_use' },
    });
    await expect(storage.delete(target('owner/name', commits[0], 'x-00002-of-00002.gguf'))).rejects.toMatchObject({
      code: 'busy',
    });
    expect((await look(storage)).repositories[0]?.busy).toBe(true);
    [conditions.loaded, conditions.leased] = [[], []];
    conditions.fetching = ['owner/name'];
    await expect(storage.delete(target('owner/name', null, 'other.gguf'))).rejects.toMatchObject({ code: 'busy' });
    conditions.fetching = [];
    const { token } = await storage.delete(target('owner/name', null, 'other.gguf'));
    conditions.fetching = ['owner/name'];
    await expect.poll(() => storage.isPending(token)).toBe(false);
    await expect
      .poll(() => notDeleted)
      .toMatchObject([{ name: 'other.gguf', error: { code: 'busy', data: { reason: 'downloading' } } }]);
    expect(await exists(join(repository(folder), 'snapshots', commits[0], 'other.gguf'))).toBe(true);
    expect((await look(storage)).repositories[0]?.revisions[0]?.files).toHaveLength(3);
  });

  it('unloads a model that nobody uses, and leaves one that somebody began to use meanwhile', async () => {
    const { folder, storage, conditions, notDeleted } = await setUp({ undoMs: 20 });
    await putFile(folder, { path: 'idle.gguf' });
    await putFile(folder, { path: 'used.gguf' });
    conditions.loaded = ['owner/name/idle.gguf', 'owner/name/used.gguf'];
    const { token } = await storage.delete(target('owner/name', null, 'idle.gguf'));
    await expect.poll(() => storage.isPending(token)).toBe(false);
    expect(conditions.loaded).toEqual(['owner/name/used.gguf']);
    const late = await storage.delete(target('owner/name', null, 'used.gguf'));
    conditions.leased = conditions.loaded;
    await expect.poll(() => storage.isPending(late.token)).toBe(false);
    await expect.poll(() => notDeleted).toMatchObject([{ error: { code: 'busy', data: { reason: 'model_in_use' } } }]);
    expect((await storage.modelFiles()).map(({ path }) => path)).toEqual(['used.gguf']);
  });

  it('deletes where it was asked to, although the models are looked for elsewhere meanwhile', async () => {
    const { folder, storage, conditions } = await setUp({ undoMs: 60_000 });
    const elsewhere = await temporaryFolder();
    await putFile(folder, { path: 'x.gguf' });
    await putFile(elsewhere, { path: 'y.gguf' });
    await storage.delete(target('owner/name'));
    conditions.folder = elsewhere;
    await storage.settleDeletions();
    expect(await exists(repository(folder))).toBe(false);
    expect((await storage.modelFiles()).map(({ path }) => path)).toEqual(['y.gguf']);
  });

  it('never follows a link out of the cache', async () => {
    const { folder, storage } = await setUp({ undoMs: 10 });
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'precious.gguf'), 'precious');
    await mkdir(join(outside, 'folder'));
    await writeFile(join(outside, 'folder/kept.gguf'), 'kept');
    await putFile(folder, { path: 'x.gguf' });
    const snapshot = join(repository(folder), 'snapshots', commits[0]);
    await symlink(join(outside, 'precious.gguf'), join(snapshot, 'link.gguf'));
    await symlink(join(outside, 'folder'), join(snapshot, 'folder'));
    await symlink(join(outside, 'folder'), join(repository(folder), 'snapshots', commits[1]));
    expect((await storage.delete(target('owner/name', null, 'link.gguf'))).freedBytes).toBe(0);
    await storage.delete(target('owner/name'));
    await expect.poll(() => exists(join(snapshot, 'x.gguf'))).toBe(false);
    // The folder of the repository is itself a link.
    await rename(repository(folder), join(outside, 'moved'));
    await mkdir(join(outside, 'elsewhere'), { recursive: true });
    await putFile(join(outside, 'elsewhere'), { repoId: 'o/linked', path: 'z.gguf', bytes: 'zzzz' });
    await symlink(join(outside, 'elsewhere/models--o--linked'), repository(folder, 'o/linked'));
    expect((await storage.modelFiles(true)).map((file) => file.path)).toEqual(['z.gguf']);
    await expect(storage.delete(target('o/linked'))).rejects.toMatchObject({ code: 'unsupported' });
    expect(await readFile(join(outside, 'precious.gguf'), 'utf8')).toBe('precious');
    expect(await readFile(join(outside, 'folder/kept.gguf'), 'utf8')).toBe('kept');
    expect(await exists(join(outside, 'elsewhere/models--o--linked/snapshots', commits[0], 'z.gguf'))).toBe(true);
  });
});

describe('verify', () => {
  it('has nothing to verify while the cache is empty', async () => {
    const { storage } = await setUp();
    await expect(storage.verify(null)).rejects.toMatchObject({
      code: 'not_found',
      data: { reason: 'nothing_to_verify' },
    });
    await expect(storage.verify('owner/name')).rejects.toMatchObject({ code: 'not_found', data: {} });
  });

  it('hashes again, names damaged files, and lets them be downloaded again', async () => {
    const { folder, storage, jobs } = await setUp();
    const bad = await putFile(folder, { path: 'bad.gguf', bytes: Buffer.alloc(2_500_000, 1), ref: 'main' });
    await putFile(folder, { path: 'good.gguf' });
    // The etag of a small file is its git blob id.
    const gitBlob = '1269488f7fb1f4b56a8c0e5eb48cecbfadfa9219';
    await writeFile(join(repository(folder), 'blobs', gitBlob), 'data\n');
    await symlink(`../../blobs/${gitBlob}`, join(repository(folder), 'snapshots', commits[0], 'config.json'));
    await storage.verify(null);
    await jobs.finished();
    expect(jobs.said.details.at(-1)).toMatchObject({ code: 'verified', checkedCount: 3, damagedCount: 0 });
    await writeFile(join(repository(folder), 'blobs', bad), Buffer.alloc(2_500_000, 2));
    await storage.verify('owner/name');
    await jobs.finished();
    expect(jobs.said.details.at(-1)).toMatchObject({ damagedCount: 1, damaged: ['owner/name/bad.gguf'] });
    expect(jobs.said.doneBytes).toBe(jobs.said.totalBytes);
    const damaged = async () =>
      (await storage.modelFiles(true)).filter((file) => file.isDamaged).map(({ path }) => path);
    expect(await damaged()).toEqual(['bad.gguf']);
    expect(await storage.discardDamaged('owner/name', 'good.gguf')).toBe(false);
    expect(await storage.discardDamaged('owner/name', 'bad.gguf')).toBe(true);
    expect(await damaged()).toEqual([]);
    expect((await storage.modelFiles(true)).map(({ path }) => path)).toEqual(['good.gguf']);
    await expect(storage.verify('no/where')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('verify, where links are not possible', () => {
  it('checks a copy against the hash of the Hub, and reports other copies as unverifiable', async () => {
    const { folder, store, storage, jobs } = await setUp();
    const snapshot = join(repository(folder), 'snapshots', commits[0]);
    await mkdir(snapshot, { recursive: true });
    const copy = join(snapshot, 'x.gguf');
    const bytes = Buffer.alloc(2_000_000, 5);
    await writeFile(copy, bytes);
    await writeFile(join(snapshot, 'unknown.gguf'), 'who knows');
    writeFileHashes(store, 'owner/name', commits[0], new Map([['x.gguf', hash('sha256', bytes)]]));
    await storage.verify(null);
    await jobs.finished();
    expect(jobs.said.details.at(-1)).toMatchObject({ checkedCount: 1, damagedCount: 0, unverifiableCount: 1 });
    expect(jobs.said.lines.join()).toContain('owner/name/unknown.gguf cannot be verified: its hash is not known.');

    await writeFile(copy, Buffer.alloc(2_000_000, 6));
    await storage.verify('owner/name');
    await jobs.finished();
    expect(jobs.said.details.at(-1)).toMatchObject({ damagedCount: 1, damaged: ['owner/name/x.gguf'] });
    const damaged = async () =>
      (await storage.modelFiles(true)).filter((file) => file.isDamaged).map(({ path }) => path);
    expect(await damaged()).toEqual(['x.gguf']);
    expect(await storage.discardDamaged('owner/name', 'x.gguf')).toBe(true);
    expect(await exists(copy)).toBe(false);
    expect((await storage.modelFiles(true)).map(({ path }) => path)).toEqual(['unknown.gguf']);
  });
});

describe('the size limit', () => {
  it('evicts the least recently used, and never what is pinned, loaded, being downloaded or new', async () => {
    const { folder, store, storage, jobs, conditions } = await setUp();
    const hours = (ago: number): number => Date.now() - ago * 3_600_000;
    const repoIds = ['o/oldest', 'o/pinned', 'o/loaded', 'o/fetching', 'o/older', 'o/used', 'o/new'];
    for (const [index, repoId] of repoIds.entries()) {
      const blob = await putFile(folder, { repoId, bytes: Buffer.alloc(1000, index), ref: 'main' });
      const at = new Date(repoId === 'o/new' ? Date.now() : hours(20 - index));
      await utimes(join(repository(folder, repoId), 'blobs', blob), at, at);
    }
    await putFile(folder, { repoId: 'o/oldest', path: 'config.json', bytes: '{}' });
    writePin(store, 'o/pinned/x.gguf', true);
    writeModelUse(store, 'auxiliary', new Map([['o/used/x.gguf', hours(1)]]));
    conditions.loaded = ['o/loaded/x.gguf'];
    conditions.fetching = ['o/fetching'];
    expect(await storage.enforceLimit()).toBeNull();
    conditions.limitBytes = 7002;
    expect(await storage.enforceLimit()).toBeNull();
    conditions.limitBytes = 6500;
    expect(await storage.enforceLimit()).not.toBeNull();
    await jobs.finished();
    const left = async () => (await look(storage)).repositories.map(({ repoId }) => repoId).sort();
    expect(await left()).toEqual(repoIds.filter((id) => id !== 'o/oldest').sort());
    expect(await exists(repository(folder, 'o/oldest'))).toBe(false);
    expect(jobs.said.lines.join()).toContain('Deleted o/oldest/x.gguf');
    expect(jobs.said.kinds).toEqual(['limit']);
    conditions.limitBytes = 100;
    await storage.enforceLimit();
    await jobs.finished();
    expect(await left()).toEqual(['o/fetching', 'o/loaded', 'o/new', 'o/pinned']);
    expect(jobs.said.details.at(-1)).toMatchObject({ code: 'evicted', remaining: { limitBytes: 100 } });
  });
});

describe('the size limit during a move', () => {
  it('deletes nothing', async () => {
    const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { folder, storage, jobs, conditions } = await setUp({
      async useChoice(to) {
        reached.resolve();
        await gate.promise;
        conditions.folder = to;
      },
    });
    const blob = await putFile(folder, { bytes: Buffer.alloc(1000, 1), ref: 'main' });
    const old = new Date(Date.now() - 20 * 3_600_000);
    await utimes(join(repository(folder), 'blobs', blob), old, old);
    conditions.limitBytes = 1;
    const to = await temporaryFolder();
    await storage.move(to);
    await reached.promise;
    expect(await storage.enforceLimit()).toBeNull();
    gate.resolve();
    await jobs.finished();
    expect(await exists(join(repository(to), 'blobs', blob))).toBe(true);
  });
});

describe('leftovers', () => {
  it('deletes unused files, and nothing else', async () => {
    const { folder, storage, conditions } = await setUp();
    const named = await putFile(folder, { ref: 'main' });
    await putFile(folder, { repoId: 'o/paused', ref: 'main' });
    const old = new Date(Date.now() - 2 * 3_600_000);
    const blobs = join(repository(folder), 'blobs');
    const [mine, python, working, orphan, young] = ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(64)) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const put = async (file: string, at = old): Promise<void> => {
      await writeFile(file, Buffer.alloc(100, 1));
      await utimes(file, at, at);
    };
    await put(join(blobs, `${mine}.hearth.incomplete`));
    await put(join(blobs, `${mine}.parts.hearth.incomplete`));
    await put(join(blobs, `${python}.incomplete`));
    await put(join(blobs, orphan));
    await put(join(blobs, `${young}.incomplete`), new Date());
    await put(join(blobs, `${working}.hearth.incomplete`));
    await put(join(blobs, 'README.txt'));
    await put(join(repository(folder, 'o/paused'), 'blobs', `${mine}.hearth.incomplete`));
    conditions.fetching = ['o/paused'];
    const locks = join(folder, '.locks/models--owner--name');
    await mkdir(locks, { recursive: true });
    const alive = { pid: process.ppid, host: hostname(), id: 'alive' };
    await writeFile(join(locks, `${working}.hearth.lock`), JSON.stringify(alive));
    await writeFile(
      join(locks, `${mine}.hearth.lock`),
      JSON.stringify({ pid: 4_194_304, host: hostname(), id: 'dead' }),
    );
    const outside = await temporaryFolder();
    await writeFile(join(outside, 'kept'), 'kept');
    await symlink(join(outside, 'kept'), join(blobs, `${'6'.repeat(64)}.incomplete`));

    await storage.rescan();
    expect((await look(storage)).leftoverBytes).toBeGreaterThanOrEqual(400);
    expect((await storage.clean()).freedBytes).toBeGreaterThanOrEqual(400);
    expect((await tree(blobs)).map((name) => name.split(' ')[0])).toEqual(
      [
        named,
        'README.txt',
        `${working}.hearth.incomplete`,
        `${young}.incomplete`,
        `${'6'.repeat(64)}.incomplete`,
      ].sort(),
    );
    expect(await tree(locks)).toEqual([`${working}.hearth.lock`]);
    expect(await exists(join(repository(folder, 'o/paused'), 'blobs', `${mine}.hearth.incomplete`))).toBe(true);
    expect(await exists(join(outside, 'kept'))).toBe(true);
    expect((await look(storage)).leftoverBytes).toBe(0);
  });
});

describe('move', () => {
  const fill = async (folder: string): Promise<void> => {
    await putFile(folder, { path: 'x.gguf', bytes: Buffer.alloc(3_000_000, 3), ref: 'main' });
    await putFile(folder, { path: 'deep/down/y.gguf', bytes: 'yyyy' });
    await putFile(folder, { repoId: 'o/two', path: 'z.gguf', bytes: 'zzzz', ref: 'refs/pr/1' });
    await writeFile(join(folder, 'CACHEDIR.TAG'), 'Signature');
    await mkdir(join(folder, 'datasets--a--b/blobs'), { recursive: true });
    await writeFile(join(folder, 'datasets--a--b/blobs/1'), 'data');
  };

  it('moves everything, with relative links, and leaves files that are not the cache’s', async () => {
    const { folder, storage, jobs, conditions } = await setUp();
    const to = join(await temporaryFolder(), 'new');
    await fill(folder);
    await writeFile(join(folder, 'letter.txt'), 'mine');
    const before = (await tree(folder)).filter((name) => name !== 'letter.txt');
    await storage.move(to);
    await jobs.finished();
    expect(conditions.folder).toBe(to);
    expect(await tree(to)).toEqual(before);
    expect(await tree(folder)).toEqual(['letter.txt']);
    expect(await readFile(join(repository(to), 'snapshots', commits[0], 'deep/down/y.gguf'), 'utf8')).toBe('yyyy');
    expect((await storage.modelFiles()).map(({ path }) => path).sort()).toEqual([
      'deep/down/y.gguf',
      'x.gguf',
      'z.gguf',
    ]);
    expect(jobs.said.doneBytes).toBe(jobs.said.totalBytes);
  });

  it('is refused during a download or with a loaded model, and for nested folders', async () => {
    const { folder, storage, conditions } = await setUp();
    await fill(folder);
    conditions.fetching = ['o/two'];
    await expect(storage.move(await temporaryFolder())).rejects.toMatchObject({ code: 'busy' });
    conditions.fetching = [];
    conditions.loaded = ['o/two/z.gguf'];
    await expect(storage.move(await temporaryFolder())).rejects.toMatchObject({ code: 'busy' });
    conditions.loaded = [];
    for (const bad of [folder, join(folder, 'inside'), join(folder, '..')])
      await expect(storage.move(bad)).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('leaves the old cache complete and in use when it is stopped, and resumes from there', async () => {
    const [from, to] = [await temporaryFolder(), await temporaryFolder()];
    await fill(from);
    const before = await tree(from);
    const abort = new AbortController();
    let switched = 0;
    const plan = { ...movePlan(from, to), switchOver: async () => void switched++ };
    const context = {
      signal: abort.signal,
      progress: (doneBytes: number) => {
        if (doneBytes > 0) abort.abort();
      },
      detail: () => {},
      log: () => {},
    };
    await expect(moveCache(plan, context)).rejects.toMatchObject({ name: 'AbortError' });
    expect(switched).toBe(0);
    expect(await tree(from)).toEqual(before);
    await moveCache(plan, { ...context, signal: new AbortController().signal });
    expect(switched).toBe(1);
    expect(await tree(to)).toEqual(before);
    expect(await tree(from)).toEqual([]);
  });

  it('merges with an existing cache, and loses no different file', async () => {
    const { folder, storage, jobs } = await setUp();
    const to = await temporaryFolder();
    await fill(folder);
    await putFile(to, { path: 'x.gguf', bytes: Buffer.alloc(3_000_000, 3) });
    await putFile(to, { path: 'there.gguf', bytes: 'there' });
    await mkdir(join(to, 'datasets--a--b/blobs'), { recursive: true });
    await writeFile(join(to, 'datasets--a--b/blobs/1'), 'other data');
    await storage.move(to);
    await jobs.finished();
    expect((await storage.modelFiles()).map(({ path }) => path).sort()).toEqual([
      'deep/down/y.gguf',
      'there.gguf',
      'x.gguf',
      'z.gguf',
    ]);
    expect(await readFile(join(to, 'datasets--a--b/blobs/1'), 'utf8')).toBe('other data');
    expect(await readFile(join(folder, 'datasets--a--b/blobs/1'), 'utf8')).toBe('data');
    expect(jobs.said.details.at(-1)).toEqual({ code: 'files_left', count: 1 });
  });

  it('copies when hard links are impossible, and verifies the copy', async () => {
    const { folder, storage, jobs } = await setUp();
    const to = await temporaryOtherDisk();
    if (to === null) return;
    await fill(folder);
    const old = new Date(Date.now() - 86_400_000);
    const blob = (await tree(join(repository(folder), 'blobs')))[0]!;
    await utimes(join(repository(folder), 'blobs', blob), old, old);
    const before = await tree(folder);
    await storage.move(to);
    await jobs.finished();
    expect(await tree(to)).toEqual(before);
    expect(await tree(folder)).toEqual([]);
    expect((await stat(join(repository(to), 'blobs', blob))).mtimeMs).toBe(old.getTime());
  });
});

/** A folder on another file system, if this machine has one. */
async function temporaryOtherDisk(): Promise<string | null> {
  const folder = `/dev/shm/hearth-move-${process.pid}`;
  const probe = await temporaryFolder();
  await writeFile(join(probe, 'probe'), '');
  try {
    await mkdir(folder);
    const { onTestFinished } = await import('vitest');
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await link(join(probe, 'probe'), join(folder, 'probe'));
    await unlink(join(folder, 'probe'));
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EXDEV' ? folder : null;
  }
}
