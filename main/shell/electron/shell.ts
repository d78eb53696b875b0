/**
 * The Electron shell: one window on app://hearth/, the routes over IPC, and an orderly end. It makes no decisions of the app; it
 * translates, and it isolates the page.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  Menu,
  nativeTheme,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
} from 'electron';
import { contract } from '../../../preload/contract/contract.ts';
import { encodeError } from '../../../preload/wire/errors.ts';
import { serve } from '../../../preload/wire/rpc.ts';
import type { App, AppOptions } from '../../app/app.ts';
import { createLastResort } from '../../base/last-resort.ts';
import { storeError } from '../../store/store-error.ts';
import { pickFiles, pickFolder, pickTarget } from './dialogs.ts';
import { guardContents, guardSession } from './guard.ts';
import { applicationMenu, contextMenu } from './menu.ts';
import { servePage } from './page-port.ts';
import { answerPage, PAGE_ORIGIN, PAGE_SCHEME } from './page-protocol.ts';
import { grounds, readWindowState, windowOptions, writeWindowState } from './window.ts';

export interface ElectronShellOptions {
  readonly dataFolder: string;
  /** Folder of the built renderer. */
  readonly pageFolder: string;
  readonly preloadPath: string;
  readonly iconPath: string;
  /** Developer tools and their menu. */
  readonly isDevelopment: boolean;
  /** Opens the app. Called once Electron is ready, because the keychain is not available before. May throw AppError. */
  readonly openApp: (parts: Pick<AppOptions, 'seal' | 'pickFolder' | 'pickFiles' | 'pickTarget' | 'revealFile'>) => App;
  /** Lets commands reach the app, once the window is shown. It never fails; null is no door. */
  readonly openDoor: (app: App) => Promise<{ close(): Promise<void> } | null>;
  readonly log: (line: string) => void;
  /** Called when the window is made. */
  readonly onWindow?: () => void;
}

/** The app id of electron-builder.yml, by which Windows groups the taskbar's entries. */
const APP_ID = 'app.hearth.desktop';
/** Time limit for closing the app. Everything is stored as it happens, so a longer wait would gain nothing. */
const CLOSE_LIMIT_MS = 5000;
/** After this many crashes of the page within a minute it is not loaded again. */
const CRASHES_PER_MINUTE = 3;

/** Starts the shell and returns at once. A failure is shown in a dialog and ends the process. */
export function startElectronShell(options: ElectronShellOptions): void {
  // Until the app is open there is nothing to keep. Without a listener Electron would show a stack and go on.
  process.on('uncaughtException', refuse);
  // Must be called before `ready`; otherwise the scheme has no origin.
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  try {
    // Chromium's files and its lock are in the data folder, so that several Hearths with different data folders can run.
    const chromiumFolder = path.join(options.dataFolder, 'window');
    mkdirSync(chromiumFolder, { recursive: true });
    app.setPath('userData', chromiumFolder);
  } catch (error) {
    return refuse(storeError(error));
  }
  if (!app.requestSingleInstanceLock()) return app.quit();
  if (process.platform === 'win32') app.setAppUserModelId(APP_ID);
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
  app
    .whenReady()
    .then(() => run(options))
    .catch(refuse);
}

/** Shows why Hearth cannot start, and ends the process. */
function refuse(error: unknown): void {
  dialog.showErrorBox('Hearth cannot start', encodeError(error).message);
  app.exit(1);
}

function run(options: ElectronShellOptions): void {
  const { dataFolder, isDevelopment } = options;
  let window: BrowserWindow | null = null;
  let closePort = (): void => {};
  let isClosing = false;
  let crashTimes: number[] = [];
  let isFailing = false;
  let door: ReturnType<ElectronShellOptions['openDoor']> | null = null;
  const hearth = options.openApp({
    seal: keychain(),
    pickFolder: () => pickFolder(dialog, window),
    pickFiles: () => pickFiles(dialog, window),
    pickTarget: (fileName) => pickTarget(dialog, window, fileName),
    revealFile: (file) => shell.showItemInFolder(file),
  });

  process.off('uncaughtException', refuse).on(
    'uncaughtException',
    createLastResort({
      tell: hearth.onUnexpected,
      end() {
        isFailing = true;
        dialog.showErrorBox('Hearth has to close', 'It failed again and again. The log has the reasons.');
        app.quit();
      },
    }),
  );

  let { theme } = readWindowState(dataFolder);
  const ground = (): string => (nativeTheme.shouldUseDarkColors ? grounds.dark : grounds.light);
  const remember = (): void => {
    if (!window || window.isDestroyed()) return;
    writeWindowState(dataFolder, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized(), theme });
  };

  function open(): void {
    const state = readWindowState(dataFolder);
    const made = new BrowserWindow(
      windowOptions({
        preloadPath: options.preloadPath,
        iconPath: options.iconPath,
        state,
        displays: screen.getAllDisplays(),
        isDark: nativeTheme.shouldUseDarkColors,
        isDevelopment,
      }),
    );
    window = made;
    const contents = made.webContents;
    closePort = servePage(contents, (port) =>
      serve(
        contract,
        hearth.handlers,
        port,
        (signal) => ({ signal }),
        (route, error) => hearth.onFailure(route, error),
      ),
    );
    if (state.isMaximized) made.maximize();
    made.once('ready-to-show', () => {
      made.show();
      // Not before: the start of the window is not to wait for it.
      if (!isClosing) door ??= options.openDoor(hearth);
    });
    made.on('close', remember);
    made.on('closed', () => (window = null));
    // Windows: the user logs off or shuts down. Without it the end is a kill, and the window's place is lost.
    made.on('session-end', () => app.quit());
    contents.on('context-menu', (_event, params) => {
      const items = contextMenu(params, (word) => contents.replaceMisspelling(word));
      if (items.length > 0) Menu.buildFromTemplate(items).popup({ window: made });
    });
    contents.on('render-process-gone', (_event, { reason }) => {
      if (isClosing || reason === 'clean-exit') return;
      options.log(`The window's page ended: ${reason}.`);
      crashTimes = [...crashTimes.filter((time) => time > Date.now() - 60_000), Date.now()];
      if (crashTimes.length >= CRASHES_PER_MINUTE) {
        dialog.showErrorBox('Hearth has to close', `The window stopped working again and again (${reason}).`);
        return app.quit();
      }
      // After the event, because the crashed process is still being cleaned up during it.
      setImmediate(() => contents.isDestroyed() || contents.reload());
    });
    made.loadURL(`${PAGE_ORIGIN}/`).catch((error: unknown) => options.log(`The page: ${encodeError(error).message}`));
  }

  function focus(): void {
    if (!window) return open();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  async function followTheme(): Promise<void> {
    for await (const settings of hearth.handlers['settings.watch']({}, { signal: new AbortController().signal })) {
      if (settings.theme === theme) continue;
      theme = nativeTheme.themeSource = settings.theme;
      remember();
    }
  }

  if (app.commandLine.hasSwitch('no-sandbox'))
    options.log(
      'Chromium’s sandbox is off, because Hearth runs as root, or this system does not allow user namespaces to programs (docs/desktop-check.md).',
    );
  guardSession(session.defaultSession);
  protocol.handle(PAGE_SCHEME, (request) => answerPage(options.pageFolder, request, hearth));
  Menu.setApplicationMenu(Menu.buildFromTemplate(applicationMenu(process.platform, isDevelopment)));
  nativeTheme.themeSource = theme;
  nativeTheme.on('updated', () => window?.setBackgroundColor(ground()));
  followTheme().catch((error: unknown) => options.log(`The theme: ${encodeError(error).message}`));

  app.on('second-instance', focus);
  app.on('activate', focus);
  app.on('window-all-closed', () => {
    // On macOS an app stays open without windows, and the dock opens the next one.
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (isClosing) return;
    isClosing = true;
    remember();
    window?.hide();
    closePort();
    const limit = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS));
    const end = async (): Promise<void> => {
      await (await door)?.close();
      await hearth.close();
    };
    Promise.race([end(), limit])
      .catch((error: unknown) => options.log(`The end: ${encodeError(error).message}`))
      .finally(() => app.exit(isFailing ? 1 : 0));
  });
  // On Linux and macOS this asks the system to wait for an orderly end. Electron's types leave the event out.
  powerMonitor.on('shutdown', (...[event]: readonly Pick<Event, 'preventDefault'>[]) => {
    event?.preventDefault();
    app.quit();
  });
  open();
  options.onWindow?.();
}

/** The system's keychain; null without one, as on some Linux systems, where Electron would encrypt with a well-known password. */
function keychain(): AppOptions['seal'] {
  if (!safeStorage.isEncryptionAvailable()) return null;
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return null;
  return {
    seal: (text) => safeStorage.encryptString(text),
    open: (sealed) => safeStorage.decryptString(sealed),
  };
}
