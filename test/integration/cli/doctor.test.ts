/** `hearth doctor`: what it says where everything works, and of each thing that does not. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createListener, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, type Hub } from '../../hub-server/hub-server.ts';
import { commandIn, type Outcome } from '../../support/hearth-command.ts';

let folder: string;
let hub: Hub;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-doctor-'));
  hub = await startHub({ repos: [], tokens: { hf_reader: { name: 'anna' } } });
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

interface Report {
  readonly problems: number;
  readonly findings: readonly {
    readonly area: string;
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly advice?: string;
  }[];
}
const hearth = (env: Record<string, string> = {}) => commandIn(folder, { HF_ENDPOINT: hub.url, ...env });
const report = ({ out }: Outcome): Report => JSON.parse(out) as Report;
const of = (outcome: Outcome, area: string, name: string) =>
  report(outcome).findings.find((one) => one.area === area && one.name === name);

/** The name of a data folder in this test's folder, which is there. */
function dataFolder(name: string): string {
  const data = path.join(folder, name);
  mkdirSync(data);
  return data;
}

describe('hearth doctor', () => {
  it('finds no problem where everything works', async () => {
    const outcome = await hearth({ HF_TOKEN: 'hf_reader' })(['doctor', '--json']);
    expect([outcome.code, report(outcome).problems]).toEqual([0, 0]);
    expect(of(outcome, 'libraries', 'engine')).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^The engine starts, with \S/) as string,
    });
    expect(of(outcome, 'network', 'Hub')?.message).toContain(hub.url);
    expect(of(outcome, 'network', 'clock')?.status).toBe('ok');
    expect(of(outcome, 'network', 'token')?.message).toBe("The access token is anna's.");
    expect(of(outcome, 'versions', 'llama.cpp')?.message).toMatch(/^v\d\S*, node-llama-cpp \d/);
    expect(of(outcome, 'disk', 'links')?.status).toBe('ok');
    const { code, out } = await hearth()(['doctor']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ {2}ok +hardware +processor +\S/m);
  });

  it('tells a wrong token, a clock that is wrong, and an unusable variable', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('date', new Date(Date.now() + 86_400_000).toUTCString());
      response.setHeader('content-type', 'application/json');
      response.end('[]');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const skewed = await hearth({ HF_ENDPOINT: url, HEARTH_LOG_LEVEL: 'loud' })(['doctor', '--json']);
      expect(of(skewed, 'network', 'clock')).toMatchObject({
        status: 'warning',
        message: expect.stringContaining('behind') as string,
      });
      expect(of(skewed, 'versions', 'HEARTH_LOG_LEVEL')?.status).toBe('warning');
      expect(skewed.code).toBe(0);
    } finally {
      server.close();
    }
    const refused = await hearth({ HF_TOKEN: 'hf_nobody_knows' })(['doctor', '--json']);
    expect([refused.code, of(refused, 'network', 'token')?.status]).toEqual([1, 'problem']);
    expect(refused.out).not.toContain('hf_nobody_knows');
  });

  it('says that Hearth is kept offline, and that the Hub is out of reach', async () => {
    const offline = await hearth({ HEARTH_OFFLINE: '1' })(['doctor', '--json']);
    expect([offline.code, of(offline, 'network', 'Hub')?.message]).toEqual([
      0,
      'Hearth is kept offline by HEARTH_OFFLINE; nothing was asked.',
    ]);
    const listener = createListener().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    listener.close();
    await once(listener, 'close');
    const away = await hearth({
      HF_ENDPOINT: `http://127.0.0.1:${port}`,
      HTTPS_PROXY: 'http://anna:secret@127.0.0.1:1',
    })(['doctor', '--json']);
    expect([away.code, of(away, 'network', 'Hub')?.status]).toEqual([1, 'problem']);
    expect(JSON.parse(away.err)).toMatchObject({ error: { code: 'hub.offline', data: { problems: 1 } } });
    expect(of(away, 'network', 'proxy')?.message).toBe('http://127.0.0.1:1 (HTTPS_PROXY).');
    expect(away.out + away.err).not.toContain('secret');
  });

  it('looks at the port that the settings of the server say', async () => {
    const listener = createListener().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const data = dataFolder('other-port');
    const store = new Database(path.join(data, 'hearth.db'));
    store.exec('CREATE TABLE settings (key TEXT, value TEXT)');
    store.prepare("INSERT INTO settings VALUES ('server', ?)").run(JSON.stringify({ port }));
    store.close();
    const outcome = await hearth({ HEARTH_DATA_DIR: data, HEARTH_OFFLINE: '1' })(['doctor', '--json']);
    listener.close();
    expect(of(outcome, 'ports', String(port))?.status).toBe('warning');
  });

  it('runs with a database that is no database, is damaged, or is of a newer version', async () => {
    const broken = dataFolder('broken');
    writeFileSync(path.join(broken, 'hearth.db'), Buffer.alloc(20_000, 7));
    const newer = dataFolder('newer');
    const store = new Database(path.join(newer, 'hearth.db'));
    store.exec('CREATE TABLE settings (key TEXT, value TEXT)');
    store.pragma('user_version = 999');
    store.close();
    const damaged = dataFolder('damaged');
    const whole = new Database(path.join(damaged, 'hearth.db'));
    whole.exec('CREATE TABLE words (word TEXT)');
    const insert = whole.prepare('INSERT INTO words VALUES (?)');
    whole.transaction(() => {
      for (let at = 0; at < 5000; at += 1) insert.run(`word ${at}`);
    })();
    const pageBytes = whole.pragma('page_size', { simple: true }) as number;
    whole.close();
    const bytes = readFileSync(path.join(damaged, 'hearth.db'));
    writeFileSync(path.join(damaged, 'hearth.db'), bytes.fill(0x5a, 4 * pageBytes, 6 * pageBytes));
    for (const [data, code, words] of [
      [broken, 'store.corrupt', 'is not a database'],
      [newer, 'store.newer_schema', 'schema 999'],
      [damaged, 'store.corrupt', 'is damaged'],
    ] as const) {
      const outcome = await hearth({ HEARTH_DATA_DIR: data, HEARTH_OFFLINE: '1' })(['doctor', '--json']);
      expect([data, outcome.code, of(outcome, 'data', 'database')?.message]).toEqual([
        data,
        1,
        expect.stringContaining(words),
      ]);
      expect(JSON.parse(outcome.err)).toMatchObject({ error: { code } });
      expect(of(outcome, 'libraries', 'engine')?.status).toBe('ok');
    }
  });

  it('runs beside the app, and says where that is', async () => {
    const stop = new AbortController();
    let isReady = (): void => {};
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const serving = hearth()(['serve'], {
      interrupt: stop.signal,
      interruptWhen(written) {
        if (written.includes('Hearth is ready')) isReady();
        return false;
      },
    });
    await Promise.race([ready, serving]);
    try {
      const outcome = await hearth()(['doctor', '--json']);
      expect(of(outcome, 'data', 'app')?.message).toMatch(
        /^Hearth runs \(browser, process \d+\) at http:\/\/127\.0\.0\.1:\d+\.$/,
      );
      expect(of(outcome, 'data', 'database')).toMatchObject({
        status: 'ok',
        message: expect.stringMatching(/^Sound, /) as string,
      });
    } finally {
      stop.abort();
    }
    await serving;
  });
});
