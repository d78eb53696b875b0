/** The one window: how it is made, and where it was when it closed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BrowserWindowConstructorOptions, Display, Rectangle } from 'electron';
import { z } from 'zod';
import { themeSchema } from '../../../preload/contract/settings.ts';

/** The page's grounds, so that nothing flashes before its first paint. */
export const grounds = { light: '#FBFAF8', dark: '#161412' } as const;

const DEFAULT_SIZE = { width: 1180, height: 780 };
const MIN_SIZE = { width: 640, height: 480 };
/** As much of the window's top edge must lie on a screen for a hand to be able to move it. */
const REACHABLE = { width: 120, height: 32 };

const stateSchema = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() }).nullable(),
  isMaximized: z.boolean(),
  /** The chosen theme, known here before the settings can be asked. */
  theme: themeSchema,
});
export type WindowState = z.infer<typeof stateSchema>;

const stateFile = (folder: string): string => path.join(folder, 'window.json');

/** The state that was written last; the usual one when there is none or it cannot be read. Never throws. */
export function readWindowState(folder: string): WindowState {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(stateFile(folder), 'utf8')));
  } catch {
    return { bounds: null, isMaximized: false, theme: 'system' };
  }
}

/** Writes the state. Never throws: a full disk costs the window its place and nothing else. */
export function writeWindowState(folder: string, state: WindowState): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(stateFile(folder), JSON.stringify(state));
  } catch {
    // The window opens in the middle next time.
  }
}

/** The bounds, unless the screen that they were on is gone. */
function reachable(bounds: Rectangle, displays: readonly Display[]): boolean {
  return displays.some(({ workArea }) => {
    const width = Math.min(bounds.x + bounds.width, workArea.x + workArea.width) - Math.max(bounds.x, workArea.x);
    const isTopInside = bounds.y >= workArea.y && bounds.y + REACHABLE.height <= workArea.y + workArea.height;
    return isTopInside && width >= REACHABLE.width;
  });
}

export interface WindowParts {
  readonly preloadPath: string;
  readonly iconPath: string;
  readonly state: WindowState;
  readonly displays: readonly Display[];
  readonly isDark: boolean;
  readonly isDevelopment: boolean;
}

/** The options of the window: a sandboxed page that sees `window.bridge` and nothing else of Electron. */
export function windowOptions(parts: WindowParts): BrowserWindowConstructorOptions {
  const { bounds } = parts.state;
  return {
    ...(bounds && reachable(bounds, parts.displays) ? bounds : DEFAULT_SIZE),
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    title: 'Hearth',
    icon: parts.iconPath,
    backgroundColor: parts.isDark ? grounds.dark : grounds.light,
    autoHideMenuBar: true,
    // Shown when the page has painted.
    show: false,
    webPreferences: {
      preload: parts.preloadPath,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      // A drop onto the window must not open the file in it.
      navigateOnDragDrop: false,
      // Elsewhere Chromium would fetch its dictionaries from Google, unasked; macOS has its own.
      spellcheck: process.platform === 'darwin',
      devTools: parts.isDevelopment,
    },
  };
}
