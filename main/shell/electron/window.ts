/** The window: its options, and its stored position and size. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BrowserWindowConstructorOptions, Display, Rectangle } from 'electron';
import { z } from 'zod';
import { themeSchema } from '../../../preload/contract/settings.ts';

/** The page's background colors, so that the window does not flash before the first paint. */
export const grounds = { light: '#FBFAF8', dark: '#161412' } as const;

const DEFAULT_SIZE = { width: 1180, height: 780 };
const MIN_SIZE = { width: 640, height: 480 };
/** Pixels of the window's top edge that must be on a screen, so that the user can move it. */
const REACHABLE = { width: 120, height: 32 };

const stateSchema = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() }).nullable(),
  isMaximized: z.boolean(),
  /** The theme of the settings, stored here because it is needed before they are read. */
  theme: themeSchema,
});
export type WindowState = z.infer<typeof stateSchema>;

const stateFile = (folder: string): string => path.join(folder, 'window.json');

/** The stored state; the default when there is none or it is unreadable. Never throws. */
export function readWindowState(folder: string): WindowState {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(stateFile(folder), 'utf8')));
  } catch {
    return { bounds: null, isMaximized: false, theme: 'system' };
  }
}

/** Stores the state. Never throws: on a full disk only the window's position is lost. */
export function writeWindowState(folder: string, state: WindowState): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(stateFile(folder), JSON.stringify(state));
  } catch {
    // The window then opens at the default position.
  }
}

/** The stored bounds, unless their screen is gone. */
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

/** The window's options: a sandboxed page, which has only `window.bridge` of Electron. */
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
      // A file that is dropped on the window must not replace the page.
      navigateOnDragDrop: false,
      // Only on macOS, which has dictionaries of its own: elsewhere Chromium would download them from Google.
      spellcheck: process.platform === 'darwin',
      devTools: parts.isDevelopment,
    },
  };
}
