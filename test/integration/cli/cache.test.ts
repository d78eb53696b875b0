/** `hearth cache`, on a cache that `hearth pull` has filled, without a running app and beside one. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, type Hub } from '../../hub-server/hub-server.ts';
import { commandIn, type Outcome } from '../../support/hearth-command.ts';

const root = path.join(import.meta.dirname, '../../..');
const story = readFileSync(path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf'));
let folder: string;
let cache: string;
let hub: Hub;
let hearth: ReturnType<typeof commandIn>;
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'hearth-cache-')));
  cache = path.join(folder, 'cache');
  hub = await startHub({
    repos: [
      { id: 'anna/Story-GGUF', files: { 'Story-F32.gguf': story } },
      { id: 'ben/Same-GGUF', files: { 'Same-F32.gguf': story } },
    ],
  });
  hearth = commandIn(folder, { HF_ENDPOINT: hub.url });
  for (const one of ['anna/Story-GGUF', 'ben/Same-GGUF']) expect((await hearth(['pull', one])).code).toBe(0);
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});
const json = ({ out }: Outcome): Record<string, unknown> =>
  JSON.parse(out.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
const blobsOf = (name: string): string => path.join(cache, `models--${name}`, 'blobs');

describe('hearth cache', () => {
  it('lists repositories with what is there twice', async () => {
    const listed = json(await hearth(['cache', '--json']));
    expect(listed).toMatchObject({
      ...{ folder: cache, totalBytes: 2 * story.length, leftoverBytes: 0, duplicateBytes: story.length },
      duplicates: [
        {
          sizeBytes: story.length,
          files: [
            { repoId: 'anna/Story-GGUF', path: 'Story-F32.gguf' },
            { repoId: 'ben/Same-GGUF', path: 'Same-F32.gguf' },
          ],
        },
      ],
    });
    const { out } = await hearth(['cache', 'list']);
    expect(out).toMatch(/^ {2}anna\/Story-GGUF +1\.05 MB +1 +never$/m);
    expect(out).toContain('are here more than once');
    expect(await hearth(['cache', 'path'])).toEqual({ code: 0, out: `${cache}\n`, err: '' });
  });

  it('says what it would free, and deletes it with --yes alone', async () => {
    expect((await hearth(['cache', 'clean'])).out).toBe('There are no leftovers.\n');
    const blobs = blobsOf('anna--Story-GGUF');
    const left = path.join(blobs, `${'a'.repeat(64)}.hearth.incomplete`);
    writeFileSync(left, Buffer.alloc(70_000, 1));
    const asked = json(await hearth(['cache', 'clean', '--json']));
    expect(asked).toMatchObject({ freedBytes: 0 });
    expect(asked['leftoverBytes']).toBeGreaterThanOrEqual(70_000);
    expect(existsSync(left)).toBe(true);
    const cleaned = json(await hearth(['cache', 'clean', '--yes', '--json']));
    expect(cleaned['freedBytes']).toBe(asked['leftoverBytes']);
    expect(existsSync(left)).toBe(false);
    expect(readdirSync(blobs)).toHaveLength(1);
  });

  it('verifies the files by their hashes, and ends with 1 for a damaged one', async () => {
    const sound = json(await hearth(['cache', 'verify', '--json']));
    expect(sound).toMatchObject({ type: 'done', checkedCount: 2, damagedCount: 0 });
    const [blob = ''] = readdirSync(blobsOf('ben--Same-GGUF'));
    const damaged = Buffer.from(story);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    writeFileSync(path.join(blobsOf('ben--Same-GGUF'), blob), damaged);
    const other = await hearth(['cache', 'verify', 'anna/Story-GGUF', '--json']);
    expect([other.code, json(other)]).toMatchObject([0, { checkedCount: 1, damagedCount: 0 }]);
    const found = await hearth(['cache', 'verify']);
    expect(found.code).toBe(1);
    expect(found.out).toContain('ben/Same-GGUF/Same-F32.gguf is damaged.');
    expect(found.err).toMatch(/^model\.corrupt: ben\/Same-GGUF\/Same-F32\.gguf is damaged\. Delete with hearth rm/);
    expect((await hearth(['cache', 'verify', 'nobody/none'])).err).toMatch(/^not_found: /);
  });

  it('refuses what it does not know', async () => {
    for (const [args, sentence] of [
      [['clena'], '"cache" takes list, verify, clean, path as its action, not "clena". Did you mean "clean"?'],
      [['clean', 'a/b'], '"cache clean" takes no repository.'],
      [['list', '--yes'], '"cache list" has no option --yes.'],
      [['verify', '../x'], '"cache verify" takes a repository, OWNER/NAME, not "../x".'],
    ] as const) {
      const { code, err } = await hearth(['cache', ...args]);
      expect([code, err.split('\n')[0]]).toEqual([2, sentence]);
    }
  });

  it('asks the running app, and refuses to work on another cache than its own', async () => {
    const stop = new AbortController();
    let isReady = (): void => {};
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const serving = hearth(['serve'], {
      interrupt: stop.signal,
      interruptWhen(written) {
        if (written.includes('Hearth is ready')) isReady();
        return false;
      },
    });
    await Promise.race([ready, serving]);
    try {
      expect(json(await hearth(['cache', '--json']))).toMatchObject({ folder: cache, totalBytes: 2 * story.length });
      const elsewhere = path.join(folder, 'elsewhere');
      mkdirSync(elsewhere);
      const other = await commandIn(folder, { HEARTH_CACHE_DIR: elsewhere })(['cache']);
      expect(other).toMatchObject({
        code: 1,
        err: expect.stringContaining(`Hearth is running with the cache ${cache}.`) as string,
      });
    } finally {
      stop.abort();
    }
    expect((await serving).code).toBe(130);
  });
});
