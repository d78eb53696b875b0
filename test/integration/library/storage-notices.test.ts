/** A deletion that proves impossible after its time for undo, as a page sees it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { StorageEvent } from '../../../preload/contract/library.ts';
import type { NoticesEvent } from '../../../preload/contract/system.ts';
import { startHub } from '../../hub-server/hub-server.ts';
import { serveFolder } from '../../support/app-setup.ts';
import { putFile, temporaryFolder } from '../../support/cache-setup.ts';

it('is reported to the page, and the file is in the list again', async () => {
  const repoId = 'owner/name';
  const server = await startHub({ repos: [{ id: repoId, files: { 'new-Q8_0.gguf': randomBytes(3_000_000) } }] });
  server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 50_000 });
  const folder = await temporaryFolder();
  await putFile(join(folder, 'cache'), { repoId, path: 'old.gguf', bytes: 'old', ref: 'main' });
  const app = await serveFolder(folder, { HF_ENDPOINT: server.url });
  onTestFinished(async () => {
    await app.close();
    await server.close();
  });
  const seen: { notices?: NoticesEvent; storage?: StorageEvent } = {};
  const socket = new WebSocket(`ws://${new URL(app.origin).host}/rpc`, {
    headers: { authorization: `Bearer ${app.token}` },
  });
  onTestFinished(() => socket.close());
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { id: number; event?: unknown };
    if (frame.event !== undefined) Object.assign(seen, { [frame.id === 1 ? 'notices' : 'storage']: frame.event });
  });
  await new Promise((resolve) => socket.once('open', resolve));
  for (const [id, route] of [
    [1, 'system.watchNotices'],
    [2, 'library.watchStorage'],
  ])
    socket.send(JSON.stringify({ t: 'open', id, route, input: {} }));
  const names = (): string[] =>
    seen.storage?.repositories.flatMap(({ revisions }) =>
      revisions.flatMap(({ files }) => files.map((one) => one.path)),
    ) ?? [];
  await expect.poll(names).toEqual(['old.gguf']);
  await expect.poll(() => seen.notices).toEqual({ notices: [] });

  await app.call('library.delete', { repoId, path: 'old.gguf' });
  await expect.poll(names).toEqual([]);
  await app.call('library.download', { repoId, path: 'new-Q8_0.gguf' });
  await expect
    .poll(() => seen.notices?.notices, { timeout: 60_000 })
    .toMatchObject([
      {
        code: 'not_deleted',
        name: 'old.gguf',
        error: { code: 'busy', data: { reason: 'downloading' } },
      },
    ]);
  await expect.poll(names).toEqual(['old.gguf']);
}, 120_000);
