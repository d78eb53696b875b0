/**
 * `npm run dev` in a copy of the checkout: the page and main follow changes of their sources, and main's checks stay in
 * force.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { closeBrowser, newPage, root } from './harness.ts';

let folder: string;
let dev: ChildProcess | undefined;
let said = '';
let url: URL;
const copied = [
  ...['main', 'native', 'preload', 'renderer', 'assets/models'],
  ...['package.json', 'vite.config.ts', 'dev.ts', 'build.ts'],
];

/** `dev.ts` in a process group of its own, as a terminal would start it. Answers when it serves. */
async function startDev(data: string, onText: (text: string) => void): Promise<{ dev: ChildProcess; url: URL }> {
  const started = spawnDev(data);
  let text = '';
  for (const stream of [started.stdout, started.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      onText(chunk.toString());
    });
  const isReady = (): boolean => /Hearth is ready: \S+\n/.test(text);
  await vi.waitUntil(() => isReady() || started.exitCode !== null, { timeout: 170_000 });
  if (!isReady()) throw new Error(`dev.ts ended: ${text}`);
  return { dev: started, url: new URL(/Hearth is ready: (\S+)/.exec(text)?.[1] ?? '') };
}

function spawnDev(data: string): ChildProcess {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env))
    if (!/^(HF_|HEARTH_|VITE|NODE_ENV|XDG_)/.test(name)) env[name] = value;
  return spawn(process.execPath, ['dev.ts', '--port', '0'], {
    cwd: folder,
    detached: true,
    env: {
      ...{ ...env, HOME: folder, HEARTH_OFFLINE: '1' },
      ...{ HEARTH_DATA_DIR: path.join(folder, data), HEARTH_CACHE_DIR: path.join(folder, 'cache') },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Ctrl+C in its terminal. */
const interrupt = ({ pid }: ChildProcess): unknown => process.kill(-(pid ?? NaN), 'SIGINT');
const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', resolve));

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-dev-'));
  for (const name of [...copied, 'tsconfig.base.json', 'package-lock.json'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  ({ dev, url } = await startDev('data', (text) => (said += text)));
});
afterAll(async () => {
  await closeBrowser();
  if (dev?.exitCode === null) {
    const gone = ended(dev);
    dev.kill('SIGTERM');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Replaces `from` by `to` in a file of the copy. */
function edit(name: string, from: string, to: string): void {
  const text = readFileSync(path.join(folder, name), 'utf8');
  expect(text).toContain(from);
  writeFileSync(path.join(folder, name), text.replace(from, to));
}

/** The status of a call of `system.info` with these headers. */
function statusWith(headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: url.hostname, port: url.port, path: '/rpc/system.info', method: 'POST' },
      (response) => void resolve(response.resume().statusCode),
    );
    for (const [name, value] of Object.entries({ 'content-type': 'application/json', ...headers }))
      sent.setHeader(name, value);
    sent.on('error', reject).end('{}');
  });
}

describe('npm run dev', () => {
  it('answers under its own names with the token, and nobody else', async () => {
    const authorization = `Bearer ${new URLSearchParams(url.hash.slice(1)).get('token')}`;
    expect(await statusWith({ authorization })).toBe(200);
    expect(await statusWith({ authorization, origin: url.origin })).toBe(200);
    expect(await statusWith({})).toBe(401);
    expect(await statusWith({ authorization, origin: 'https://evil.example' })).toBe(401);
    expect(await statusWith({ authorization, origin: 'http://127.0.0.1:1' })).toBe(401);
    expect(await statusWith({ authorization, host: 'evil.example' })).toBeGreaterThanOrEqual(401);
  });

  it('gives the reason, and no trace, when the data folder is in use', async () => {
    const second = spawnDev('data');
    let text = '';
    for (const stream of [second.stdout, second.stderr])
      stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    expect(await ended(second)).toBe(1);
    expect(text).toContain('Hearth already serves this data folder at ');
    expect(text).not.toMatch(/^\s+at /m);
  });

  it('shows a change of the page without loading it again, and a change of main after its restart', async () => {
    const page = await newPage();
    await page.goto(url.href);
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.evaluate('window.sameDocument = true');

    const button = 'renderer/ui/controls/Button.tsx';
    edit(button, '<button', '<button data-changed');
    await page.locator('button[data-changed]').first().waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);

    edit('main/app/handlers.ts', 'cpuModel: cpuModel()', "cpuModel: 'A changed processor'");
    await expect.poll(() => said).toContain('Main has started again.');
    await page.keyboard.press('Control+,');
    await page.getByText(/A changed processor/).waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);
    await page.context().close();
  });

  it('closes main at Ctrl+C, and ends at once at a second one', async () => {
    const running = dev as ChildProcess;
    const log = (data: string): string => readFileSync(path.join(folder, data, 'logs/hearth.log'), 'utf8');
    const gone = ended(running);
    // npm sends its child what the terminal has sent it already.
    interrupt(running);
    await sleep(5);
    running.kill('SIGINT');
    expect(await gone).toBe(0);
    expect(log('data')).toContain('Closed.');

    const { dev: stuck } = await startDev('other', () => {});
    const main = Number(
      spawnSync('pgrep', ['-P', String(stuck.pid), '-f', 'dev.ts'], { encoding: 'utf8' }).stdout.trim(),
    );
    process.kill(main, 'SIGSTOP');
    const stopped = ended(stuck);
    // Again and again: one that follows the first closely is taken for the same.
    const pressing = setInterval(() => stuck.exitCode ?? interrupt(stuck), 100);
    expect(await stopped.finally(() => clearInterval(pressing))).toBe(130);
    await expect.poll(() => spawnSync('ps', ['-p', String(main)]).status).toBe(1);
  });
});
