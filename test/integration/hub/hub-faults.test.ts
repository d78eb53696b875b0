/** Every fault at the first, a middle and the last segment of a file, over a real server. */
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Hub, RemoteFile, TransferProgress } from '../../../main/hub/hub.ts';
import type { Fault, Hub as TestHub } from '../../hub-server/hub-server.ts';
import { content, directFetch, hastyClock, never, path, repoId, setUp, tree } from '../../support/hub-setup.ts';

/** The file is requested in six segments, one after the other, so the number of a request is that of its segment. */
const inOrder = { segmentBytes: 500_000, maxConnections: 1 };
const { segmentBytes } = inOrder;
const places = [
  ['first', 0],
  ['middle', 3],
  ['last', 5],
] as const;
const middleOf = (part: number): number => part * segmentBytes + 250_000;

async function resolveOne(hub: Hub): Promise<RemoteFile> {
  const [file] = await hub.resolve(repoId, path, 'main', never);
  if (!file) throw new Error('nothing to fetch');
  return file;
}

interface Outcome {
  readonly error: unknown;
  readonly lines: readonly string[];
  readonly seen: readonly TransferProgress[];
}

async function fetchOne(hub: Hub, folder: string, file: RemoteFile): Promise<Outcome> {
  const lines: string[] = [];
  const seen: TransferProgress[] = [];
  const error: unknown = await hub
    .fetchFile(file, {
      folder,
      ref: 'main',
      signal: never,
      onProgress: (progress) => void seen.push(progress),
      log: (text) => void lines.push(text),
    })
    .then(
      () => null,
      (thrown: unknown) => thrown,
    );
  return { error, lines, seen };
}

async function expectWhole(hub: Hub, folder: string, file: RemoteFile): Promise<void> {
  expect((await hub.localBytes(folder, file)).isComplete).toBe(true);
  const place = join(folder, 'models--owner--Tiny-GGUF/snapshots', file.commit, path);
  expect((await readFile(place)).equals(content)).toBe(true);
  expect((await tree(folder)).filter((name) => /incomplete|lock/.test(name))).toEqual([]);
}

const requestsTo = (server: TestHub): TestHub['requests'] => server.requests.filter(({ level }) => level === 'cdn');
const bytesFrom = (server: TestHub): number => requestsTo(server).reduce((sum, { bytesSent }) => sum + bytesSent, 0);

describe.each(places)('at the %s part', (_place, part) => {
  /** A name, the fault at a segment, and the expected line of the log. */
  const mended: readonly [string, (part: number) => readonly Fault[], RegExp][] = [
    ['a cut line', () => [{ at: 'cdn', kind: 'cut', afterBytes: 200_000, skip: part, count: 1 }], /failed \(/],
    ['a reset', () => [{ at: 'cdn', kind: 'reset', skip: part, count: 1 }], /hash is right/],
    ['a stall', () => [{ at: 'cdn', kind: 'stall', afterBytes: 99_000, skip: part, count: 1 }], /No data for/],
    [
      'status 429',
      () => [{ at: 'cdn', kind: 'status', status: 429, retryAfterSeconds: 9, skip: part, count: 1 }],
      /status 429\. Next attempt in 9\.0 s/,
    ],
    ['status 500', () => [{ at: 'cdn', kind: 'status', status: 500, skip: part, count: 1 }], /status 500/],
    ['status 503', () => [{ at: 'cdn', kind: 'status', status: 503, skip: part, count: 1 }], /status 503/],
    ['a wrong range', () => [{ at: 'cdn', kind: 'wrongRange', skip: part, count: 1 }], /another range/],
    ['a short body', () => [{ at: 'cdn', kind: 'shortBody', missingBytes: 90_000, skip: part, count: 1 }], /too early/],
    ['a long body', () => [{ at: 'cdn', kind: 'longBody', extraBytes: 90_000, skip: part, count: 1 }], /hash is right/],
    [
      'a broken byte',
      () => [{ at: 'cdn', kind: 'corruptByte', offset: middleOf(part), skip: part, count: 1 }],
      /differed and were replaced: bytes \d+ to \d+/,
    ],
    [
      'an expired address',
      () =>
        part === 0
          ? [{ at: 'resolve', kind: 'expiredRedirect', method: 'GET', count: 1 }]
          : [{ at: 'cdn', kind: 'status', status: 403, skip: part, count: 1 }],
      /hash is right/,
    ],
    ['an ignored range', () => [{ at: 'cdn', kind: 'ignoreRange', skip: part }], /does not support range requests/],
    ['a range with status 200', () => [{ at: 'cdn', kind: 'rangeAs200', skip: part }], /hash is right/],
    [
      'a range with status 200 and no name',
      () => [{ at: 'cdn', kind: 'rangeAs200', unnamed: true, skip: part }],
      /does not support range requests/,
    ],
  ];
  it.each(mended)('%s is mended, and bytes are fetched once', async (what, faults, said) => {
    const { hub, folder, server, clock } = await setUp({ stallMs: what === 'a stall' ? 250 : 10_000, ...inOrder });
    const file = await resolveOne(hub);
    const set = faults(part).map((fault) => server.setFault(fault));
    const { error, lines, seen } = await fetchOne(hub, folder, file);
    expect(error).toBeNull();
    await expectWhole(hub, folder, file);
    for (const { hits } of set) expect(hits).toBeGreaterThan(0);
    expect(lines.join('\n')).toMatch(said);
    const bytes = seen.map(({ doneBytes }) => doneBytes);
    expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
    // A retry requests only the rest of its segment. A corrupt byte is found at the end, so the whole file is compared.
    const most = what === 'a broken byte' ? 2 * content.byteLength : content.byteLength + 1.2 * segmentBytes;
    if (what.includes('status 200')) expect(clock.pauses).toEqual([]);
    if (what !== 'an ignored range' && !what.includes('no name')) expect(bytesFrom(server)).toBeLessThanOrEqual(most);
    if (what === 'status 429') expect(clock.pauses).toEqual([9_000]);
  });

  it('another ETag starts the file again, and says so', async () => {
    const { hub, folder, server } = await setUp(inOrder);
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'changedEtag', skip: part, ...(part === 0 ? { count: 1 } : {}) });
    const { error, lines } = await fetchOne(hub, folder, file);
    expect(error).toBeNull();
    await expectWhole(hub, folder, file);
    expect(lines.filter((line) => line.includes('starts again'))).toHaveLength(1);
  });

  /** `change` makes requests to the other host fail from this segment on, as long as `broken` says so. */
  async function withBroken(change: (url: URL) => void) {
    const broken = { isOn: true };
    let asked = 0;
    const around = await setUp({
      ...inOrder,
      fetch: (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input);
        if (url.pathname.startsWith('/xet-bridge/') && asked++ >= part && broken.isOn) change(url);
        return directFetch(url, init);
      },
    });
    return { ...around, broken };
  }

  async function tls(): Promise<Server> {
    const fixture = (name: string): Promise<Buffer> => readFile(join(import.meta.dirname, '../../fixtures/tls', name));
    const [cert, key] = await Promise.all([fixture('server.pem'), fixture('server-key.pem')]);
    const server = createServer({ cert, key }, (_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    return server;
  }

  it.each([
    ['a name that nobody knows', /ENOTFOUND|EAI_AGAIN/],
    ['a certificate that cannot be checked', /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED/],
  ])('%s fails with its reason, and the rest comes later', async (what, cause) => {
    const secure = what.includes('certificate') ? await tls() : null;
    const { hub, folder, server, broken } = await withBroken((url) => {
      if (secure === null) url.hostname = 'no-such-host.invalid';
      else {
        url.protocol = 'https:';
        url.port = String((secure.address() as AddressInfo).port);
      }
    });
    const file = await resolveOne(hub);
    const { error } = await fetchOne(hub, folder, file);
    expect(error).toMatchObject({ code: 'hub.offline', data: { cause: expect.stringMatching(cause) as unknown } });
    expect((await hub.localBytes(folder, file)).bytes).toBe(part * segmentBytes);
    broken.isOn = false;
    expect((await fetchOne(hub, folder, file)).error).toBeNull();
    await expectWhole(hub, folder, file);
    expect(bytesFrom(server)).toBe(content.byteLength);
  });

  it('a refusal of the Hub midway ends it at once, and the rest can be resumed', async () => {
    const { hub, folder, server } = await setUp(inOrder);
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'status', status: 403, skip: part });
    server.setFault({ at: 'resolve', kind: 'status', status: 401, method: 'GET', skip: 1 });
    if (part === 0) {
      server.clearFaults();
      server.setFault({ at: 'resolve', kind: 'status', status: 401, method: 'GET' });
    }
    const { error } = await fetchOne(hub, folder, file);
    expect(error).toMatchObject({ code: 'hub.unauthorized' });
    expect((await hub.localBytes(folder, file)).bytes).toBe(part * segmentBytes);
    server.clearFaults();
    expect((await fetchOne(hub, folder, file)).error).toBeNull();
    await expectWhole(hub, folder, file);
    expect(bytesFrom(server)).toBeLessThanOrEqual(content.byteLength + 100);
  });

  it.each([
    ['a full disk', 'ENOSPC', 'disk.full'],
    ['a folder that is read-only by then', 'EROFS', 'disk.denied'],
    ['a file system that knows no such large files', 'EFBIG', 'disk.denied'],
  ])('%s is said, and what was written counts', async (_what, code, expected) => {
    const quota = { bytes: middleOf(part) };
    const { hub, folder, server } = await setUp({
      ...inOrder,
      openFile: async (...args) => {
        const handle = await open(...args);
        const write = handle.write.bind(handle) as (...all: unknown[]) => Promise<{ bytesWritten: number }>;
        const limited = async (bytes: Uint8Array, offset: number, length: number, position: number) => {
          if (position + length > quota.bytes) throw Object.assign(new Error(code), { code, syscall: 'write' });
          return await write(bytes, offset, length, position);
        };
        return Object.assign(handle, { write: limited }) as typeof handle;
      },
    });
    const file = await resolveOne(hub);
    const { error } = await fetchOne(hub, folder, file);
    expect(error).toMatchObject({ code: expected });
    const { bytes } = await hub.localBytes(folder, file);
    expect(bytes).toBeLessThanOrEqual(quota.bytes);
    if (expected === 'disk.full')
      expect(error).toMatchObject({
        data: { neededBytes: content.byteLength - bytes, freeBytes: expect.any(Number) as unknown },
      });
    quota.bytes = Infinity;
    server.requests.length = 0;
    expect((await fetchOne(hub, folder, file)).error).toBeNull();
    await expectWhole(hub, folder, file);
    expect(bytesFrom(server)).toBeLessThanOrEqual(content.byteLength - bytes + segmentBytes);
  });

  it.each([3_600_000, -3_600_000])('a clock that jumps by %i ms changes nothing', async (jumpMs) => {
    let offMs = 0;
    const clock = { ...hastyClock(), now: () => Date.now() + offMs };
    let asked = 0;
    const { hub, folder, server } = await setUp({
      ...inOrder,
      clock,
      fetch: (input, init) => {
        if (asked++ >= part + 3) offMs = jumpMs;
        return directFetch(input, init);
      },
    });
    const file = await resolveOne(hub);
    const { error } = await fetchOne(hub, folder, file);
    expect(error).toBeNull();
    await expectWhole(hub, folder, file);
    expect(bytesFrom(server)).toBe(content.byteLength);
  });

  it('a byte that is always corrupt fails and leaves nothing', async () => {
    const { hub, folder, server } = await setUp(inOrder);
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'corruptByte', offset: middleOf(part) });
    const { error } = await fetchOne(hub, folder, file);
    expect(error).toMatchObject({ code: 'hub.hash_mismatch' });
    expect((await tree(folder)).filter((name) => !name.endsWith('/'))).toEqual([]);
  });

  it('a byte that is corrupt in different ways each time is reported in the end', async () => {
    const { hub, folder, server } = await setUp(inOrder);
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'corruptByte', offset: middleOf(part), count: 6 });
    server.setFault({ at: 'cdn', kind: 'corruptByte', offset: middleOf(part) + 1, skip: 6 });
    const { error } = await fetchOne(hub, folder, file);
    expect(error).toMatchObject({ code: 'hub.hash_mismatch' });
    const { startBytes, endBytes } = (error as { data: Record<string, number> }).data;
    expect(startBytes).toBeLessThanOrEqual(middleOf(part));
    expect(endBytes).toBeGreaterThan(middleOf(part));
    expect((await tree(folder)).filter((name) => !name.endsWith('/'))).toEqual([]);
  });
});

describe('leftovers of an earlier process', () => {
  const partial = 'models--owner--Tiny-GGUF/blobs';
  it.each([
    [
      'gaps',
      {
        done: [
          [0, 400_000],
          [1_000_000, 1_500_000],
        ],
      },
      900_000,
    ],
    ['a list of another size', { sizeBytes: 5 }, 0],
    ['a list that claims more than there is', { done: [[0, 99_000_000]] }, 0],
    ['a list that is no list', { done: 'all' }, 0],
  ])('%s: only what is surely there counts', async (_what, change, presentBytes) => {
    const { hub, folder, server } = await setUp(inOrder);
    const file = await resolveOne(hub);
    const name = join(folder, partial, String(file.sha256));
    await mkdir(join(folder, partial), { recursive: true });
    const holed = Buffer.from(content);
    holed.fill(0, 400_000, 1_000_000);
    await writeFile(`${name}.hearth.incomplete`, holed.subarray(0, 1_500_000));
    const list = { version: 1, sizeBytes: content.byteLength, entityTag: null, done: [], ...change };
    await writeFile(`${name}.parts.hearth.incomplete`, JSON.stringify(list).padEnd(300));
    expect((await hub.localBytes(folder, file)).bytes).toBe(presentBytes);
    expect((await fetchOne(hub, folder, file)).error).toBeNull();
    await expectWhole(hub, folder, file);
    expect(bytesFrom(server)).toBe(content.byteLength - presentBytes);
  });

  it('a list without its file is ignored', async () => {
    const { hub, folder } = await setUp(inOrder);
    const file = await resolveOne(hub);
    const name = join(folder, partial, String(file.sha256));
    await mkdir(join(folder, partial), { recursive: true });
    const list = { version: 1, sizeBytes: content.byteLength, entityTag: null, done: [[0, content.byteLength]] };
    await writeFile(`${name}.parts.hearth.incomplete`, JSON.stringify(list));
    expect((await hub.localBytes(folder, file)).bytes).toBe(0);
    expect((await fetchOne(hub, folder, file)).error).toBeNull();
    await expectWhole(hub, folder, file);
    await rm(folder, { recursive: true });
  });
});

describe('a server that ignores ranges after the first answers', () => {
  it.each([0, 2])('and cuts two of them from number %i on, is asked again a few times alone', async (skip) => {
    const { hub, folder, server } = await setUp(inOrder);
    const file = await resolveOne(hub);
    server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 1_400_000, skip, count: 2 });
    server.setFault({ at: 'cdn', kind: 'ignoreRange', skip: 1 });
    expect((await fetchOne(hub, folder, file)).error).toBeNull();
    await expectWhole(hub, folder, file);
    expect(server.requests.length).toBeLessThan(20);
  });
});
