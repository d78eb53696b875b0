/**
 * The desktop's main process on a recording stand-in of Electron: the real entry, the real app, the real page files.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildStale } from '../../../main/app/bundles.ts';
import { checkoutRoot } from '../../../main/app/layout.ts';
import { externalAddress } from '../../../main/shell/electron/external-address.ts';
import { contextMenu } from '../../../main/shell/electron/menu.ts';
import { windowOptions } from '../../../main/shell/electron/window.ts';
import { wordsFor } from '../../../renderer/words/error-words.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { Frame } from '../../../preload/wire/rpc.ts';
import type { StandInSettings } from '../../fixtures/electron-stand-in/stand-in.ts';
import { startStandIn, type StandIn } from '../../fixtures/electron-stand-in/start.ts';

const root = path.join(import.meta.dirname, '../../..');
const CHANNEL = 'hearth:frame';

const running = new Set<StandIn>();
const folders: string[] = [];
function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-shell-'));
  folders.push(folder);
  return folder;
}

function start(dataFolder = temporaryFolder(), settings: Partial<StandInSettings> = {}): StandIn {
  const standIn = startStandIn(
    path.join(root, 'main/electron.ts'),
    {
      appPath: root,
      isPackaged: false,
      resourcesPath: '/nowhere',
      hasLock: true,
      pickedFolder: null,
      storageBackend: 'gnome_libsecret',
      ...settings,
    },
    { HOME: dataFolder, HEARTH_DATA_DIR: dataFolder, HEARTH_OFFLINE: '1' },
  );
  running.add(standIn);
  return standIn;
}

/** The answer to a frame, as the page would receive it. */
async function answer(shell: StandIn, id: number): Promise<Frame> {
  const sent = await shell.seen('webContents.send', ([, frame]) => (frame as Frame).id === id);
  expect(sent.args[0]).toBe(CHANNEL);
  return sent.args[1] as Frame;
}
async function call(shell: StandIn, id: number, route: string, input: unknown = {}): Promise<Frame> {
  await shell.act('message', 'page', CHANNEL, { t: 'call', id, route, input });
  return await answer(shell, id);
}
const framesFor = (shell: StandIn, id: number): Frame[] =>
  shell.calls
    .filter((one) => one.call === 'webContents.send')
    .map((one) => one.args[1] as Frame)
    .filter((frame) => frame.id === id);

beforeAll(() => buildStale(checkoutRoot, ['page']));
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('the Electron shell', () => {
  // One process for all tests that do not end it: a start costs a second.
  const dataFolder = temporaryFolder();
  let shell: StandIn;
  beforeAll(async () => {
    shell = start(dataFolder);
    await shell.seen('window.loadURL');
  });
  afterAll(() => shell.kill());

  it('makes one window with a sandboxed page that has no Node', async () => {
    const made = shell.calls.filter((one) => one.call === 'new BrowserWindow');
    expect(made).toHaveLength(1);
    expect(made[0]!.args[0]).toMatchObject({
      minWidth: 640,
      minHeight: 480,
      show: false,
      backgroundColor: '#FBFAF8',
      webPreferences: {
        preload: path.join(root, 'dist/preload/preload.cjs'),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        nodeIntegrationInWorker: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        webviewTag: false,
        navigateOnDragDrop: false,
      },
    });
    expect((await shell.seen('window.loadURL')).args).toEqual(['app://hearth/']);
    await shell.seen('window.show');
  });

  it('takes the lock and registers the scheme before anything is shown', () => {
    const names = shell.calls.map((one) => one.call);
    expect(names.slice(0, 3)).toEqual([
      'protocol.registerSchemesAsPrivileged',
      'app.setPath',
      'app.requestSingleInstanceLock',
    ]);
    expect(shell.calls[0]!.args[0]).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ]);
    expect(shell.calls[1]!.args).toEqual(['userData', path.join(dataFolder, 'window')]);
    expect(names.indexOf('protocol.handle')).toBeLessThan(names.indexOf('window.loadURL'));
  });

  it('does not leave its own address', async () => {
    for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect'] as const) {
      for (const url of [
        'https://example.org/',
        'http://127.0.0.1:4735/',
        'file:///etc/passwd',
        'javascript:alert(1)',
        'data:text/html,x',
        'about:blank',
        'blob:app://hearth/1',
        'app://hearth.example.org/',
        'app://other/',
        'app://user@hearth/',
        'app:hearth',
        'chrome://settings',
        'not an address',
      ])
        expect([name, url, await shell.act('navigate', name, url, true)]).toEqual([name, url, true]);
      expect(await shell.act('navigate', name, 'app://hearth/#/models', true)).toBe(false);
      // The page has frames of one kind, which go nowhere else.
      expect(await shell.act('navigate', name, 'app://hearth/preview.html', false)).toBe(false);
      for (const url of ['app://hearth/', 'app://hearth/preview.html?a', 'https://example.org/', 'about:blank'])
        expect([url, await shell.act('navigate', name, url, false)]).toEqual([url, true]);
    }
    expect(await shell.act('attachWebview')).toBe(true);
    expect(await shell.act('download', 'https://example.org/model.gguf')).toBe(true);
    expect(await shell.act('download', 'blob:https://example.org/1')).toBe(true);
    // Of what the page itself has made the user is asked where to.
    expect(await shell.act('download', 'blob:app://hearth/1')).toBe(false);
  });

  it('opens only web and mail addresses in the system', async () => {
    for (const url of [
      'javascript:alert(1)',
      'file:///etc/passwd',
      'data:text/html,x',
      'app://hearth/',
      'ms-msdt:/id',
      'smb://server/share',
      'vscode://file/etc',
      'ssh://example.org',
      'https://huggingface.co@example.org/',
      'https://',
      '\\\\server\\share',
      'about:blank',
      '',
    ])
      expect(await shell.act('openWindow', url)).toEqual({ action: 'deny' });
    expect(shell.calls.filter((one) => one.call === 'shell.openExternal')).toEqual([]);

    expect(await shell.act('openWindow', 'https://huggingface.co/a/b?x=1#y')).toEqual({ action: 'deny' });
    expect(await shell.act('openWindow', 'HTTP://example.org')).toEqual({ action: 'deny' });
    expect(await shell.act('openWindow', 'mailto:a@example.org?attach=/etc/passwd')).toEqual({ action: 'deny' });
    const opened = shell.calls.filter((one) => one.call === 'shell.openExternal').map((one) => one.args[0]);
    expect(opened).toEqual(['https://huggingface.co/a/b?x=1#y', 'http://example.org/', 'mailto:a@example.org']);
  });

  it('allows the page only to write text to the clipboard', async () => {
    expect(await shell.act('permission', 'clipboard-sanitized-write', 'app://hearth/', true)).toEqual([true, true]);
    expect(await shell.act('permission', 'clipboard-sanitized-write', 'https://example.org/', true)).toEqual([
      false,
      false,
    ]);
    expect((await shell.act('permission', 'clipboard-sanitized-write', 'app://hearth/', false))[0]).toBe(false);
    for (const name of ['clipboard-read', 'media', 'geolocation', 'notifications', 'openExternal', 'fileSystem', 'usb'])
      expect([name, await shell.act('permission', name, 'app://hearth/', true)]).toEqual([name, [false, false]]);
    expect(await shell.act('devicePermission')).toBe(false);
  });

  it('serves the page with its policy', async () => {
    const page = await shell.act('fetch', 'app://hearth/');
    expect(page.status).toBe(200);
    expect(page.text).toBe(readFileSync(path.join(root, 'dist/renderer/index.html'), 'utf8'));
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = page.headers['content-security-policy']!;
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    expect(policy).toMatch(/connect-src 'self'(;|$)/);
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    const script = readdirSync(path.join(root, 'dist/renderer/assets')).find((name) => name.endsWith('.js'))!;
    const served = await shell.act('fetch', `app://hearth/assets/${script}`);
    expect([served.status, served.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  });

  it('serves no file outside the page, however the path is written', async () => {
    for (const url of [
      'app://hearth/../../package.json',
      'app://hearth/assets/../../../package.json',
      'app://hearth/%2e%2e/%2e%2e/package.json',
      'app://hearth/..%2f..%2fpackage.json',
      'app://hearth/%2e%2e%2f%2e%2e%2fpackage.json',
      'app://hearth/..%252f..%252fpackage.json',
      'app://hearth/..\\..\\package.json',
      'app://hearth/..%5c..%5cpackage.json',
      'app://hearth//etc/passwd',
      'app://hearth/etc/passwd',
      'app://hearth/C:/Windows/win.ini',
      'app://hearth/index.html%00.png',
      'app://hearth/index.html\0.png',
      'app://hearth/assets/',
      'app://hearth/assets',
      'app://hearth/.index.html',
      'app://hearth/index.html.map',
      'app://hearth/index.exe',
      'app://hearth/INDEX',
      'app://other/index.html',
      'app://hearth:80/index.html',
      'app:index.html',
      'file:///etc/passwd',
      'http://hearth/index.html',
    ]) {
      const { status, text } = await shell.act('fetch', url);
      expect([url, status, text]).toEqual([url, 404, 'There is nothing here.']);
    }
    expect((await shell.act('fetch', 'app://hearth/', 'POST')).status).toBe(404);
    expect(await shell.act('fetch', 'app://hearth/', 'HEAD')).toMatchObject({ status: 200, text: '' });
  });

  it('answers the page through the contract', async () => {
    expect(await call(shell, 1, 'system.info')).toMatchObject({
      t: 'ok',
      id: 1,
      output: { shell: 'electron', version: '0.1.0-stand-in', dataFolder, offline: true },
    });
    expect(await call(shell, 2, 'chat.update', { title: 7 })).toMatchObject({
      t: 'error',
      error: { code: 'invalid_input' },
    });
    expect(await call(shell, 3, 'constructor')).toMatchObject({ t: 'error', error: { code: 'not_found' } });
  });

  it('drops messages of other pages, and malformed frames', async () => {
    const frame = { t: 'call', id: 100, route: 'system.info', input: {} };
    for (const sender of [
      'subframe',
      'otherOrigin',
      'opaqueOrigin',
      'leftDocument',
      'otherProcess',
      'gone',
      'disposed',
    ])
      await shell.act('message', sender, CHANNEL, frame);
    await shell.act('message', 'page', 'other-channel', frame);
    for (const value of [
      null,
      undefined,
      7,
      'text',
      [],
      {},
      { t: 'call', id: '100', route: 'x' },
      { t: 'eval', id: 100 },
    ])
      await shell.act('message', 'page', CHANNEL, value);
    await call(shell, 101, 'system.info');
    expect(framesFor(shell, 100)).toEqual([]);
    expect(shell.stderr()).not.toContain('TypeError');
  });

  it('closes the streams of a document that unloads, and serves the next one', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => 200 + index);
    const openStreams = async (): Promise<void> => {
      for (const id of ids)
        await shell.act('message', 'page', CHANNEL, { t: 'open', id, route: 'system.watchMemory', input: {} });
      // Each stream waits a second between two events, so each holds a timer.
      await expect.poll(() => shell.act('timers')).toBeGreaterThanOrEqual(ids.length);
    };
    await openStreams();
    await shell.act('commit', 'app://hearth/');
    expect(await shell.act('timers')).toBeLessThan(ids.length);
    const before = framesFor(shell, 200).length;
    // The same numbers are free again: they belong to the new document.
    await shell.act('message', 'page', CHANNEL, { t: 'call', id: 200, route: 'system.info', input: {} });
    await shell.seen('webContents.send', ([, frame]) => (frame as Frame).id === 200 && (frame as Frame).t === 'ok');
    expect(
      framesFor(shell, 200)
        .slice(before)
        .map((frame) => frame.t),
    ).toEqual(['ok']);

    await openStreams();
    await shell.act('crash', 'clean-exit');
    expect(await shell.act('timers')).toBeLessThan(ids.length);
    await shell.act('commit', 'app://hearth/');
  });

  it('answers no request on a foreign address', async () => {
    await shell.act('commit', 'chrome-error://chromewebdata/');
    await shell.act('message', 'page', CHANNEL, { t: 'call', id: 300, route: 'system.info', input: {} });
    await shell.act('commit', 'app://hearth/');
    await call(shell, 301, 'system.info');
    expect(framesFor(shell, 300)).toEqual([]);
  });

  it('follows the chosen theme', async () => {
    await call(shell, 400, 'settings.update', { theme: 'dark' });
    await shell.seen('nativeTheme.themeSource', ([source]) => source === 'dark');
    expect((await shell.seen('window.setBackgroundColor')).args).toEqual(['#161412']);
  });

  it('comes to the front when it is started again', async () => {
    await shell.act('minimize');
    await shell.act('secondInstance');
    const names = shell.calls.map((one) => one.call);
    expect(names.slice(names.lastIndexOf('window.restore'))).toEqual(['window.restore', 'window.show', 'window.focus']);
    expect(names.filter((name) => name === 'new BrowserWindow')).toHaveLength(1);
  });

  it('offers the edit menu of the platform, and cut, copy and paste on a field', async () => {
    const menu = (await shell.seen('Menu.setApplicationMenu')).args[0] as { role?: string }[];
    expect(menu.map((item) => item.role)).toContain('editMenu');
    await shell.act('contextMenu', {});
    expect(shell.calls.filter((one) => one.call === 'menu.popup')).toEqual([]);
    await shell.act('contextMenu', { selectionText: 'a word' });
    expect((await shell.seen('menu.popup')).args).toEqual([[{ role: 'copy' }]]);
  });

  it('reloads the page after a crash, and gives up after repeated crashes', async () => {
    await shell.act('crash', 'oom');
    await shell.seen('webContents.reload');
    expect((await call(shell, 500, 'system.info')).t).toBe('ok');
    await shell.act('crash', 'crashed');
    await shell.act('crash', 'crashed').catch(() => {});
    expect((await shell.seen('dialog.showErrorBox')).args[0]).toBe('Hearth has to close');
    expect(await shell.exited).toBe(0);
  });
});

describe('the end and the start of the desktop app', () => {
  afterEach(async () => {
    await Promise.all([...running].map((one) => one.kill()));
    running.clear();
  });

  it('closes the streams, stores everything and exits, in that order', async () => {
    const dataFolder = temporaryFolder();
    const shell = start(dataFolder);
    await shell.seen('window.loadURL');
    // The end of the stream would be sent here if it were not closed earlier.
    await shell.act('message', 'page', CHANNEL, { t: 'open', id: 1, route: 'engine.watch', input: {} });
    await shell.seen('webContents.send', ([, frame]) => JSON.stringify(frame).includes('"status":"ready"'));
    await shell.act('moveWindow', { x: 40, y: 60, width: 900, height: 700 });
    expect(existsSync(path.join(dataFolder, 'hearth.db-wal'))).toBe(true);
    void shell.act('quit').catch(() => {});
    expect(await shell.exited).toBe(0);
    const names = shell.calls.map((one) => one.call);
    expect(names.slice(names.indexOf('app.quit'))).toEqual(['app.quit', 'window.hide', 'app.exit']);
    // A database that was closed has no journal beside it.
    expect(existsSync(path.join(dataFolder, 'hearth.db-wal'))).toBe(false);
    expect(JSON.parse(readFileSync(path.join(dataFolder, 'window.json'), 'utf8'))).toEqual({
      bounds: { x: 40, y: 60, width: 900, height: 700 },
      isMaximized: false,
      theme: 'system',
    });

    const again = start(dataFolder);
    expect((await again.seen('new BrowserWindow')).args[0]).toMatchObject({ x: 40, y: 60, width: 900, height: 700 });
  });

  it.each(['endSession', 'shutDown'] as const)('closes in order when the system ends: %s', async (command) => {
    const dataFolder = temporaryFolder();
    const shell = start(dataFolder);
    await shell.seen('window.loadURL');
    await shell.act('moveWindow', { x: 44, y: 66, width: 910, height: 710 });
    void shell.act(command).catch(() => {});
    expect(await shell.exited).toBe(0);
    expect(existsSync(path.join(dataFolder, 'hearth.db-wal'))).toBe(false);
    expect(JSON.parse(readFileSync(path.join(dataFolder, 'window.json'), 'utf8'))).toMatchObject({ bounds: { x: 44 } });
    if (command === 'shutDown') expect((await shell.seen('shutdown waits')).args).toEqual([true]);
  });

  it('says where to add a dropped file that the window did not hand over', async () => {
    const shell = start();
    await shell.seen('window.loadURL');
    const { status, text } = await shell.act('drop', 'a.gguf', null);
    expect(status).toBe(400);
    const { error } = JSON.parse(text) as { error: ErrorBody };
    expect(error).toMatchObject({ code: 'invalid_input', data: { reason: 'no_body' } });
    expect(wordsFor(error).text).toMatch(/did not hand over the file\. Choose it with “Add files”/);
    // With a body it gets as far as the check of the content.
    expect((await shell.act('drop', 'a.gguf', 'hello')).text).not.toContain('no_body');
  });

  it('tells in the log that Chromium’s sandbox is off', async () => {
    const dataFolder = temporaryFolder();
    const shell = start(dataFolder, { switches: ['no-sandbox'] });
    await shell.seen('window.loadURL');
    expect(readFileSync(path.join(dataFolder, 'logs/hearth.log'), 'utf8')).toContain('sandbox is off');
  });

  it('ends with its last window', async () => {
    const shell = start();
    await shell.seen('window.loadURL');
    await shell.act('closeWindow').catch(() => {});
    if (process.platform !== 'darwin') expect(await shell.exited).toBe(0);
  });

  it('leaves at once when another instance has the lock, and touches nothing', async () => {
    const dataFolder = temporaryFolder();
    const shell = start(dataFolder, { hasLock: false });
    expect(await shell.exited).toBe(0);
    expect(shell.calls.map((one) => one.call)).not.toContain('new BrowserWindow');
    expect(existsSync(path.join(dataFolder, 'hearth.db'))).toBe(false);
  });

  it('reports in plain words that another program uses its data', async () => {
    const dataFolder = temporaryFolder();
    const first = start(dataFolder);
    await first.seen('window.loadURL');
    const second = start(dataFolder);
    const [title, words] = (await second.seen('dialog.showErrorBox')).args as [string, string];
    expect(title).toBe('Hearth cannot start');
    expect(words).toMatch(/^[A-Z][^\n]+\.$/);
    expect(words).not.toMatch(/Error|SQLITE/);
    expect(await second.exited).toBe(1);
  });

  it('encrypts secrets with the system’s keychain, and does not pretend to without one', async () => {
    const stored = async (storageBackend: StandInSettings['storageBackend']) => {
      const dataFolder = temporaryFolder();
      const shell = start(dataFolder, { storageBackend });
      await shell.seen('window.loadURL');
      expect((await call(shell, 1, 'settings.setHubToken', { token: 'hf_secretsecretsecret' })).t).toBe('ok');
      await shell.kill();
      return readFileSync(path.join(dataFolder, 'secrets.json'), 'utf8');
    };
    expect(await stored('gnome_libsecret')).not.toContain('hf_secret');
    expect(await stored('none')).toContain('hf_secret');
    if (process.platform === 'linux') expect(await stored('basic_text')).toContain('hf_secret');
  });

  it('asks for a folder with the system’s dialog', async () => {
    const pickedFolder = temporaryFolder();
    const shell = start(temporaryFolder(), { pickedFolder });
    await shell.seen('window.loadURL');
    expect(await call(shell, 1, 'settings.pickCacheFolder')).toMatchObject({
      t: 'ok',
      output: { cacheFolder: { current: { path: pickedFolder } } },
    });
    const [owner, options] = (await shell.seen('dialog.showOpenDialog')).args;
    expect(owner).toBe('BrowserWindow');
    expect(options).toMatchObject({ properties: ['openDirectory', 'createDirectory'] });
  });

  it('shows the log file in the system’s file manager', async () => {
    const folder = temporaryFolder();
    const shell = start(folder);
    await shell.seen('window.loadURL');
    expect(await call(shell, 1, 'system.openLog')).toMatchObject({ t: 'ok', output: null });
    const [file] = (await shell.seen('shell.showItemInFolder')).args;
    expect(file).toBe(path.join(folder, 'logs/hearth.log'));
    expect(readFileSync(String(file), 'utf8')).toContain('(electron)');
  });
});

describe('the parts of the shell', () => {
  const parts = {
    preloadPath: '/preload.cjs',
    iconPath: '/icon.png',
    displays: [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }] as never,
    isDark: true,
    isDevelopment: false,
  };
  it('moves a window from a missing screen to an existing one', () => {
    const at = (x: number, y: number) =>
      windowOptions({
        ...parts,
        state: { bounds: { x, y, width: 900, height: 700 }, isMaximized: false, theme: 'system' },
      });
    expect(at(100, 100)).toMatchObject({ x: 100, y: 100, width: 900, height: 700 });
    for (const [x, y] of [
      [3000, 100],
      [-850, 100],
      [100, -200],
      [100, 1030],
    ] as const)
      expect(at(x, y)).not.toHaveProperty('x');
    expect(at(0, 0)).toMatchObject({ backgroundColor: '#161412', webPreferences: { devTools: false } });
  });

  it('refuses an address that is too long for the system', () => {
    expect(externalAddress(`https://example.org/${'a'.repeat(3000)}`)).toBeNull();
  });

  it('offers corrections of a misspelt word', () => {
    const replaced: string[] = [];
    const editFlags = { canCut: true, canCopy: true, canPaste: true, canSelectAll: true } as never;
    const [first] = contextMenu(
      { isEditable: true, selectionText: '', editFlags, dictionarySuggestions: ['hearth'] },
      (word) => replaced.push(word),
    );
    first?.click?.(undefined as never, undefined as never, undefined as never);
    expect([first?.label, replaced]).toEqual(['hearth', ['hearth']]);
  });

  it('gives the page a bridge of two functions', async () => {
    // The script as a sandboxed page runs it: it sees only `electron` and the document.
    const source = temporaryFolder();
    writeFileSync(path.join(source, 'package.json'), '{ "type": "commonjs" }');
    const { rolldown } = await import('rolldown');
    const built = await rolldown({ input: path.join(root, 'preload/preload.ts'), external: ['electron'] });
    const { output } = await built.generate({ format: 'cjs' });
    await built.close();
    const exposed: Record<string, unknown> = {};
    const sent: unknown[] = [];
    const listeners: ((event: unknown, frame: unknown) => void)[] = [];
    const electron = {
      contextBridge: { exposeInMainWorld: (key: string, api: unknown) => (exposed[key] = api) },
      ipcRenderer: {
        send: (...args: unknown[]) => sent.push(args),
        on: (channel: string, listener: (event: unknown, frame: unknown) => void) => {
          expect(channel).toBe(CHANNEL);
          listeners.push(listener);
        },
      },
    };
    const required: string[] = [];
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the preload environment is a function of `require`
    new Function('require', 'module', 'exports', output[0].code)(
      (name: string) => {
        required.push(name);
        return electron;
      },
      { exports: {} },
      {},
    );
    expect([...new Set(required)]).toEqual(['electron']);
    expect(Object.keys(exposed)).toEqual(['bridge']);
    const bridge = exposed['bridge'] as {
      post(frame: unknown): void;
      onFrame(listener: (frame: unknown) => void): void;
    };
    expect(Object.keys(bridge).sort()).toEqual(['onFrame', 'post']);
    bridge.post({ t: 'cancel', id: 1 });
    expect(sent).toEqual([[CHANNEL, { t: 'cancel', id: 1 }]]);
    const got: unknown[][] = [];
    bridge.onFrame((...args: unknown[]) => got.push(args));
    for (const listener of listeners) listener({ sender: 'secret' }, { t: 'end', id: 1 });
    expect(got).toEqual([[{ t: 'end', id: 1 }]]);
  });
});
