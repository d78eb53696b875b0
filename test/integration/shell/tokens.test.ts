/** The token of the http shell: another one at each start, kept nowhere, and seen by no other user of the machine. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { serveFolder } from '../../support/app-setup.ts';
import { root, until } from '../../support/engine-host-setup.ts';

function makeFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-tokens-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('is another one at each start, and the one before opens nothing', async () => {
  const folder = makeFolder();
  const first = await serveFolder(folder);
  await first.call('system.info');
  await first.close();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const bytes = readFileSync(path.join(entry.parentPath, entry.name));
      expect(bytes.includes(first.token), entry.name).toBe(false);
    }

  const second = await serveFolder(folder);
  try {
    expect(second.token).not.toBe(first.token);
    // 192 random bits.
    for (const { token } of [first, second]) expect(Buffer.from(token, 'base64url')).toHaveLength(24);
    const withFirst = await fetch(`${second.origin}/rpc/system.info`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${first.token}` },
      body: '{}',
    });
    expect(withFirst.status).toBe(401);
    expect(await second.call('system.info')).toMatchObject({ shell: 'http' });
  } finally {
    await second.close();
  }
});

it.skipIf(process.platform !== 'linux')('is in the arguments and variables of no process', async () => {
  const folder = makeFolder();
  const app = spawn(process.execPath, [path.join(root, 'main/start.mjs'), '--serve', '--port', '0'], {
    env: {
      PATH: process.env['PATH'],
      ...{ HOME: folder, HEARTH_DATA_DIR: path.join(folder, 'data'), HEARTH_OFFLINE: '1' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    const gone = new Promise((resolve) => app.once('exit', resolve));
    app.kill('SIGTERM');
    await gone;
  });
  let said = '';
  app.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until(() => said.includes('\n'), 'the address of the app');
  const token = /#token=(\S+)/.exec(said)?.[1] ?? '';
  expect(token.length).toBe(32);
  const { pid } = app;
  // The spare child of the engine starts with the app.
  await until(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8') !== '', 'a child of the app');
  let read = 0;
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one)))
    for (const part of ['cmdline', 'environ']) {
      let text: string;
      try {
        text = readFileSync(`/proc/${name}/${part}`, 'latin1');
      } catch {
        continue; // it has ended, or is another user's
      }
      read++;
      expect(text.includes(token), `${part} of ${name}`).toBe(false);
    }
  expect(read).toBeGreaterThanOrEqual(4);
});
