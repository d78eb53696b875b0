/**
 * The desktop's test of itself, inside the app that it tests: it looks at the window that is open, acts in its page, and ends the app.
 * `self-test-run.ts` starts it and reads its results.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { app, BrowserWindow, dialog, safeStorage } from 'electron';
import { addResult, type CheckResult } from './self-test-report.ts';

export interface SelfTestOptions {
  /** Gets the results. Its folder is the test's own. */
  readonly file: string;
  readonly dataFolder: string;
  readonly builtInModelPath: string;
  readonly builtInModelId: string;
}

/** No check takes longer on a slow computer, except for the engine, which reads a model. */
const CHECK_LIMIT_MS = 30_000;
const ENGINE_LIMIT_MS = 180_000;
const POLL_MS = 50;
const FOREIGN = 'https://hearth.invalid/';
const TOKEN = 'hf_selftestselftest';

type Check = readonly [CheckResult['check'], (window: BrowserWindow) => Promise<string>, number?];

/** Runs every check, whatever became of the one before, and quits. Never throws. */
export async function runSelfTest(options: SelfTestOptions): Promise<void> {
  const page = createPage();
  const checks: readonly Check[] = [
    ['window', seesWindow],
    ['isolation', async () => await seesIsolation(page)],
    ['protocol', async () => await seesProtocol(page)],
    ['ipc', async () => await seesAnswer(page)],
    ['safeStorage', async () => await seesSealedToken(page, options.dataFolder)],
    ['dialog', async (window) => await picksFolder(page, window, path.join(options.file, '../picked'))],
    ['engine', async () => await seesReply(page, options.builtInModelId), ENGINE_LIMIT_MS],
    ['drop', async () => await dropsFiles(page, options.builtInModelPath)],
    ['second instance', startsAgain],
    ['navigation', async (window) => await staysOnPage(page, window)],
  ];
  for (const [check, run, limitMs = CHECK_LIMIT_MS] of checks) {
    const start = performance.now();
    const [passed, detail] = await within(limitMs, async () => await run(await findWindow())).then(
      (seen) => [true, seen] as const,
      (error: unknown) => [false, error instanceof Error ? error.message : String(error)] as const,
    );
    addResult(options.file, { check, passed, detail, tookMs: Math.round(performance.now() - start) });
  }
  app.quit();
}

function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`Nothing came within ${limitMs / 1000} s.`)), limitMs).unref();
    work().then(resolve, reject);
  });
}

/** Waits until `look` answers something else than null. The limit of the check ends what waits in vain. */
async function until<T>(look: () => T | null | Promise<T | null>): Promise<T> {
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function expectTrue(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}

const findWindow = (): Promise<BrowserWindow> => until(() => BrowserWindow.getAllWindows()[0] ?? null);

interface Page {
  /** Evaluates an expression in the page. */
  readonly run: (code: string) => Promise<unknown>;
  /** Calls a route as the page does, or takes the first event of a stream. */
  readonly ask: (route: string, input: object, verb?: 'call' | 'open') => Promise<unknown>;
}

/** Acts in the page of the window, over its bridge. */
function createPage(): Page {
  // Far above the numbers that the page gives to its own calls.
  let id = 1_000_000_000;
  const run = async (code: string): Promise<unknown> =>
    (await (await findWindow()).webContents.executeJavaScript(code)) as unknown;
  return {
    run,
    ask: (route, input, verb = 'call') =>
      run(`new Promise((resolve, reject) => {
        const id = ${++id};
        window.bridge.onFrame((frame) => {
          if (frame.id !== id) return;
          if (frame.t === 'error') reject(new Error(frame.error.code + ': ' + frame.error.message));
          else resolve(frame.t === 'ok' ? frame.output : frame.event);
          if (frame.t === 'event') window.bridge.post({ t: 'cancel', id });
        });
        window.bridge.post({ t: ${JSON.stringify(verb)}, id, route: ${JSON.stringify(route)}, input: ${JSON.stringify(input)} });
      })`),
  };
}

async function seesWindow(): Promise<string> {
  const [window, ...others] = BrowserWindow.getAllWindows();
  expectTrue(window !== undefined && others.length === 0, 'There is not exactly one window.');
  await until(() => (window?.isVisible() ? true : null));
  const { width, height } = (await window?.webContents.capturePage())?.getSize() ?? { width: 0, height: 0 };
  expectTrue(width > 0 && height > 0, 'The window is visible and shows nothing.');
  return `visible, ${width} x ${height} pixels`;
}

async function seesIsolation({ run }: Page): Promise<string> {
  const seen = await run(
    `JSON.stringify([typeof require, typeof process, typeof module, Object.keys(window.bridge).sort().join()])`,
  );
  const right = JSON.stringify(['undefined', 'undefined', 'undefined', 'onFrame,post']);
  expectTrue(seen === right, `The page has ${String(seen)} in place of ${right}.`);
  return 'the page has the bridge and nothing of Node';
}

async function seesProtocol({ run }: Page): Promise<string> {
  const seen =
    (await run(`Promise.all(['/', '/theme.js', '/..%2fpackage.json'].map((path) => fetch(path))).then((answers) => ({
    origin: location.origin,
    statuses: answers.map((one) => one.status).join(),
    policy: answers[0].headers.get('content-security-policy') ?? '',
  }))`)) as { origin: string; statuses: string; policy: string };
  expectTrue(seen.origin === 'app://hearth', `The page is at ${seen.origin}.`);
  expectTrue(seen.statuses === '200,200,404', `The statuses are ${seen.statuses}.`);
  expectTrue(seen.policy.includes("script-src 'self'"), 'The page has no content security policy.');
  return `${seen.origin}, with its policy`;
}

async function seesAnswer({ ask }: Page): Promise<string> {
  const info = (await ask('system.info', {})) as { shell?: string; version?: string; offline?: boolean } | null;
  expectTrue(info?.shell === 'electron' && info.offline === true, `system.info answered ${JSON.stringify(info)}.`);
  return `Hearth ${info?.version ?? ''}`;
}

async function seesSealedToken({ ask }: Page, dataFolder: string): Promise<string> {
  await ask('settings.setHubToken', { token: TOKEN });
  const isPlain = readFileSync(path.join(dataFolder, 'secrets.json'), 'utf8').includes(TOKEN);
  const backend = process.platform === 'linux' ? safeStorage.getSelectedStorageBackend() : process.platform;
  if (!safeStorage.isEncryptionAvailable() || backend === 'basic_text') {
    expectTrue(isPlain, 'There is no keychain, and the token was not stored.');
    return `no keychain here (${backend}): the token is stored as it is`;
  }
  expectTrue(!isPlain, 'There is a keychain, and the token lies in the file as it is.');
  expectTrue(
    safeStorage.decryptString(safeStorage.encryptString(TOKEN)) === TOKEN,
    'The keychain does not give back what it took.',
  );
  return `sealed by ${backend}`;
}

/** The system's dialog cannot be pressed from here, so a function answers in its place. */
async function picksFolder({ ask }: Page, window: BrowserWindow, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  let owner: unknown;
  const shown = dialog.showOpenDialog.bind(dialog);
  dialog.showOpenDialog = (async (...args: readonly unknown[]) => {
    owner = args[0];
    return { canceled: false, filePaths: [folder] };
  }) as typeof dialog.showOpenDialog;
  try {
    const settings = (await ask('settings.pickCacheFolder', {})) as {
      cacheFolder?: { current?: { path?: string } };
    } | null;
    const path = settings?.cacheFolder?.current?.path;
    expectTrue(path === folder, `The folder of models is ${String(path)}.`);
    expectTrue(owner === window, 'The dialog does not belong to the window.');
    return 'a chosen folder is taken, the dialog belongs to the window';
  } finally {
    dialog.showOpenDialog = shown;
  }
}

async function seesReply({ ask }: Page, modelId: string): Promise<string> {
  await ask('engine.load', { modelId });
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 64, seed: null };
  const { chatId } = (await ask('chat.send', {
    chat: { fresh: { modelId, systemPrompt: '', sampling, contextPolicy: null } },
    parts: [{ type: 'text', text: 'Who are you?' }],
  })) as { chatId: string };
  return await until(async () => {
    const text = JSON.stringify(await ask('chat.watch', { chatId }, 'open'));
    return /"text":"([^"]*\bEmber\b[^"]*)"/.exec(text)?.[1] ?? null;
  });
}

/** A file of another kind is refused for what it is, which proves that its bytes arrived; a model is taken by the page's own drop. */
async function dropsFiles({ ask, run }: Page, modelPath: string): Promise<string> {
  const refused = String(
    await run(`fetch('/import/note.gguf', { method: 'POST', headers: { 'x-file-size': '5' }, body: new File(['hello'], 'note.gguf') })
      .then((answer) => answer.text())`),
  );
  expectTrue(
    !refused.includes('no_body'),
    'The window does not hand over the bytes of a file (a fault of this Chromium; “Add files” works).',
  );
  expectTrue(refused.includes('"error"'), `A file that is no model was taken: ${refused}`);
  const bytes = readFileSync(modelPath).toString('base64');
  await run(`(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob('${bytes}'), (letter) => letter.charCodeAt(0))], 'dropped-model.gguf'));
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  })()`);
  await until(async () =>
    JSON.stringify(await ask('library.watch', {}, 'open')).includes('dropped-model') ? true : null,
  );
  return 'another file is refused, a model is in the list';
}

async function startsAgain(window: BrowserWindow): Promise<string> {
  window.hide();
  // The same program with the same arguments, as a second click on its icon starts it.
  const again = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve, reject) =>
    again.once('exit', (ended) => resolve(ended)).once('error', reject),
  );
  expectTrue(code === 0, `The second one ended with ${String(code)}.`);
  await until(() => (window.isVisible() ? true : null));
  expectTrue(BrowserWindow.getAllWindows().length === 1, 'There are two windows.');
  return 'the second one leaves, the window comes to the front';
}

async function staysOnPage({ run }: Page, window: BrowserWindow): Promise<string> {
  const opened = await run(`window.open('file:///') === null`);
  expectTrue(opened === true, 'The page opened a window.');
  const prevented = new Promise<boolean>((resolve) =>
    window.webContents.once('will-navigate', (details) => resolve(details.defaultPrevented)),
  );
  await run(`void location.assign('${FOREIGN}')`);
  expectTrue(await prevented, 'Nothing keeps the page from leaving.');
  const address = window.webContents.getURL();
  expectTrue(address.startsWith('app://hearth/'), `The window shows ${address}.`);
  return 'the page leads nowhere else';
}
