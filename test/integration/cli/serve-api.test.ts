/** `hearth serve --api` and `hearth stop --server`, as processes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serveFolder } from '../../support/app-setup.ts';

let folder: string;
const running: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-serve-api-'));
});
afterEach(async () => {
  for (const one of running.splice(0)) {
    if (one.exitCode === null && one.signalCode === null) {
      const gone = once(one, 'exit');
      one.kill('SIGKILL');
      await gone;
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

function hearth(...args: string[]): {
  process: ChildProcess;
  ended: Promise<{ code: number | null; out: string; err: string }>;
  line: Promise<string>;
} {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../../../main/hearth.mjs'), ...args], {
    env: {
      ...{ PATH: process.env['PATH'], HOME: folder, HEARTH_OFFLINE: '1' },
      ...{ HEARTH_DATA_DIR: path.join(folder, 'data'), HEARTH_CACHE_DIR: path.join(folder, 'cache') },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let [out, err] = ['', ''];
  const line = Promise.withResolvers<string>();
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (out.includes('\n')) line.resolve(out.slice(0, out.indexOf('\n')));
  });
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => {
    line.reject(new Error(`It ended with ${String(code)}: ${err}`));
    return { code: code as number | null, out, err };
  });
  line.promise.catch(() => {});
  return { process: child, ended, line: line.promise };
}
const models = (address: string, headers: Record<string, string> = {}) => fetch(`${address}/v1/models`, { headers });

it('answers programs that have the key, until it is interrupted', async () => {
  const key = 'a-key-for-this-run';
  const server = hearth('serve', '--api', '--port', '0', '--key', key, '--json');
  const { api } = JSON.parse(await server.line) as { api: string };
  expect((await models(api)).status).toBe(401);
  const answer = await models(api, { 'api-key': key });
  expect(await answer.json()).toMatchObject({ data: [{ id: 'ember' }] });
  server.process.kill('SIGINT');
  expect(await server.ended).toMatchObject({ code: 130, err: '' });
  await expect(models(api, { 'api-key': key })).rejects.toThrow();
});

it('needs its key from the start, also where the settings start a server with the app', async () => {
  const data = path.join(folder, 'data');
  const before = await serveFolder(folder);
  await before.call('server.update', { startWithApp: true });
  await before.close();
  const server = hearth('serve', '--api', '--port', '0', '--key', 'a-key-for-this-run', '--json');
  const { api } = JSON.parse(await server.line) as { api: string };
  expect((await models(api)).status).toBe(401);
  server.process.kill('SIGINT');
  await server.ended;
  const logs = readdirSync(path.join(data, 'logs')).map((name) => readFileSync(path.join(data, 'logs', name), 'utf8'));
  expect(logs.join('').match(/The API server listens on/g)).toHaveLength(1);
});

it('says that a port is in use, and leaves nothing running', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const { code, err } = await hearth('serve', '--api', '--port', String(port), '--json').ended;
  other.close();
  expect(code).toBe(1);
  expect(JSON.parse(err)).toMatchObject({ error: { code: 'unsupported', data: { reason: 'port_in_use', port } } });
});

it('starts and stops the server of an app that runs already', async () => {
  const app = hearth('serve', '--port', '0', '--json');
  await app.line;
  const started = await hearth('serve', '--api', '--json').ended;
  expect(started).toMatchObject({ code: 0, err: '' });
  const { api } = JSON.parse(started.out) as { api: string };
  expect((await models(api)).status).toBe(200);
  expect(await hearth('stop', '--server', '--json').ended).toMatchObject({ code: 0, err: '' });
  await expect(models(api)).rejects.toThrow();
  const refused = await hearth('serve', '--api', '--key', 'a-key-for-this-run').ended;
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('already serves this data folder')]);
  expect(refused.err).toContain('--port and --key are for a server of its own');
});

it.each([
  [['serve', '--key', 'a-key-for-this-run'], '--key is for the API server'],
  [['serve', '--api', '--port', '70000'], '--port takes a number'],
  [['stop', '--server', '--all'], '--server stands alone'],
])('%j is wrong usage', async (args, said) => {
  const { code, err } = await hearth(...args).ended;
  expect([code, err]).toEqual([2, expect.stringContaining(said)]);
});

it('refuses a key that no header can carry', async () => {
  const { code, err } = await hearth('serve', '--api', '--port', '0', '--key', 'short').ended;
  expect([code, err]).toEqual([1, expect.stringContaining('A key has 16 to 300')]);
});
