/** An engine child that is stopped when its app is killed, and what the next start makes of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { builtInModel } from '../../../main/app/built-in.ts';
import { serveFolder } from '../../support/app-setup.ts';
import { root, until } from '../../support/engine-host-setup.ts';
import { childrenOf, isAlive } from '../../support/processes.ts';

it.skipIf(process.platform !== 'linux')('a stopped child of a killed app is ended by the next start', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-orphans-'));
  const data = path.join(folder, 'data');
  const app = spawn(process.execPath, [path.join(root, 'main/start.mjs'), '--serve', '--port', '0'], {
    env: {
      PATH: process.env['PATH'],
      ...{ HOME: path.join(folder, 'home'), HEARTH_DATA_DIR: data, HEARTH_CACHE_DIR: path.join(folder, 'cache') },
      HEARTH_OFFLINE: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let children: number[] = [];
  onTestFinished(() => {
    app.kill('SIGKILL');
    for (const pid of children) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  let said = '';
  app.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(() => said.includes('\n'), 'the address of the app');
  const url = new URL(/http\S+/.exec(said)?.[0] ?? '');
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? '';
  const answer = await fetch(`${url.origin}/rpc/engine.load`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ modelId: builtInModel.id }),
  });
  expect(await answer.json()).toMatchObject({ status: 'ready' });

  const recorded = (): number[] => readdirSync(path.join(data, 'children')).map((name) => Number(name.split('-')[0]));
  children = recorded();
  expect(children.length).toBeGreaterThan(0);
  expect(childrenOf(app.pid ?? 0)).toEqual(expect.arrayContaining(children));
  for (const pid of children) process.kill(pid, 'SIGSTOP');
  app.kill('SIGKILL');
  await once(app, 'exit');
  expect(children.filter(isAlive)).toEqual(children);

  const next = await serveFolder(folder);
  try {
    await until(() => children.every((pid) => !isAlive(pid)), 'the end of the children');
    expect(readFileSync(path.join(data, 'logs', 'hearth.log'), 'utf8')).toContain(
      'Engine processes that a killed Hearth had left were ended',
    );
    expect(recorded().filter((pid) => children.includes(pid))).toEqual([]);
  } finally {
    await next.close();
  }
  expect(recorded()).toEqual([]);
});
