/** What ends `hearth serve`, and what does not. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const main = path.join(import.meta.dirname, '../../../main');
const command = path.join(main, 'hearth.mjs');

interface Running {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly log: () => string;
  /** The first line of its output. */
  readonly line: Promise<string>;
  readonly errors: () => string;
  readonly ended: Promise<number | null>;
}

function start(args: readonly string[]): Running {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-outliving-'));
  const child = spawn(process.execPath, args, {
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      HEARTH_DATA_DIR: folder,
      HEARTH_NO_CACHE: '1',
      HEARTH_OFFLINE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const line = new Promise<string>((resolve) => {
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.includes('\n')) resolve(out.slice(0, out.indexOf('\n')));
    });
  });
  return {
    child,
    folder,
    ended,
    line,
    errors: () => errors,
    log: () => readFileSync(path.join(folder, 'logs/hearth.log'), 'utf8'),
  };
}

/** A module that throws at each SIGUSR2 what nothing handles: an error, and then a rejection. */
function faultModule(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-fault-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'fault.mjs');
  writeFileSync(
    file,
    `import { EventEmitter } from 'node:events';
     let count = 0;
     process.on('SIGUSR2', () => {
       if (count++ % 2 === 0) setImmediate(() => new EventEmitter().emit('error', new Error('stray ' + count)));
       else void Promise.reject(new Error('stray ' + count));
     });`,
  );
  return file;
}

const countOf = (text: string, part: string): number => text.split(part).length - 1;

it.skipIf(process.platform === 'win32')(
  'goes on after errors that nothing handles, says so, and ends in order when they do not stop',
  async () => {
    const running = start(['--import', faultModule(), command, 'serve', '--port', '0', '--json']);
    const { url } = JSON.parse(await running.line) as { url: string };
    const token = new URLSearchParams(new URL(url).hash.slice(1)).get('token') ?? '';
    const call = async (route: string): Promise<unknown> => {
      const answer = await fetch(`${new URL(url).origin}/rpc/${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      });
      return await answer.json();
    };
    for (let count = 1; count <= 4; count++) {
      running.child.kill('SIGUSR2');
      await expect.poll(() => running.log(), { timeout: 20_000 }).toContain(`Unexpected: Error: stray ${count}`);
      expect(await call('system.info')).toMatchObject({ shell: 'http' });
    }
    running.child.kill('SIGUSR2');
    expect(await running.ended).toBe(1);
    expect(countOf(running.log(), 'Unexpected: Error: stray')).toBe(5);
    expect(running.log()).toMatch(/Closed\.\n$/);
    expect(running.errors()).toContain('The log has the reasons.');
  },
);

/** As an older Node runs the command: it hands over to another process, whose id the server's log has. */
const wrapper = `import { handOver } from ${JSON.stringify(path.join(main, 'hand-over.mjs'))};
  process.exitCode = await handOver(process.execPath, ${JSON.stringify(command)}, ['serve', '--port', '0', '--json']);`;

it.skipIf(process.platform === 'win32').each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGKILL'] as const)(
  'ends with the process that an older Node runs, by %s',
  async (signal) => {
    const running = start(['--input-type=module', '-e', wrapper]);
    const { url } = JSON.parse(await running.line) as { url: string };
    running.child.kill(signal);
    expect(await running.ended).toBe(signal === 'SIGKILL' ? null : 130);
    await expect.poll(() => running.log(), { timeout: 20_000 }).toMatch(/Closed\.\n$/);
    await expect.poll(() => fetch(url).catch(() => 'gone'), { timeout: 20_000 }).toBe('gone');
  },
);
