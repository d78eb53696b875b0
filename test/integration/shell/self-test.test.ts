/** The self-test of the desktop, on the stand-in: each check passes on it, and fails on one that is broken in that point. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildStale } from '../../../main/app/bundles.ts';
import { checkoutRoot } from '../../../main/app/layout.ts';
import { selfTestChecks, type CheckResult } from '../../../main/shell/electron/self-test-report.ts';
import { runDesktopSelfTest, selfTestTable } from '../../../main/shell/electron/self-test-run.ts';
import { selfTestStart } from '../../fixtures/electron-stand-in/start.ts';
import type { StandInSettings } from '../../fixtures/electron-stand-in/stand-in.ts';

// From the build, which starts in a quarter of the time.
beforeAll(() => buildStale(checkoutRoot, ['page', 'engine', 'desktop']));

const settings: StandInSettings = {
  ...{ appPath: checkoutRoot, isPackaged: false, resourcesPath: '/nowhere', hasLock: true, sharesLock: true },
  ...{ pickedFolder: null, storageBackend: 'gnome_libsecret' },
};
const test = (changed: Partial<StandInSettings> = {}): Promise<readonly CheckResult[]> =>
  runDesktopSelfTest(selfTestStart(path.join(checkoutRoot, 'dist/main/electron.js'), { ...settings, ...changed }));
const failed = (results: readonly CheckResult[]): string[] =>
  results.filter(({ passed }) => !passed).map(({ check }) => check);

// The lock of the stand-in sends signals that Windows does not have.
describe.skipIf(process.platform === 'win32')('the self-test of the desktop', () => {
  it('passes where everything works, check by check', async () => {
    const results = await test();
    expect(selfTestTable(results)).not.toContain('FAILED');
    expect(results.map(({ check }) => check)).toEqual([...selfTestChecks]);
    const seen = Object.fromEntries(results.map(({ check, detail }) => [check, detail]));
    expect(seen['engine']).toMatch(/\bEmber\b/);
    expect(seen['window']).toBe('visible, 1180 x 780 pixels');
  });

  it('passes without a keychain, and says so', async () => {
    const results = await test({ storageBackend: 'basic_text' });
    expect(failed(results)).toEqual([]);
    expect(results.find(({ check }) => check === 'safeStorage')?.detail).toMatch(
      process.platform === 'linux' ? /^no keychain here \(basic_text\)/ : /./,
    );
  });

  /** What fails beside a broken point, because it rests on it. */
  const resting: Partial<Record<CheckResult['check'], readonly string[]>> = {
    protocol: ['drop'],
    ipc: ['isolation', 'safeStorage', 'dialog', 'engine', 'drop'],
    engine: ['second instance'],
  };
  it.each(selfTestChecks)('finds an Electron that is broken in this point: %s', async (broken) => {
    const results = await test({ broken });
    expect(failed(results).sort()).toEqual([broken, ...(resting[broken] ?? [])].sort());
    expect(selfTestTable(results)).toMatch(new RegExp(`^FAILED  ${broken} `, 'm'));
  });

  it('counts what a crash kept it from as failed', async () => {
    const results = await test({ broken: 'crash' });
    expect(failed(results)).toEqual(['drop', 'second instance', 'navigation', 'quit']);
    expect(results.find(({ check }) => check === 'navigation')?.detail).toBe('It was not reached.');
    expect(results.at(-1)?.detail).toBe('The app ended with 3.');
  });

  it('ends an app that does not end', async () => {
    const args = ['-e', 'setInterval(() => {}, 1000)', '--'];
    const results = await runDesktopSelfTest({ command: process.execPath, args, limitMs: 50 });
    expect(failed(results)).toEqual([...selfTestChecks]);
  });
});

it.runIf(process.platform === 'linux')(
  'is skipped with a reason and an exit code of its own where no window can be opened',
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-skipped-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const start = spawn(process.execPath, [path.join(checkoutRoot, 'main/start.mjs'), '--desktop', '--self-test'], {
      env: { PATH: process.env['PATH'], HOME: folder, HEARTH_DATA_DIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    start.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    expect(await new Promise((resolve) => start.once('close', resolve))).toBe(77);
    expect(said).toBe(
      'The self-test of the desktop is skipped: there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set).\n',
    );
  },
);
