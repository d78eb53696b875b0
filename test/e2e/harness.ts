/**
 * Starts the real app and a real page on it. The specs are written once, for the browser and, where its runtime is
 * installed, for Electron.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import chromium from '@sparticuz/chromium';
import { _electron, chromium as playwright, type Browser, type Page } from 'playwright-core';
import { installedElectron, missingDisplay } from '../../main/shell/electron/runtime.ts';

export const root = path.join(import.meta.dirname, '../..');

export type Target = 'browser' | 'electron';

/** The reason why the Electron run is impossible here, or null. */
export function electronMissing(): string | null {
  if (installedElectron(root) === null) return 'no Electron runtime is installed (npm brings only its wrapper)';
  return missingDisplay();
}

/** The shells in which the specs run on this machine. It prints which one is left out, and why. */
export function targets(): Target[] {
  const reason = electronMissing();
  if (reason !== null) console.log(`The Electron run of the end-to-end specs is skipped: ${reason}.`);
  return reason === null ? ['browser', 'electron'] : ['browser'];
}

export interface RunningApp {
  readonly page: Page;
  readonly target: Target;
  readonly folder: string;
  /** The time of the app's ready line, in milliseconds since the epoch. */
  readonly readyAt: number;
  /** Process ids of the engine's children. */
  enginePids(): number[];
  /** Ends the app with the given signal, starts it again on the same data, and opens a page on it. */
  restart(how: 'SIGTERM' | 'SIGKILL'): Promise<RunningApp>;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Fills the empty folder before the app starts: `data/` and `cache/` belong to the app. */
  readonly prepare?: (folder: string) => Promise<void>;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

/** A limit for hangs only: a busy machine may stand still for seconds. */
const LIMIT_MS = 60_000;

/**
 * Flags of the package's list that the browsers of people do not have: a single process, which is brittle, and pages that are neither
 * held to their origin nor kept apart from other sites' frames.
 */
const unlikeBrowsers = [
  '--single-process',
  '--no-zygote',
  '--disable-web-security',
  '--disable-site-isolation-trials',
  '--allow-running-insecure-content',
  '--disable-features',
];

let browser: Browser | undefined;
/** The browser that the tests of one file share. */
export async function sharedBrowser(): Promise<Browser> {
  browser ??= await playwright.launch({
    executablePath: await chromium.executablePath(),
    // Chromium has no sandbox as root, and its shell without a window keeps sites apart only when it is told to.
    args: [
      ...chromium.args.filter((flag) => !unlikeBrowsers.some((one) => flag.startsWith(one))),
      '--no-sandbox',
      '--site-per-process',
    ],
    headless: true,
  });
  return browser;
}

/** Ends the browser that the tests of one file share. */
export async function closeBrowser(): Promise<void> {
  await browser?.close();
  browser = undefined;
}

/** What vitest knows of a test that has ended. */
interface EndedTest {
  readonly name: string;
  readonly result?: { readonly state: string } | undefined;
}

/** Closes the app of a test, and saves its page in test-results first where the test failed. */
export async function closeAfterTest(app: RunningApp | undefined, task: EndedTest): Promise<void> {
  await pictureOfFailure(app, task);
  await app?.close();
}

async function pictureOfFailure(app: RunningApp | undefined, task: EndedTest): Promise<void> {
  if (task.result?.state !== 'fail') return;
  const file = path.join(root, `test-results/${task.name.slice(0, 40).replace(/\W+/g, '-')}.png`);
  await app?.page.screenshot({ path: file }).catch(() => {});
}

/** Variables of this machine that the app reads are left out; a test sets its own. */
function cleanEnvironment(folder: string, extra: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && !/^(HF_|HEARTH_|VITEST|XDG_)/.test(name)) env[name] = value;
  return {
    ...env,
    HOME: folder,
    HEARTH_DATA_DIR: path.join(folder, 'data'),
    HEARTH_CACHE_DIR: path.join(folder, 'cache'),
    // Nothing listens there: a request to the real Hub fails at once and visibly.
    HF_ENDPOINT: 'http://127.0.0.1:9',
    ...extra,
  };
}

/** Starts the app with a data folder and a cache of its own, both empty. */
export async function startApp(target: Target, options: AppOptions = {}): Promise<RunningApp> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-e2e-'));
  await options.prepare?.(folder);
  return await launch(target, folder, options);
}

async function launch(target: Target, folder: string, options: AppOptions): Promise<RunningApp> {
  const env = cleanEnvironment(folder, options.env ?? {});
  const started = target === 'browser' ? await startServed(env, options) : await startElectron(env);
  const { page, app, readyAt } = started;
  page.setDefaultTimeout(LIMIT_MS);
  await frameStands(page);
  const end = async (how: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (target === 'browser') await page.context().close();
    if (app.exitCode === null && app.signalCode === null) {
      const gone = new Promise((resolve) => app.once('exit', resolve));
      app.kill(how);
      await gone;
    }
  };
  return {
    page,
    target,
    folder,
    readyAt,
    enginePids: () => childrenOf(app.pid ?? 0),
    async restart(how) {
      await end(how);
      return await launch(target, folder, options);
    },
    async close() {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The frame is rendered and its shortcuts work: earlier keys would be lost. */
async function frameStands(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Models' }).first().waitFor();
}

/** Waits until all animations and transitions have ended, without the endless ones. */
export async function animationsDone(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document.getAnimations().every((one) => one.effect?.getComputedTiming().endTime === Infinity),
  );
}

/** Opens a screen by its address. */
export async function openHash(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to;
  }, hash);
}

/** Switches Developer mode on in the settings, and comes back to the screen of before. */
export async function switchDeveloperModeOn(page: Page): Promise<void> {
  const before = await page.evaluate(() => window.location.hash);
  await openHash(page, '#/settings/developer');
  const developerMode = page.getByRole('switch', { name: 'Developer mode' });
  await developerMode.click();
  await page.getByRole('switch', { name: 'Developer mode', checked: true }).waitFor();
  await openHash(page, before === '' ? '#/chat' : before);
}

/** Reloads the page, like F5. */
export async function reload(page: Page): Promise<void> {
  await page.reload();
  await frameStands(page);
}

/** A page with cookies of its own, in the browser that the tests of one file share. */
export async function newPage(options: AppOptions = {}): Promise<Page> {
  const context = await (
    await sharedBrowser()
  ).newContext({
    viewport: options.viewport ?? { width: 1280, height: 800 },
    colorScheme: options.colorScheme ?? 'light',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  return page;
}

async function startServed(
  env: Record<string, string>,
  options: AppOptions,
): Promise<{ page: Page; app: ChildProcess; readyAt: number }> {
  const app = spawn(process.execPath, [path.join(root, 'main/start.mjs'), '--serve', '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const read = (chunk: Buffer): void => {
      said += chunk.toString();
      const match = /Hearth is ready: (\S+)/.exec(said);
      if (match?.[1]) resolve(match[1]);
    };
    app.stdout.on('data', read);
    app.stderr.on('data', read);
    app.once('exit', (code) => reject(new Error(`The app ended with ${code ?? 'a signal'}: ${said}`)));
  });
  const readyAt = Date.now();
  const page = await newPage(options);
  await page.goto(url);
  return { page, app, readyAt };
}

async function startElectron(env: Record<string, string>): Promise<{ page: Page; app: ChildProcess; readyAt: number }> {
  const electron = await _electron.launch({
    executablePath: installedElectron(root) ?? '',
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), root],
    env,
  });
  const page = await electron.firstWindow();
  return { page, app: electron.process(), readyAt: Date.now() };
}

/** Direct and indirect children that run the engine, by /proc (the tests run on Linux in CI). */
function childrenOf(parent: number): number[] {
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const command = readProcess(`/proc/${pid}/cmdline`);
    const status = readProcess(`/proc/${pid}/status`);
    if (!/engine\/(\w+\/)*child\.(ts|js)/.test(command)) continue;
    if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === parent) found.push(pid);
  }
  return found;
}

/** A file of /proc; empty when the process has ended. */
function readProcess(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
