/** Checks whether a window can be opened: the Electron runtime, which is downloaded at first use, and a display. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Time limit of the download, enough for 120 MB on a slow line. Without a network it fails within seconds. */
const DOWNLOAD_LIMIT_MS = 300_000;

/** The installed Electron binary, or that of ELECTRON_OVERRIDE_DIST_PATH; null when there is none. */
export function installedElectron(root: string): string | null {
  const binary =
    process.platform === 'win32'
      ? 'electron.exe'
      : process.platform === 'darwin'
        ? 'Electron.app/Contents/MacOS/Electron'
        : 'electron';
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) return existsSync(path.join(override, binary)) ? path.join(override, binary) : null;
  try {
    const folder = path.dirname(createRequire(path.join(root, 'package.json')).resolve('electron/package.json'));
    const file = path.join(folder, 'dist', readFileSync(path.join(folder, 'path.txt'), 'utf8').trim());
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
}

/** Downloads the runtime with Electron's own installer. Returns the binary, or the reason why it failed. */
export function downloadElectron(root: string): { binary: string } | { reason: string } {
  let installer: string;
  try {
    installer = path.join(
      path.dirname(createRequire(path.join(root, 'package.json')).resolve('electron/package.json')),
      'install.js',
    );
  } catch {
    return { reason: 'the electron package is not installed' };
  }
  const run = spawnSync(process.execPath, [installer], { encoding: 'utf8', timeout: DOWNLOAD_LIMIT_MS });
  const binary = installedElectron(root);
  if (run.status === 0 && binary !== null) return { binary };
  const line = run.stderr.split('\n').find((text) => text.trim() !== '') ?? 'the download did not end in time';
  return {
    reason: line
      .trim()
      .replace(/^\w*Error:\s*/, '')
      .slice(0, 140),
  };
}

/** The reason why no window can be opened on this machine; null when one can. */
export function missingDisplay(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | null {
  if (platform !== 'linux' || env['DISPLAY'] || env['WAYLAND_DISPLAY']) return null;
  return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
}

/** The switches without which the runtime does not start here: Chromium's sandbox refuses to run as root. */
export function sandboxFlags(userId = process.getuid?.(), platform: NodeJS.Platform = process.platform): string[] {
  return platform === 'linux' && userId === 0 ? ['--no-sandbox'] : [];
}
