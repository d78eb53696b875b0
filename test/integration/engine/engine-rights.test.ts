/** The permissions and the knowledge of an engine child, tried by a real child. */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';

interface Told {
  readonly environment: Readonly<Record<string, string>>;
  /** For each attempt `done`, or the code of the error. */
  readonly tried: Readonly<Record<string, string>>;
}

/** Tries what a compromised library would try. */
const curious = `
import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
const [folder] = [process.env.TEST_FOLDER];
const tried = {};
const attempt = (name, work) => {
  try { work(); tried[name] = 'done'; } catch (error) { tried[name] = error.code ?? error.message; }
};
attempt('write below its folder', () => writeFileSync(folder + '/states/a', 'x'));
attempt('write beside its folder', () => writeFileSync(folder + '/b', 'x'));
attempt('write by a path through its folder', () => writeFileSync(folder + '/states/../c', 'x'));
attempt('link out of its folder', () => symlinkSync(folder, folder + '/states/link'));
attempt('remove a file', () => rmSync(folder + '/kept'));
attempt('read a model', () => readFileSync(folder + '/kept'));
attempt('start a program', () => execFileSync(process.execPath, ['--version']));
attempt('inspect itself', () => new Session().connect());
process.send({ environment: { ...process.env }, tried });
`;

let folder: string;
const secrets = ['HF_TOKEN', 'HEARTH_DATA_DIR', 'HTTPS_PROXY', 'NODE_OPTIONS', 'LD_PRELOAD', 'AWS_SECRET_ACCESS_KEY'];
const before = new Map(secrets.map((name) => [name, process.env[name]]));
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-rights-'));
  mkdirSync(path.join(folder, 'states'));
  writeFileSync(path.join(folder, 'kept'), 'x');
  writeFileSync(path.join(folder, 'curious.mjs'), curious);
});
afterEach(() => {
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  rmSync(folder, { recursive: true, force: true });
});

async function ask(): Promise<Told> {
  const start = createSpawnChild(process.execPath, path.join(folder, 'curious.mjs'), path.join(folder, 'states'));
  const child = start({ TEST_FOLDER: folder });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [told] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(stderr))),
  ])) as [Told];
  child.kill('SIGKILL');
  return told;
}

it('may read, write below its own folder, and nothing else', async () => {
  const { tried } = await ask();
  expect(tried).toEqual({
    'write below its folder': 'done',
    'write beside its folder': 'ERR_ACCESS_DENIED',
    'write by a path through its folder': 'ERR_ACCESS_DENIED',
    'link out of its folder': 'ERR_ACCESS_DENIED',
    'remove a file': 'ERR_ACCESS_DENIED',
    'read a model': 'done',
    'start a program': 'ERR_ACCESS_DENIED',
    'inspect itself': 'ERR_ACCESS_DENIED',
  });
  expect(existsSync(path.join(folder, 'kept'))).toBe(true);
});

it('knows nothing of the user’s environment', async () => {
  for (const name of secrets) process.env[name] = 'a secret';
  const { environment } = await ask();
  expect(Object.keys(environment).filter((name) => secrets.includes(name))).toEqual([]);
  expect(JSON.stringify(environment)).not.toContain('a secret');
  expect(environment['HOME']).toBe(os.tmpdir());
});

it('can be debugged in development, each child on a port of its own', async () => {
  const program = path.join(folder, 'waiting.mjs');
  writeFileSync(program, "process.on('message', () => {}); process.send('ready');");
  const spawnChild = createSpawnChild(process.execPath, program, null, await freePort());
  const addresses: string[] = [];
  for (let count = 0; count < 2; count++) {
    const child = spawnChild();
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    // Another program may have taken the port; then the child reports that.
    await expect.poll(() => said).toMatch(/(Debugger listening|Starting inspector) on .*127\.0\.0\.1:\d+/);
    addresses.push(/127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? '');
    child.kill('SIGKILL');
  }
  expect(Number(addresses[1])).toBe(Number(addresses[0]) + 1);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
