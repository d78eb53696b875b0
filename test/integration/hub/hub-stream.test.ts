/** A file that is read from the Hub and not stored. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { RemoteFile } from '../../../main/hub/hub.ts';
import { content, never, path, repoId, setUp, sha256, tree } from '../../support/hub-setup.ts';
import type { Fault } from '../../hub-server/hub-server.ts';

async function listed(...options: Parameters<typeof setUp>) {
  const all = await setUp(...options);
  const { files } = await all.hub.files(repoId, 'main', never);
  const file = files.find((one) => one.path === path);
  if (!file) throw new Error('The file is not listed.');
  return { ...all, file };
}

async function hashOf(chunks: AsyncIterable<Uint8Array>): Promise<{ hex: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { hex: hash.digest('hex'), bytes };
}

it('comes whole and in order, and leaves nothing on the disk', async () => {
  const { hub, file, folder } = await listed();
  let told = 0;
  const found = await hashOf(hub.streamFile(file, { signal: never, onBytes: (count) => (told += count) }));
  expect(found).toEqual({ hex: sha256, bytes: content.length });
  expect(told).toBe(content.length);
  expect(await tree(folder)).toEqual([]);
});

it.each<[string, Fault, number]>([
  ['a connection that breaks', { at: 'cdn', kind: 'cut', afterBytes: 1_000_000, count: 2 }, 3],
  ['one that breaks before its answer', { at: 'cdn', kind: 'reset', count: 1 }, 2],
  ['a body that ends early', { at: 'cdn', kind: 'shortBody', missingBytes: 1_000_000, count: 1 }, 2],
  ['a server that falls silent', { at: 'cdn', kind: 'stall', afterBytes: 500_000, count: 1 }, 2],
  ['a refusal that passes', { at: 'cdn', kind: 'status', status: 503, count: 2 }, 3],
  ['an address that has expired', { at: 'resolve', kind: 'expiredRedirect', count: 1 }, 2],
])('goes on where it was after %s', async (_, fault, requests) => {
  const { hub, file, server } = await listed({ stallMs: 300 });
  server.setFault(fault);
  expect(await hashOf(hub.streamFile(file, { signal: never }))).toEqual({ hex: sha256, bytes: content.length });
  expect(server.requests.filter(({ level }) => level === 'cdn')).toHaveLength(requests);
});

it('goes on with a server that knows no ranges', async () => {
  const { hub, file, server } = await listed();
  server.setFault({ at: 'cdn', kind: 'ignoreRange' });
  server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 1_000_000, count: 1 });
  expect(await hashOf(hub.streamFile(file, { signal: never }))).toEqual({ hex: sha256, bytes: content.length });
});

it.each<[string, Fault, string]>([
  ['a wrong byte', { at: 'cdn', kind: 'corruptByte', offset: 2_000_000 }, 'hub.hash_mismatch'],
  ['no rights', { at: 'resolve', kind: 'status', status: 403 }, 'hub.bad_response'],
  ['no file', { at: 'resolve', kind: 'status', status: 404 }, 'hub.not_found'],
])('ends with an error for %s', async (_, fault, code) => {
  const { hub, file, server } = await listed();
  server.setFault(fault);
  await expect(hashOf(hub.streamFile(file, { signal: never }))).rejects.toMatchObject({ code });
});

it('checks the small files of git too, and stops at once', async () => {
  const { hub } = await listed();
  const { files } = await hub.files(repoId, 'main', never);
  const readme = files.find((one) => one.path === 'README.md') as RemoteFile;
  expect((await hashOf(hub.streamFile(readme, { signal: never }))).bytes).toBe(readme.sizeBytes);
  await expect(hashOf(hub.streamFile({ ...readme, gitOid: 'a'.repeat(40) }, { signal: never }))).rejects.toMatchObject({
    code: 'hub.hash_mismatch',
  });
  const abort = new AbortController();
  const stream = hub.streamFile(readme, { signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(hashOf(stream)).rejects.toThrow('enough');
});
