/** Tabs of the browser and the token: after a restart of the app, and from one tab to another. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import type { Page } from 'playwright-core';
import { closeBrowser, newPage, root } from './harness.ts';

afterAll(closeBrowser);

const NO_ACCESS = 'This tab has no access to Hearth. Open the address that Hearth printed when it was last started.';

interface Start {
  readonly app: ChildProcess;
  /** With the token of this start. */
  readonly url: URL;
}

/** Starts the app over `folder` on `port`, as a user does who starts it again. */
async function start(folder: string, port: string): Promise<Start> {
  const app = spawn(process.execPath, [path.join(root, 'main/start.mjs'), '--serve', '--port', port], {
    env: {
      PATH: process.env['PATH'],
      ...{ HOME: folder, HEARTH_DATA_DIR: path.join(folder, 'data'), HEARTH_OFFLINE: '1' },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void app.kill('SIGKILL'));
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    app.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /Hearth is ready: (\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    app.once('exit', (code) => reject(new Error(`The app ended with ${code ?? 'a signal'}: ${said}`)));
  });
  return { app, url: new URL(address) };
}
async function end({ app }: Start): Promise<void> {
  const gone = new Promise((resolve) => app.once('exit', resolve));
  app.kill('SIGTERM');
  await gone;
}

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message' });
/** The tab has its connection: what needs main is there, and no banner. */
async function isConnected(page: Page): Promise<void> {
  await composer(page).waitFor();
  await page.getByText('Ember').first().waitFor();
  await page.getByText(NO_ACCESS).waitFor({ state: 'detached' });
}

it('a tab says after a restart how to go on, and goes on once any tab has the new address', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-tabs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const first = await start(folder, '0');
  const tab = await newPage();
  onTestFinished(() => tab.context().close());
  await tab.goto(first.url.href);
  await isConnected(tab);
  // The token is not left where it would be copied with the address.
  expect(tab.url()).not.toContain('token');

  // A tab without the token gets it from the one that is connected.
  const beside = await tab.context().newPage();
  await beside.goto(first.url.origin);
  await isConnected(beside);
  await beside.close();

  await composer(tab).fill('A draft that stays');
  await end(first);
  const second = await start(folder, first.url.port);
  expect(second.url.hash).not.toBe(first.url.hash);
  await tab.getByText(NO_ACCESS).waitFor();
  expect(await composer(tab).inputValue()).toBe('A draft that stays');

  // A new tab without any token says the same: the only other tab has an old one.
  const lost = await tab.context().newPage();
  await lost.goto(first.url.origin);
  await lost.getByText(NO_ACCESS).waitFor();

  const opened = await tab.context().newPage();
  await opened.goto(second.url.href);
  await isConnected(opened);
  for (const page of [tab, lost]) await isConnected(page);
  expect(await composer(tab).inputValue()).toBe('A draft that stays');
});

it('a tab takes the new address in its own field, and a strange page gets no token', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-tabs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const { url } = await start(folder, '0');
  const tab = await newPage();
  onTestFinished(() => tab.context().close());
  await tab.goto(url.origin);
  await tab.getByText(NO_ACCESS).waitFor();
  // The same document with another part behind `#`: nothing is loaded again.
  await tab.goto(url.href);
  await isConnected(tab);

  // Another server on this machine shares the cookies of its name, and no token.
  const other = await start(`${folder}-other`, '0');
  onTestFinished(() => rmSync(`${folder}-other`, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const strange = await tab.context().newPage();
  await strange.goto(other.url.origin);
  await strange.getByText(NO_ACCESS).waitFor();
  expect(await tab.context().cookies()).toEqual([]);
  const stored = await strange.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(stored).not.toContain(new URLSearchParams(url.hash.slice(1)).get('token'));
});
