/** The desktop's main process after an error that nothing handles, on the recording stand-in of Electron. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { buildStale } from '../../../main/app/bundles.ts';
import { checkoutRoot } from '../../../main/app/layout.ts';
import type { Frame } from '../../../preload/wire/rpc.ts';
import type { StandInSettings } from '../../fixtures/electron-stand-in/stand-in.ts';
import { startStandIn, type StandIn } from '../../fixtures/electron-stand-in/start.ts';

const CHANNEL = 'hearth:frame';

function start(settings: Partial<StandInSettings> = {}): { shell: StandIn; dataFolder: string; log: () => string } {
  const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'hearth-errors-'));
  const shell = startStandIn(
    path.join(checkoutRoot, 'main/electron.ts'),
    {
      ...{ appPath: checkoutRoot, isPackaged: false, resourcesPath: '/nowhere', hasLock: true, pickedFolder: null },
      storageBackend: 'none',
      ...settings,
    },
    { HOME: dataFolder, HEARTH_DATA_DIR: dataFolder, HEARTH_OFFLINE: '1' },
  );
  onTestFinished(async () => {
    await shell.kill();
    rmSync(dataFolder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  return { shell, dataFolder, log: () => readFileSync(path.join(dataFolder, 'logs/hearth.log'), 'utf8') };
}
const sent = async (shell: StandIn, id: number, part: string): Promise<Frame> => {
  const fits = ([, frame]: readonly unknown[]): boolean =>
    (frame as Frame).id === id && JSON.stringify(frame).includes(part);
  return (await shell.seen('webContents.send', fits)).args[1] as Frame;
};

beforeAll(() => buildStale(checkoutRoot, ['page']));

it('goes on, says so in the log and in the window, and ends in order when they do not stop', async () => {
  const { shell, dataFolder, log } = start();
  await shell.seen('window.loadURL');
  await shell.act('message', 'page', CHANNEL, { t: 'open', id: 1, route: 'system.watchNotices', input: {} });
  for (let count = 1; count <= 4; count++) {
    await shell.act('stray', count % 2 === 0 ? 'reject' : 'throw', `stray ${count}`);
    await expect.poll(log, { timeout: 20_000 }).toContain(`Unexpected: Error: stray ${count}`);
    await shell.act('message', 'page', CHANNEL, { t: 'call', id: 10 + count, route: 'system.info', input: {} });
    expect(await sent(shell, 10 + count, '"shell"')).toMatchObject({ t: 'ok', output: { shell: 'electron' } });
  }
  expect(await sent(shell, 1, 'unexpected_error')).toMatchObject({
    t: 'event',
    event: { notices: [{ code: 'unexpected_error' }] },
  });
  expect(shell.calls.map((one) => one.call)).not.toContain('dialog.showErrorBox');

  void shell.act('stray', 'throw', 'stray 5').catch(() => {});
  expect(await shell.exited).toBe(1);
  const names = shell.calls.map((one) => one.call);
  expect(names.slice(names.indexOf('dialog.showErrorBox'))).toEqual([
    'dialog.showErrorBox',
    'app.quit',
    'window.hide',
    'app.exit',
  ]);
  expect((await shell.seen('dialog.showErrorBox')).args).toEqual([
    'Hearth has to close',
    'It failed again and again. The log has the reasons.',
  ]);
  expect(log().split('Unexpected: Error: stray')).toHaveLength(6);
  expect(log()).toMatch(/Closed\.\n$/);
  // A database that was closed has no journal beside it.
  expect(existsSync(path.join(dataFolder, 'hearth.db-wal'))).toBe(false);
});

it('does not start after an error before the app is open, and says so once', async () => {
  const { shell, dataFolder } = start({ strayAtStart: 'stray before' });
  expect((await shell.seen('dialog.showErrorBox')).args).toEqual(['Hearth cannot start', 'stray before']);
  expect(await shell.exited).toBe(1);
  const names = shell.calls.map((one) => one.call);
  expect(names).not.toContain('new BrowserWindow');
  expect(names.filter((name) => name === 'dialog.showErrorBox')).toHaveLength(1);
  expect(existsSync(path.join(dataFolder, 'hearth.db'))).toBe(false);
});
