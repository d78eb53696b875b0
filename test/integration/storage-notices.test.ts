/** A deletion that turns out to be impossible when its time for undo is over, as a page sees it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { readEnvironment } from '../../main/environment.ts';
import { serveApp } from '../../main/serve.ts';
import type { StorageEvent } from '../../preload/contract/storage.ts';
import type { NoticesEvent } from '../../preload/contract/system.ts';
import { startHub } from '../hub-server/hub-server.ts';
import { putFile, temporaryFolder } from './cache-setup.ts';

it('is told to the page, and the file is in the list again', async () => {
  const repoId = 'owner/name';
  const server = await startHub({ repos: [{ id: repoId, files: { 'new-Q8_0.gguf': randomBytes(3_000_000) } }] });
  server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 50_000 });
  const folder = await temporaryFolder();
  await putFile(join(folder, 'cache'), { repoId, path: 'old.gguf', bytes: 'old', ref: 'main' });
  const served = await serveApp(
    readEnvironment(
      { HEARTH_DATA_DIR: join(folder, 'data'), HEARTH_CACHE_DIR: join(folder, 'cache'), HF_ENDPOINT: server.url },
      join(folder, 'home'),
    ),
    0,
  );
  onTestFinished(async () => {
    await served.close();
    await server.close();
  });
  const { host, origin, searchParams } = new URL(served.url);
  const authorization = `Bearer ${searchParams.get('token') ?? ''}`;
  const call = async (route: string, input: object): Promise<void> => {
    const answer = await fetch(`${origin}/rpc/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify(input),
    });
    expect(await answer.text()).not.toContain('"error":{');
  };
  const seen: { notices?: NoticesEvent; storage?: StorageEvent } = {};
  const socket = new WebSocket(`ws://${host}/rpc`, { headers: { authorization } });
  onTestFinished(() => socket.close());
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as { id: number; event?: unknown };
    if (frame.event !== undefined) Object.assign(seen, { [frame.id === 1 ? 'notices' : 'storage']: frame.event });
  });
  await new Promise((resolve) => socket.once('open', resolve));
  for (const [id, route] of [
    [1, 'system.watchNotices'],
    [2, 'storage.watch'],
  ])
    socket.send(JSON.stringify({ t: 'open', id, route, input: {} }));
  const names = (): string[] =>
    seen.storage?.repositories.flatMap(({ revisions }) =>
      revisions.flatMap(({ files }) => files.map((one) => one.path)),
    ) ?? [];
  await expect.poll(names).toEqual(['old.gguf']);
  expect(seen.notices).toEqual({ notices: [] });

  await call('storage.delete', { repoId, path: 'old.gguf' });
  await expect.poll(names).toEqual([]);
  await call('jobs.download', { repoId, path: 'new-Q8_0.gguf' });
  await expect
    .poll(() => seen.notices?.notices, { timeout: 15_000 })
    .toMatchObject([
      {
        title: 'old.gguf was not deleted',
        text: 'Something of this model is being downloaded. Cancel that first. It is in the list again.',
      },
    ]);
  await expect.poll(names).toEqual(['old.gguf']);
}, 30_000);
