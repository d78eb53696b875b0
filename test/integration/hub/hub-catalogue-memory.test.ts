/** Cached responses: fewer requests while the Hub is reachable, and responses with their date while it is not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHub, type Hub, type HubOptions } from '../../../main/hub/hub.ts';
import { readBranchHeads } from '../../../main/store/branch-heads.ts';
import { readFileHashes } from '../../../main/store/file-hashes.ts';
import { createHubRecords } from '../../../main/store/hub-answers.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { startHub, type Hub as TestHub, type RepoInput } from '../../hub-server/hub-server.ts';
import { ggufContent } from '../../hub-server/gguf-file.ts';
import { never } from '../../support/hub-setup.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';

const search = {
  query: '',
  sort: 'downloads',
  library: 'gguf',
  author: null,
  task: null,
  license: null,
  cursor: null,
} as const;
const shape = {
  name: 'Small',
  layers: 2,
  embedding: 64,
  heads: 4,
  kvHeads: 2,
  feedForward: 128,
  vocabulary: 300,
  contextLength: 2048,
};
const small = ggufContent({ shape, quantization: 'Q8_0', seed: 1 });
const repo = (id: string, downloads: number): RepoInput => ({
  id,
  downloads,
  files: { 'x-Q8_0.gguf': small, 'README.md': '# Card' },
});
const repos = Array.from({ length: 35 }, (_, index) => repo(`many/m${String(index)}`, index));

interface World {
  readonly server: TestHub;
  readonly store: Store;
  /** Milliseconds since the epoch; only a test moves it. */
  readonly clock: { now: number };
  /** A Hub module as after a restart of the app. */
  open(options?: Partial<HubOptions>): Hub;
}

/** A gated repository. */
const gatedId = 'acme/gated-GGUF';

async function world(): Promise<World> {
  const server = await startHub({ repos, tokens: { hf_member: { name: 'ada', gatedAccess: [gatedId] } } });
  const folder = mkdtempSync(path.join(tmpdir(), 'hearth-memory-'));
  const store = openStore(folder, path.join(import.meta.dirname, '../../../main/store/migrations'));
  onTestFinished(async () => {
    await server.close();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const clock = { now: 1_700_000_000_000 };
  const open = (options: Partial<HubOptions> = {}): Hub =>
    createHub({
      endpoint: server.url,
      token: () => null,
      fetch: globalThis.fetch,
      offlineBy: null,
      cacheFolder: () => folder,
      fitOf: fitIn(() => ({ freeRamBytes: 8e9, totalRamBytes: 16e9 })),
      records: createHubRecords(store),
      fileState: () => 'remote',
      clock: { now: () => clock.now, elapsedMs: () => performance.now(), sleep: () => Promise.resolve() },
      ...options,
    });
  return { server, store, clock, open };
}

it('stores a file’s hash before its download, because a copy in the cache has no name with it', async () => {
  const { store, open } = await world();
  const [file] = await open().resolve('many/m1', 'x-Q8_0.gguf', 'main', never);
  expect(file?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect([...readFileHashes(store, 'many/m1')]).toEqual([[`${file?.commit}/x-Q8_0.gguf`, file?.sha256]]);
  expect(readFileHashes(store, 'many/m2').size).toBe(0);
});

describe('a cached response', () => {
  it('keeps no access: another token may have been saved, and a mirror may not tell it', async () => {
    const { server, open } = await world();
    server.addRepo({ ...repo(gatedId, 1), gated: 'auto' });
    const access = async (token: string | null, id = gatedId) =>
      (await open({ token: () => token }).model(id, 'main', never)).access;
    expect([await access(null), await access(null, 'many/m1')]).toEqual(['refused', 'open']);
    const before = server.requests.length;
    expect(await access('hf_member')).toBe('granted');
    expect(server.requests.slice(before).map(({ path: asked }) => asked)).toEqual([
      `/api/models/${gatedId}/auth-check`,
    ]);
    server.setFault({ at: 'api', kind: 'status', status: 404 });
    expect(await access('hf_member')).toBe('unknown');
  });

  it('younger than a minute is reused, an older one is requested again', async () => {
    const { server, clock, open } = await world();
    const hub = open();
    const first = await hub.search(search, never);
    const model = await hub.model('many/m1', 'main', never);
    const asked = server.requests.length;
    clock.now += 59_000;
    expect(await hub.search(search, never)).toEqual(first);
    expect(await open().model('many/m1', 'main', never)).toEqual(model);
    expect(server.requests).toHaveLength(asked);
    clock.now += 2000;
    await server.updateRepo('many/m0', { facts: { downloads: 1000 } });
    const again = await hub.search(search, never);
    expect([again.models[0]?.repoId, again.cachedAt]).toEqual(['many/m0', null]);
    expect(server.requests).toHaveLength(asked + 1);
  });

  it('of another request is not used', async () => {
    const { server, open } = await world();
    const hub = open();
    await hub.search(search, never);
    await hub.search({ ...search, library: 'any' }, never);
    await hub.search({ ...search, author: 'many' }, never);
    await hub.search({ ...search, license: 'mit' }, never);
    await hub.search({ ...search, task: 'text-generation' }, never);
    expect(server.requests).toHaveLength(5);
  });

  it('from the future is requested again: the clock was set back', async () => {
    const { server, clock, open } = await world();
    await open().search(search, never);
    clock.now -= 3_600_000;
    await open().search(search, never);
    expect(server.requests).toHaveLength(2);
  });
});

describe('while the Hub is unreachable', () => {
  it('every cached response is shown, with its date', async () => {
    const { server, clock, open } = await world();
    const hub = open();
    const first = await hub.search(search, never);
    const second = await hub.search({ ...search, cursor: first.cursor }, never);
    const model = await hub.model('many/m1', 'main', never);
    const seenAt = clock.now;
    await server.close();
    clock.now += 86_400_000;
    const restarted = open();
    expect(await restarted.search(search, never)).toEqual({ ...first, cachedAt: seenAt });
    expect(await restarted.search({ ...search, cursor: first.cursor }, never)).toEqual({ ...second, cachedAt: seenAt });
    const kept = await restarted.model('many/m1', 'main', never);
    expect(kept).toEqual({ ...model, cachedAt: seenAt });
    expect(kept).toMatchObject({ card: '# Card', files: [{ path: 'x-Q8_0.gguf' }] });
    // A model whose page was opened is found by its name.
    const pasted = await restarted.search({ ...search, query: 'many/m1:Q8_0' }, never);
    expect(pasted).toMatchObject({ models: [{ repoId: 'many/m1', isGguf: true }], cachedAt: seenAt });
    // A response that was never received cannot be shown.
    await expect(restarted.search({ ...search, query: 'new' }, never)).rejects.toMatchObject({ code: 'hub.offline' });
    await expect(restarted.model('many/m2', 'main', never)).rejects.toMatchObject({ code: 'hub.offline' });
  });

  it('a Hub with server errors counts as unreachable; one that refuses does not', async () => {
    const { server, clock, open } = await world();
    const hub = open();
    await hub.search(search, never);
    const seenAt = clock.now;
    clock.now += 100_000;
    server.setFault({ at: 'api', kind: 'status', status: 503 });
    expect((await hub.search(search, never)).cachedAt).toBe(seenAt);
    server.clearFaults();
    server.setFault({ at: 'api', kind: 'status', status: 429 });
    await expect(hub.search(search, never)).rejects.toMatchObject({ code: 'hub.rate_limited' });
    server.clearFaults();
    server.removeRepo('many/m1');
    await expect(hub.model('many/m1', 'main', never)).rejects.toMatchObject({ code: 'hub.not_found' });
  });

  it('offline mode opens no socket, and dates even a fresh response', async () => {
    const { server, clock, open } = await world();
    await open().search(search, never);
    await open().model('many/m1', 'main', never);
    await open().fit(
      {
        repoId: 'many/m1',
        path: 'x-Q8_0.gguf',
        revision: 'main',
        contextSize: null,
        kvCacheType: 'F16',
        gpuLayers: null,
      },
      never,
    );
    const asked = server.requests.length;
    let connections = 0;
    const listener = createServer(() => connections++).listen(0, '127.0.0.1');
    onTestFinished(() => void listener.close());
    let fetched = 0;
    const offline = open({
      offlineBy: 'HEARTH_OFFLINE',
      fetch: (...call) => {
        fetched++;
        return globalThis.fetch(...call);
      },
    });
    expect((await offline.search(search, never)).cachedAt).toBe(clock.now);
    expect((await offline.model('many/m1', 'main', never)).cachedAt).toBe(clock.now);
    const input = {
      repoId: 'many/m1',
      path: 'x-Q8_0.gguf',
      contextSize: 512,
      kvCacheType: 'Q8_0',
      gpuLayers: null,
    } as const;
    expect(await offline.fit({ ...input, revision: 'main' }, never)).toMatchObject({ requests: 0, headerBytes: 0 });
    await expect(offline.fit({ ...input, repoId: 'many/m3', revision: 'main' }, never)).rejects.toMatchObject({
      code: 'hub.offline',
    });
    await expect(offline.heads(['many/m1'], never)).rejects.toMatchObject({ code: 'hub.offline' });
    expect([fetched, connections, server.requests.length]).toEqual([0, 0, asked]);
  });
});

describe('heads', () => {
  it('give the commit of main, one request each, and are stored', async () => {
    const { server, store, clock, open } = await world();
    const hub = open();
    const before = await server.mainCommitId('many/m1');
    await hub.model('many/m1', 'main', never);
    expect(readBranchHeads(store).get('many/m1')?.commit).toBe(before);
    const after = await server.updateRepo('many/m1', { files: { 'new.txt': 'x' } });
    expect(after).not.toBe(before);
    clock.now += 1000;
    server.requests.length = 0;
    const heads = await hub.heads(['many/m1', 'many/m2', 'many/m1', 'gone/away'], never);
    expect(Object.fromEntries(heads)).toEqual({ 'many/m1': after, 'many/m2': await server.mainCommitId('many/m2') });
    expect(server.requests).toHaveLength(3);
    expect(readBranchHeads(store).get('many/m1')).toEqual({ commit: after, checkedAt: clock.now });
  });

  it('requests a few at a time, and stops at the Hub’s rate limit', async () => {
    const { server, open } = await world();
    server.setFault({ at: 'api', kind: 'delay', ms: 20 });
    const ids = repos.map(({ id }) => id);
    expect((await open().heads(ids, never)).size).toBe(35);
    server.clearFaults();
    server.requests.length = 0;
    server.setFault({ at: 'api', kind: 'status', status: 429, skip: 5 });
    await expect(open().heads(ids, never)).rejects.toMatchObject({ code: 'hub.rate_limited' });
    expect(server.requests.length).toBeLessThan(15);
  });

  it('ends the other requests when one was refused for all', async () => {
    const { open } = await world();
    const waiting: AbortSignal[] = [];
    const asked = Promise.withResolvers<void>();
    const hub = open({
      async fetch(input, init) {
        const { signal } = init ?? {};
        if (String(input instanceof Request ? input.url : input).includes('many/m3')) {
          await asked.promise;
          return new Response(null, { status: 429, headers: { 'retry-after': '60' } });
        }
        if (signal) waiting.push(signal);
        if (waiting.length === 3) asked.resolve();
        return await new Promise((_, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    });
    const ids = ['many/m0', 'many/m1', 'many/m2', 'many/m3'];
    await expect(hub.heads(ids, never)).rejects.toMatchObject({ code: 'hub.rate_limited' });
    expect(waiting.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  it('are not what the page of an older revision shows', async () => {
    const { server, store, open } = await world();
    const hub = open();
    const before = await server.mainCommitId('many/m1');
    const after = await server.updateRepo('many/m1', { files: { 'new.txt': 'x' } });
    await hub.heads(['many/m1'], never);
    expect((await hub.model('many/m1', before, never)).revision).toBe(before);
    expect(readBranchHeads(store).get('many/m1')?.commit).toBe(after);
  });
});
