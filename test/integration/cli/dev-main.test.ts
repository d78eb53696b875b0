/** Main as `npm run dev` runs it, without the page's server before it. */
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');

it.skipIf(process.platform === 'win32')(
  'goes on after an error that nothing handles, and ends where they do not stop',
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-dev-main-'));
    const fault = path.join(folder, 'fault.mjs');
    writeFileSync(
      fault,
      "let count = 0; process.on('SIGUSR2', () => void Promise.reject(new Error(`stray ${++count}`)));",
    );
    const main = fork(path.join(root, 'dev.ts'), ['--main', '0'], {
      execArgv: ['--disable-warning=ExperimentalWarning', '--import', fault],
      env: {
        PATH: process.env['PATH'],
        ...{ HOME: folder, HEARTH_DATA_DIR: folder, HEARTH_NO_CACHE: '1', HEARTH_OFFLINE: '1' },
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let errors = '';
    main.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const ended = new Promise<number | null>((resolve) => main.once('exit', resolve));
    onTestFinished(async () => {
      main.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    });
    const address = new Promise<string>((resolve, reject) => {
      main.once('message', (url: string) => resolve(url));
      void ended.then((code) => reject(new Error(`It ended with ${code}: ${errors}`)));
    });
    main.send('a-token');
    const { origin } = new URL(await address);
    const log = (): string => readFileSync(path.join(folder, 'logs/hearth.log'), 'utf8');
    for (let count = 1; count <= 4; count++) {
      main.kill('SIGUSR2');
      await expect.poll(log).toContain(`Unexpected: Error: stray ${count}`);
      const answer = await fetch(`${origin}/rpc/system.info`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer a-token' },
      });
      expect(await answer.json()).toMatchObject({ shell: 'http' });
    }
    main.kill('SIGUSR2');
    expect(await ended).toBe(1);
    expect(log()).toMatch(/Closed\.\n$/);
    expect(errors).toContain('The log has the reasons.');
  },
);
