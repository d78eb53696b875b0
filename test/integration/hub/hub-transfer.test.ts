/** Downloading a file into the cache, from a real server with every fault that a network can have. */
import { createHash } from 'node:crypto';
import { link, mkdir, readFile, readlink, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createHub,
  listCache,
  type FetchOptions,
  type Hub,
  type RemoteFile,
  type TransferProgress,
} from '../../../main/hub/hub.ts';
import type { Fault } from '../../hub-server/hub-server.ts';
import { content, directFetch, never, path, repoId, setUp, sha256, tree } from '../../support/hub-setup.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';

const plain = (folder: string): FetchOptions => ({ folder, ref: 'main', signal: never, onProgress: () => {} });

async function resolveOne(hub: Hub): Promise<RemoteFile> {
  const [file] = await hub.resolve(repoId, path, 'main', never);
  if (!file) throw new Error('nothing to fetch');
  return file;
}
const partialOf = (folder: string): string =>
  join(folder, `models--owner--Tiny-GGUF/blobs/${sha256}.hearth.incomplete`);

describe('a download', () => {
  it('is stored in the cache exactly as Python does it', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    const commit = await server.mainCommitId(repoId);
    expect(file).toMatchObject({ commit, sizeBytes: content.byteLength, sha256 });
    const place = await hub.fetchFile(file, plain(folder));

    const root = 'models--owner--Tiny-GGUF';
    expect(await tree(folder)).toEqual([
      'CACHEDIR.TAG',
      `${root}/`,
      `${root}/blobs/`,
      `${root}/blobs/${sha256}`,
      `${root}/refs/`,
      `${root}/refs/main`,
      `${root}/snapshots/`,
      `${root}/snapshots/${commit}/`,
      `${root}/snapshots/${commit}/${path}`,
    ]);
    expect(place).toBe(join(folder, root, 'snapshots', commit, path));
    expect(await readlink(place)).toBe(`../../blobs/${sha256}`);
    expect(await readFile(join(folder, root, 'refs/main'), 'utf8')).toBe(commit);
    expect(await readFile(join(folder, 'CACHEDIR.TAG'), 'utf8')).toMatch(
      /^Signature: 8a477f597d28d172789f06886806bc55\n/,
    );
    expect((await readFile(place)).equals(content)).toBe(true);
    expect(await listCache(folder)).toMatchObject([{ repoId, commit, path, sizeBytes: content.byteLength }]);

    server.requests.length = 0;
    await hub.fetchFile(file, plain(folder));
    expect(server.requests).toEqual([]);
  });

  it('checks a file that git itself keeps by its git id, also behind a relative redirect', async () => {
    const { hub, folder, server } = await setUp(
      {},
      {
        repos: [{ id: repoId, files: { 'folder/config.json': '{"a": 1}' } }],
        smallFiles: 'resolve-cache',
      },
    );
    const [file] = await hub.resolve(repoId, 'folder/config.json', 'main', never);
    if (!file) throw new Error('nothing to fetch');
    expect(file.sha256).toBeNull();
    const place = await hub.fetchFile(file, plain(folder));
    expect(await readlink(place)).toBe(`../../../blobs/${file.gitOid}`);
    expect(await readFile(place, 'utf8')).toBe('{"a": 1}');
    await server.addFile(repoId, 'folder/config.json', '{"a": 2}');
    await expect(
      hub.fetchFile(
        { ...file, commit: await server.mainCommitId(repoId), path: 'folder/config.json', gitOid: 'a'.repeat(40) },
        plain(folder),
      ),
    ).rejects.toMatchObject({ code: 'hub.hash_mismatch' });
  });

  it('sends the token only to the Hub', async () => {
    const token = 'hf_secretsecret';
    const { hub, folder, server } = await setUp(
      { token: () => token },
      {
        repos: [{ id: repoId, gated: 'auto', files: { [path]: content } }],
        tokens: { [token]: { name: 'ada', gatedAccess: [repoId] } },
      },
    );
    await hub.fetchFile(await resolveOne(hub), plain(folder));
    const cdn = server.requests.filter((request) => request.level === 'cdn');
    expect(cdn.length).toBeGreaterThan(0);
    expect(JSON.stringify(cdn)).not.toContain(token);
    for (const request of server.requests.filter(({ level }) => level !== 'cdn')) {
      expect(request.headers.authorization).toBe(`Bearer ${token}`);
    }
  });

  it('keeps token and signed addresses out of its errors', async () => {
    const token = 'hf_secretsecret';
    const { hub, folder, server } = await setUp(
      { token: () => token },
      { tokens: { [token]: { name: 'ada' } }, repos: [{ id: repoId, files: { [path]: content } }] },
    );
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'status', status: 418 });
    const error: unknown = await hub.fetchFile(file, plain(folder)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'hub.bad_response', data: { status: 418 } });
    expect(JSON.stringify([error, String(error), (error as Error).stack])).not.toMatch(/secret|Signature/);
  });
});

describe('recoverable faults', () => {
  /** A name, the faults, and optionally the allowed number of requests to the other host. */
  const mended: readonly [string, readonly Fault[], number?][] = [
    ['a cut line', [{ at: 'cdn', kind: 'cut', afterBytes: 1_000_000, count: 2 }]],
    ['a line cut at once', [{ at: 'cdn', kind: 'cut', afterBytes: 0, count: 3 }]],
    ['a reset before the answer', [{ at: 'cdn', kind: 'reset', count: 2 }]],
    ['a reset at the Hub', [{ at: 'resolve', kind: 'reset', method: 'GET', count: 1 }]],
    ['a stall', [{ at: 'cdn', kind: 'stall', afterBytes: 700_000, count: 1 }]],
    ['status 500', [{ at: 'resolve', kind: 'status', status: 500, method: 'GET', count: 2 }]],
    ['status 503 of the other host', [{ at: 'cdn', kind: 'status', status: 503, count: 1 }]],
    ['an expired address', [{ at: 'resolve', kind: 'expiredRedirect', method: 'GET', count: 1 }]],
    [
      'an address that expires on the way',
      [
        { at: 'cdn', kind: 'cut', afterBytes: 900_000, count: 1 },
        { at: 'resolve', kind: 'expiredRedirect', method: 'GET', skip: 1, count: 1 },
      ],
    ],
    [
      'an ignored range',
      [
        { at: 'cdn', kind: 'cut', afterBytes: 1_200_000, count: 1 },
        { at: 'cdn', kind: 'ignoreRange' },
      ],
      2,
    ],
    [
      'a wrong range',
      [
        { at: 'cdn', kind: 'cut', afterBytes: 1_200_000, count: 1 },
        { at: 'cdn', kind: 'wrongRange', skip: 1, count: 1 },
      ],
      3,
    ],
    ['a body that ends early', [{ at: 'cdn', kind: 'shortBody', missingBytes: 500_000, count: 2 }]],
    ['a body that is too long', [{ at: 'cdn', kind: 'longBody', extraBytes: 5_000 }]],
    [
      'another file in the middle',
      [
        { at: 'cdn', kind: 'cut', afterBytes: 1_200_000, count: 1 },
        { at: 'cdn', kind: 'changedEtag', skip: 1 },
      ],
      3,
    ],
    [
      'a broken byte in a piece',
      [
        { at: 'cdn', kind: 'cut', afterBytes: 1_200_000, count: 1 },
        { at: 'cdn', kind: 'corruptByte', offset: 2_000_000, skip: 1, count: 1 },
      ],
    ],
  ];
  it.each(mended)('%s', async (what, faults, requests) => {
    const { hub, folder, server } = await setUp({ stallMs: what === 'a stall' ? 200 : 10_000 });
    const file = await resolveOne(hub);
    const set = faults.map((fault) => server.setFault(fault));
    const seen: TransferProgress[] = [];
    const place = await hub.fetchFile(file, { ...plain(folder), onProgress: (progress) => void seen.push(progress) });
    expect((await readFile(place)).equals(content)).toBe(true);
    expect((await tree(folder)).filter((name) => /incomplete|lock/.test(name))).toEqual([]);
    expect(seen.at(-1)).toMatchObject({ phase: 'verifying', doneBytes: content.byteLength });
    for (const { hits } of set) expect(hits).toBeGreaterThan(0);
    if (requests !== undefined) expect(server.requests.filter(({ level }) => level === 'cdn')).toHaveLength(requests);
  });

  it('requests only the missing bytes', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 1_000_000, count: 1 });
    await hub.fetchFile(file, plain(folder));
    const bodies = server.requests.filter((request) => request.level === 'cdn').map((request) => request.bytesSent);
    expect(bodies).toHaveLength(2);
    expect(bodies.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(content.byteLength + 1_000_000);
    expect(server.requests.at(-1)?.headers.range).toMatch(/^bytes=\d+-2999999$/);
  });

  it('does not mistake a slow line for a stall', async () => {
    // The whole download takes longer than the silence limit; a busy machine does not delay us that long.
    const { hub, folder, server } = await setUp({ stallMs: 4_000 });
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 600_000 });
    await hub.fetchFile(file, plain(folder));
    expect(server.requests.filter(({ level }) => level === 'cdn')).toHaveLength(1);
  });

  it('waits as long as the Hub asks', async () => {
    const { hub, folder, server, clock } = await setUp();
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'status', status: 429, retryAfterSeconds: 17, count: 1 });
    await hub.fetchFile(file, plain(folder));
    expect(clock.pauses).toEqual([17_000]);
  });

  it('resumes the partial file of an earlier process, and hashes it again', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    await mkdir(dirname(partialOf(folder)), { recursive: true });
    await writeFile(partialOf(folder), content.subarray(0, 2_000_000));
    const place = await hub.fetchFile(file, plain(folder));
    expect((await readFile(place)).equals(content)).toBe(true);
    expect(server.requests.at(-1)).toMatchObject({ level: 'cdn', bytesSent: 1_000_000 });
  });

  it('needs no network when an earlier process left every byte', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    await mkdir(dirname(partialOf(folder)), { recursive: true });
    await writeFile(partialOf(folder), content);
    server.requests.length = 0;
    await hub.fetchFile(file, plain(folder));
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['bytes of something else', Buffer.alloc(2_000_000, 7)],
    ['more bytes than the file has', Buffer.alloc(4_000_000, 7)],
  ])('begins again when %s lie there', async (_what, junk) => {
    const { hub, folder } = await setUp();
    const file = await resolveOne(hub);
    await mkdir(dirname(partialOf(folder)), { recursive: true });
    await writeFile(partialOf(folder), junk);
    const place = await hub.fetchFile(file, plain(folder));
    expect((await readFile(place)).equals(content)).toBe(true);
  });

  it('follows a model that was renamed', async () => {
    const { hub, folder } = await setUp(
      {},
      { repos: [{ id: 'owner/New-GGUF', renamedFrom: [repoId], files: { [path]: content } }] },
    );
    const place = await hub.fetchFile(await resolveOne(hub), plain(folder));
    expect((await readFile(place)).equals(content)).toBe(true);
  });
});

describe('permanent failures', () => {
  it.each([
    ['a broken byte', { at: 'cdn', kind: 'corruptByte', offset: 1_500_000 }, { code: 'hub.hash_mismatch' }],
    ['other content at the Hub', { at: 'resolve', kind: 'changedEtag', method: 'GET' }, { code: 'hub.hash_mismatch' }],
    [
      'five cuts',
      { at: 'cdn', kind: 'reset' },
      { code: 'hub.offline', data: { cause: expect.any(String) as unknown } },
    ],
    [
      'no end of 500',
      { at: 'resolve', kind: 'status', status: 500, method: 'GET' },
      { code: 'hub.bad_response', data: { status: 500 } },
    ],
    [
      'a long 429',
      { at: 'resolve', kind: 'status', status: 429, retryAfterSeconds: 3600, method: 'GET' },
      { code: 'hub.rate_limited', data: { retryAfterMs: 3_600_000 } },
    ],
    [
      'a refusal on the way',
      { at: 'resolve', kind: 'unauthorizedMidway', afterBytes: 0, method: 'GET' },
      { code: 'hub.unauthorized' },
    ],
    ['a dead line', { at: 'cdn', kind: 'stall', afterBytes: 0 }, { code: 'hub.offline', data: { cause: 'stalled' } }],
  ] as const)('%s', async (_what, fault, expected) => {
    const { hub, folder, server } = await setUp({ stallMs: fault.kind === 'stall' ? 150 : 10_000 });
    const file = await resolveOne(hub);
    server.setFault(fault);
    if (fault.kind === 'unauthorizedMidway') server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 100, count: 1 });
    await expect(hub.fetchFile(file, plain(folder))).rejects.toMatchObject(expected);
    expect((await tree(folder)).filter((name) => !/\/$|incomplete$/.test(name))).toEqual([]);
    if (expected.code === 'hub.hash_mismatch' && fault.kind === 'corruptByte')
      expect(await tree(folder)).not.toContainEqual(expect.stringMatching(/incomplete/));
  });

  it('a full disk is reported before the first request', async () => {
    const { hub, folder, server } = await setUp({ freeBytes: () => Promise.resolve(1_000) });
    const file = await resolveOne(hub);
    server.requests.length = 0;
    await expect(hub.fetchFile(file, plain(folder))).rejects.toMatchObject({
      code: 'disk.full',
      data: { neededBytes: content.byteLength, freeBytes: 1_000 },
    });
    expect(server.requests).toEqual([]);
  });

  it('a folder that cannot be written to', async () => {
    const { hub, folder } = await setUp();
    const file = await resolveOne(hub);
    await writeFile(join(folder, '.locks'), 'a file in the place of a folder');
    await expect(hub.fetchFile(file, plain(folder))).rejects.toMatchObject({ code: 'disk.denied' });
  });

  it('an unreachable server', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    await server.close();
    await expect(hub.fetchFile(file, plain(folder))).rejects.toMatchObject({
      code: 'hub.offline',
      data: { cause: 'ECONNREFUSED' },
    });
    await expect(hub.resolve(repoId, path, 'main', never)).rejects.toMatchObject({ code: 'hub.offline' });
    // The test's own cleanup closes the server again.
    server.close = () => Promise.resolve();
  });

  it.each(['receiving', 'verifying'])('ends when the report of %s aborts it', async (wanted) => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    const abort = new AbortController();
    const phases: string[] = [];
    const options: FetchOptions = {
      ...{ folder, ref: 'main', signal: abort.signal },
      onProgress({ phase }) {
        phases.push(phase);
        if (phase === wanted) abort.abort(new Error('enough'));
      },
    };
    server.requests.length = 0;
    await expect(hub.fetchFile(file, options)).rejects.toThrow('enough');
    expect(phases.filter((phase) => phase === wanted)).toEqual([wanted]);
    if (wanted === 'receiving') expect(server.requests).toEqual([]);
    await hub.fetchFile(file, plain(folder));
  });

  it('fails with what a report throws while nothing arrives', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 0 });
    let reports = 0;
    const onProgress = (): void => {
      reports += 1;
      if (reports === 3) throw new Error('no window');
    };
    await expect(hub.fetchFile(file, { ...plain(folder), onProgress })).rejects.toThrow('no window');
  });

  it('an abort keeps the received bytes and ends soon', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 1_500_000 });
    const abort = new AbortController();
    const running = hub.fetchFile(file, {
      ...plain(folder),
      signal: abort.signal,
      onProgress: ({ doneBytes }) => {
        if (doneBytes >= 1_000_000) abort.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    const local = await hub.localBytes(folder, file);
    expect(local.bytes).toBeGreaterThanOrEqual(1_000_000);
    expect((await stat(partialOf(folder))).size).toBe(local.bytes);
    expect((await tree(folder)).filter((name) => name.includes('lock'))).toEqual([]);
    await hub.discardFile(folder, file, { complete: true });
    expect(await tree(folder)).toEqual([]);
  });
});

describe('names', () => {
  it.each([
    '../x.gguf',
    '/etc/x.gguf',
    'CON',
    'NUL.gguf',
    'aux.txt',
    'a\u0000.gguf',
    `${'x'.repeat(300)}.gguf`,
    'x\u202e.gguf',
    'x.gguf.',
    'x.gguf ',
    'a\\b.gguf',
  ])('refuses %j before anything is asked or written', async (name) => {
    const { hub, folder, server } = await setUp({}, { repos: [{ id: repoId, files: { [name]: content } }] });
    await expect(hub.resolve(repoId, name, 'main', never)).rejects.toMatchObject({ code: 'hub.unsafe_name' });
    const file: RemoteFile = { repoId, commit: 'a'.repeat(40), path: name, sizeBytes: 3, sha256, gitOid: '' };
    await expect(hub.fetchFile(file, plain(folder))).rejects.toMatchObject({ code: 'hub.unsafe_name' });
    expect(server.requests).toEqual([]);
    expect(await tree(folder)).toEqual([]);
  });

  it.each([{ commit: '../../..' }, { sha256: '../../../x' }, { repoId: '../x' }])('refuses %j', async (change) => {
    const { hub, folder } = await setUp();
    const file = { ...(await resolveOne(hub)), ...change };
    await expect(hub.fetchFile(file, plain(folder))).rejects.toMatchObject({ code: 'hub.unsafe_name' });
    expect(await tree(folder)).toEqual([]);
  });
});

describe('two at once', () => {
  it('share one download', async () => {
    const { hub, folder, server } = await setUp();
    const other = createHub({
      endpoint: server.url,
      token: () => null,
      fetch: directFetch,
      offlineBy: null,
      cacheFolder: () => folder,
      fitOf: fitIn(() => ({ freeRamBytes: 8e9, totalRamBytes: 16e9 })),
      fileState: () => 'remote',
    });
    const file = await resolveOne(hub);
    server.requests.length = 0;
    server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 6_000_000 });
    const [one, two] = await Promise.all([hub.fetchFile(file, plain(folder)), other.fetchFile(file, plain(folder))]);
    expect(one).toBe(two);
    expect(server.requests.filter((request) => request.level === 'cdn')).toHaveLength(1);
  });

  const lockOf = (folder: string): string => join(folder, `.locks/models--owner--Tiny-GGUF/${sha256}.hearth.lock`);
  const putLock = async (folder: string, owner: object): Promise<string> => {
    await mkdir(dirname(lockOf(folder)), { recursive: true });
    await writeFile(lockOf(folder), JSON.stringify(owner));
    return lockOf(folder);
  };

  it.each([
    ['its process is gone', { pid: 2 ** 22 + 1, host: hostname(), id: 'x' }, 0],
    ['it was not touched for long', { pid: process.ppid, host: 'elsewhere', id: 'x' }, 60_000],
    ['it has our number from before a restart', { pid: process.pid, host: hostname(), id: 'x' }, 0],
    ['it cannot be read', {}, 60_000],
  ])('take over a lock when %s', async (_what, owner, ageMs) => {
    const { hub, folder } = await setUp();
    const file = await resolveOne(hub);
    const lock = await putLock(folder, owner);
    const then = new Date(Date.now() - ageMs);
    await utimes(lock, then, then);
    await hub.fetchFile(file, plain(folder));
    expect((await tree(folder)).filter((name) => name.includes('lock'))).toEqual([]);
  });

  it('wait for a lock that is alive, and report it in the end', async () => {
    let nowMs = Date.now();
    const clock = {
      now: () => nowMs,
      elapsedMs: () => nowMs,
      sleep: (ms: number, signal: AbortSignal) => {
        nowMs += ms;
        signal.throwIfAborted();
        return new Promise<void>((resolve) => setTimeout(resolve, 0));
      },
    };
    const { hub, folder } = await setUp({ clock });
    const file = await resolveOne(hub);
    await putLock(folder, { pid: process.ppid, host: hostname(), id: 'x' });
    await expect(hub.fetchFile(file, plain(folder))).rejects.toMatchObject({ code: 'cache.locked' });
    // A partial file that another process writes must stay.
    await mkdir(dirname(partialOf(folder)), { recursive: true });
    await writeFile(partialOf(folder), 'x');
    await hub.discardFile(folder, file, { complete: true });
    expect((await stat(partialOf(folder))).size).toBe(1);
  });

  it('find the file that Python finished meanwhile', async () => {
    const { hub, folder, server } = await setUp();
    const file = await resolveOne(hub);
    const blob = join(folder, `models--owner--Tiny-GGUF/blobs/${sha256}`);
    await mkdir(dirname(blob), { recursive: true });
    await writeFile(blob, content);
    await link(blob, `${blob}.incomplete`);
    server.requests.length = 0;
    const place = await hub.fetchFile(file, plain(folder));
    expect(
      createHash('sha256')
        .update(await readFile(place))
        .digest('hex'),
    ).toBe(sha256);
    expect(server.requests).toEqual([]);
  });
});
