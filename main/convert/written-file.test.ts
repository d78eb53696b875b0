import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { syncFolder } from './written-file.ts';

describe('the names in a folder', () => {
  it('last, or the error of the disk is thrown', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-sync-'));
    await expect(syncFolder(folder)).resolves.toBeUndefined();
    rmSync(folder, { recursive: true });
    if (process.platform !== 'win32') await expect(syncFolder(folder)).rejects.toThrow('ENOENT');
  });

  it.runIf(process.platform === 'linux')('are left to a file system that syncs no folders', async () => {
    await expect(syncFolder('/proc')).resolves.toBeUndefined();
  });
});
