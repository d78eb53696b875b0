import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Locator } from 'playwright-core';
import { startHub, type Hub } from '../hub-server/hub-server.ts';
import { seedRepos } from '../hub-server/seed.ts';
import { axeProblems, axeProblems as problems } from './axe.ts';
import {
  animationsDone,
  closeBrowser,
  openHash,
  startApp,
  switchDeveloperModeOn,
  targets,
  type RunningApp,
} from './harness.ts';

let app: RunningApp | undefined;
let hub: Hub | undefined;
afterEach(async () => {
  await app?.close();
  await hub?.close();
  app = undefined;
  hub = undefined;
});
afterAll(closeBrowser);

/** Every address, and what stands there when the screen is ready. */
const screens = [
  { hash: '#/chat', ready: '.chat-field' },
  { hash: '#/models/discover', ready: '.models-pick-row, .models-screen, main h1' },
  { hash: '#/models/local', ready: 'main h1' },
  { hash: '#/models/storage', ready: 'main h1' },
  { hash: '#/models/quality', ready: 'main h1' },
  { hash: '#/models/tokenizer', ready: 'main h1' },
  { hash: '#/server', ready: 'main h1' },
  { hash: '#/server/connect', ready: 'main h1' },
  { hash: '#/server/keys', ready: 'main h1' },
  { hash: '#/server/names', ready: 'main h1' },
  { hash: '#/server/settings', ready: 'main h1' },
  { hash: '#/settings', ready: '.settings-stored' },
] as const;

describe.each(targets())('access in the %s', (target) => {
  it.each(['light', 'dark'] as const)('axe finds nothing serious on any screen (%s)', async (colorScheme) => {
    hub = await startHub({ repos: await seedRepos() });
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url }, colorScheme });
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    expect(await problems(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Message' }).fill('Tell me a joke');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByRole('article').nth(1).waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    expect(await problems(page)).toEqual([]);
    await page.keyboard.press('Control+i');
    await page.locator('.chat-inspector').waitFor();
    await animationsDone(page);
    expect(await problems(page)).toEqual([]);
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('link', { name: 'hearth-models/ember-3M-GGUF' }).first().click();
    await page.getByRole('table', { name: 'Files' }).waitFor();
    expect(await problems(page)).toEqual([]);
    await page.getByRole('tab', { name: 'On this computer' }).click();
    await page
      .getByRole('button', { name: /^Unload|^Load/ })
      .first()
      .waitFor();
    expect(await problems(page)).toEqual([]);
    await page.keyboard.press('Control+,');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    expect(await problems(page)).toEqual([]);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    expect(await problems(page)).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'axe finds nothing at all on any screen or open menu (%s)',
    async (colorScheme) => {
      hub = await startHub({ repos: await seedRepos() });
      app = await startApp(target, { env: { HF_ENDPOINT: hub.url }, colorScheme });
      const { page } = app;
      await switchDeveloperModeOn(page);
      const found: Record<string, string[]> = {};
      const look = async (where: string, within?: string): Promise<void> => {
        await animationsDone(page);
        const problems = await axeProblems(page, within, true);
        if (problems.length > 0) found[where] = problems;
      };
      for (const { hash, ready } of screens) {
        await openHash(page, hash);
        await page.locator(ready).first().waitFor();
        await look(hash);
      }
      await openHash(page, '#/settings');
      await page.getByRole('combobox', { name: 'Language' }).click();
      await page.getByRole('option').first().waitFor();
      // While its list is open, a select of Radix hides the rest of the page from assistive technology.
      await look('languages', '.select-menu');
      await page.keyboard.press('Escape');
      await openHash(page, '#/chat');
      await page.getByRole('textbox', { name: 'Message' }).waitFor();
      await page.getByRole('button', { name: /^Model:/ }).click();
      await page.getByRole('menu').waitFor();
      await look('model menu');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+/');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
      await look('shortcuts');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await page.keyboard.type('e');
      await page.getByRole('option', { name: 'Chat with Ember' }).waitFor();
      await look('palette');
      expect(found).toEqual({});
    },
  );

  it('works by keyboard alone, from the first start to a reply and a new chat', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.keyboard.type('Who are you?');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByRole('article').nth(1).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('new chat');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('log').getByRole('article').count()).toBe(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('settings');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
  });

  it('returns the focus to where it was before a layer', async () => {
    app = await startApp(target);
    const { page } = app;
    const composer = page.getByRole('textbox', { name: 'Message' });
    await composer.fill('Who are you?');
    await composer.press('Enter');
    await page.getByRole('log').getByRole('article').nth(1).waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    const isFocused = (element: Locator): Promise<boolean> =>
      element.evaluate((node) => node === node.ownerDocument.activeElement);
    const leave = async (layer: string, before: Locator): Promise<void> => {
      const dialog = page.getByRole('dialog', { name: layer });
      await dialog.waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await expect.poll(() => isFocused(before), { message: layer }).toBe(true);
    };
    const byCommand = async (title: string): Promise<void> => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(title);
      // Enter takes the row that is chosen now, and the rows follow what is typed a moment later.
      await page.getByRole('option', { name: title, selected: true }).waitFor();
      await page.keyboard.press('Enter');
    };
    await composer.focus();
    await page.keyboard.press('Control+k');
    await leave('Command palette', composer);
    await byCommand('Keyboard shortcuts');
    await leave('Keyboard shortcuts', composer);
    await byCommand('Show the exact prompt');
    await leave('Exact prompt', composer);
    // From a button in a panel that closes, and from an item of a menu: the button that opened them has the focus again.
    const meter = page.getByRole('button', { name: /^Context size: / });
    await meter.press('Enter');
    await page
      .getByRole('dialog', { name: 'Context size' })
      .getByRole('button', { name: 'Load settings' })
      .press('Enter');
    await leave('Load settings for Ember', meter);
    const model = page.getByRole('button', { name: /^Model:/ });
    await model.press('Enter');
    await page.getByRole('menuitem', { name: 'Load settings for Ember' }).press('Enter');
    await leave('Load settings for Ember', model);
    await page.setViewportSize({ width: 700, height: 900 });
    const chats = page.getByRole('button', { name: 'Chats' });
    await chats.press('Enter');
    await leave('Chats', chats);
    const inspector = page.getByRole('button', { name: 'Inspector' });
    await inspector.press('Enter');
    await leave('Inspector', inspector);
    await page.setViewportSize({ width: 1280, height: 800 });
    await switchDeveloperModeOn(page);
    await page.keyboard.press('Control+,');
    for (const [name, layer] of [
      ['Add a folder…', 'Add a model folder'],
      ['Show the log', 'Log'],
    ] as const) {
      const button = page.getByRole('button', { name });
      await button.press('Enter');
      await leave(layer, button);
    }
  });

  it.each([
    [640, 700],
    [3840, 2160],
  ])('fits %i x %i without a sideways scroll, also right to left', async (width, height) => {
    app = await startApp(target, { viewport: { width, height } });
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    const overflow = (): Promise<unknown> =>
      page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(await overflow()).toBeLessThanOrEqual(0);
    await page.evaluate("document.documentElement.dir = 'rtl'");
    expect(await overflow()).toBeLessThanOrEqual(0);
  });
});
