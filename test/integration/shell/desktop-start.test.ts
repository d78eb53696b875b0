/** How the desktop starts, or says in plain words why it cannot. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkoutRoot } from '../../../main/app/layout.ts';
import { sandboxFlags } from '../../../main/shell/electron/runtime.ts';
import { startStandIn } from '../../fixtures/electron-stand-in/start.ts';

function makeFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-desktop-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
}

describe('the folder of the window', () => {
  it.each([
    ['is a file', (place: string) => writeFileSync(place, '')],
    ['is a link that leads nowhere', (place: string) => symlinkSync('data', place)],
  ])('that cannot be made is said in a sentence: %s', async (_name, block) => {
    const data = path.join(makeFolder(), 'data');
    block(data);
    const shell = startStandIn(
      path.join(checkoutRoot, 'main/electron.ts'),
      {
        appPath: checkoutRoot,
        isPackaged: false,
        resourcesPath: '/nowhere',
        hasLock: true,
        pickedFolder: null,
        storageBackend: 'none',
      },
      { HOME: data, HEARTH_DATA_DIR: data, HEARTH_OFFLINE: '1' },
    );
    expect((await shell.seen('dialog.showErrorBox')).args).toEqual([
      'Hearth cannot start',
      'The disk with the data folder could not be read or written.',
    ]);
    expect(await shell.exited).toBe(1);
    expect(shell.stderr()).not.toMatch(/ENOTDIR|ELOOP|at mkdirSync/);
  });
});

describe('Chromium’s sandbox', () => {
  it('is given up for root on Linux alone', () => {
    expect(sandboxFlags(0, 'linux')).toEqual(['--no-sandbox']);
    expect(sandboxFlags(1000, 'linux')).toEqual([]);
    expect(sandboxFlags(0, 'darwin')).toEqual([]);
    expect(sandboxFlags(undefined, 'win32')).toEqual([]);
  });

  it.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
    'is said to be off where `npm start` runs as root, and the window is started without it',
    async () => {
      const folder = makeFolder();
      const runtime = path.join(folder, 'runtime');
      mkdirSync(runtime);
      writeFileSync(path.join(runtime, 'electron'), '#!/bin/sh\necho "started with $1"\n');
      chmodSync(path.join(runtime, 'electron'), 0o755);
      const start = spawn(process.execPath, [path.join(checkoutRoot, 'main/start.mjs')], {
        env: {
          PATH: process.env['PATH'],
          ...{ HOME: folder, HEARTH_DATA_DIR: folder, DISPLAY: ':9', ELECTRON_OVERRIDE_DIST_PATH: runtime },
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      start.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      expect(await new Promise((resolve) => start.once('close', resolve))).toBe(0);
      expect(said).toContain('sandbox is off (--no-sandbox), because it refuses to run as root');
      expect(said).toContain('started with --no-sandbox');
    },
  );
});
