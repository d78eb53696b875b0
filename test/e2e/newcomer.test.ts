/** What a newcomer stumbled over in the window: refused numbers, a lost connection, the way back, and keys in layers. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Page, WebSocketRoute } from 'playwright-core';
import { axeProblems } from './axe.ts';
import { closeAfterTest, closeBrowser, reload, root, startApp, targets, type RunningApp } from './harness.ts';

/** A model without a chat template. */
const STORIES = 'stories260K-F32.gguf';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

const command = async (page: Page, name: string): Promise<void> => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(name);
  await page.getByRole('option', { name, selected: true }).waitFor();
  await page.keyboard.press('Enter');
};

describe.each(targets())('a refused number in the %s', (target) => {
  it('keeps the load settings from being saved until it is corrected, and the defaults replace it', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('button', { name: /^Model:/ }).waitFor();
    await command(page, 'load settings for ember');
    const sheet = page.getByRole('dialog', { name: 'Load settings for Ember' });
    await sheet.getByRole('group', { name: 'Context size' }).first().getByRole('radio', { name: 'Number' }).click();
    const field = sheet.getByRole('textbox', { name: 'Tokens' });
    const save = sheet.getByRole('button', { name: 'Save', exact: true });
    await field.fill('512');
    await field.press('Enter');
    await expect.poll(() => save.isEnabled()).toBe(true);
    for (const wrong of ['100', '512.5']) {
      await field.fill(wrong);
      await field.press('Enter');
      await sheet.getByText('A whole number from 256 to 16,777,216').waitFor();
      await expect.poll(() => save.isDisabled()).toBe(true);
      await sheet.getByText('A number above is refused. Correct it, then save.').waitFor();
    }
    // As the sheet itself writes it.
    await field.fill('1,024');
    await field.press('Enter');
    await save.click();
    await expect.poll(() => save.isDisabled()).toBe(true);
    expect(await sheet.getByText('A number above is refused.').count()).toBe(0);
    expect(await field.inputValue()).toBe('1024');
  });

  it('goes when the defaults are taken for all', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.keyboard.press('Control+i');
    const topK = page.getByRole('textbox', { name: 'Top-k' });
    const before = await topK.inputValue();
    await topK.fill('2.5');
    await topK.press('Enter');
    await page.getByText('A whole number from 0 to 1,000').waitFor();
    await page.getByRole('button', { name: 'Use the defaults for all' }).click();
    await expect.poll(() => topK.inputValue()).toBe(before);
    expect(await page.getByText(/^A whole number/).count()).toBe(0);
  });
});

describe.each(targets())('the window in the %s', (target) => {
  it('says that there is no connection where the code of a screen cannot be loaded, and shows it once there is', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    if (target === 'electron') return; // its window has no connection that could be lost
    let isDown = false;
    const sockets: WebSocketRoute[] = [];
    await page.routeWebSocket('**/rpc', async (socket) => {
      if (isDown) return await socket.close();
      socket.connectToServer();
      sockets.push(socket);
    });
    await page.route(
      () => isDown,
      (route) => route.abort(),
    );
    await reload(page);
    await page.getByRole('textbox', { name: 'Message' }).waitFor();

    isDown = true;
    for (const socket of sockets) await socket.close();
    await page.getByText(/^Connection to Hearth lost/).waitFor();
    await page.keyboard.press('Control+,');
    await page.getByRole('main').getByText('No connection to Hearth').waitFor();
    expect(await page.getByText(/This is a defect in Hearth/).count()).toBe(0);

    isDown = false;
    await page.getByRole('navigation', { name: 'Sections' }).waitFor();
    // The stylesheet of the screen came too.
    const display = () =>
      page
        .locator('.settings-columns')
        .first()
        .evaluate((element) => getComputedStyle(element).display);
    expect(await display()).toBe('grid');
    expect(await page.getByText('No connection to Hearth').count()).toBe(0);
  });

  it('leads back to the chat that was open', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByRole('article').nth(1).waitFor();
    const address = new URL(page.url()).hash;
    expect(address).toMatch(/^#\/chat\/./);
    await page.keyboard.press('Control+,');
    await page.getByRole('navigation', { name: 'Sections' }).waitFor();
    await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
    await page.getByRole('log').getByRole('article').nth(1).waitFor();
    expect(new URL(page.url()).hash).toBe(address);
  });

  it('scrolls the shortcut map by keys in a small window, and names each region once', async () => {
    app = await startApp(target, { viewport: { width: 640, height: 400 } });
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.keyboard.press('Control+/');
    const map = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await map.waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await page.keyboard.press('End');
    const body = map.getByRole('group', { name: 'Keyboard shortcuts' });
    await expect
      .poll(() => body.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight))
      .toBeLessThan(2);
    expect(await body.evaluate((box) => box.scrollTop)).toBeGreaterThan(0);
  });

  it('closes a layer at one press of Escape, also while a tooltip is shown', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.keyboard.press('Control+/');
    const map = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await map.waitFor();
    await map.getByRole('button', { name: 'Close' }).focus();
    await page.getByRole('tooltip', { name: 'Close' }).waitFor();
    await page.keyboard.press('Escape');
    await map.waitFor({ state: 'detached' });
    // The key goes to one layer: a menu in a sheet leaves the sheet open.
    await page.keyboard.press('Control+Shift+M');
    await page.getByRole('menuitem', { name: 'Load settings for Ember' }).click();
    const sheet = page.getByRole('dialog', { name: 'Load settings for Ember' });
    await sheet.getByText('Not measured yet. A small model is measured').waitFor();
    await sheet.getByRole('combobox').first().click();
    await page.getByRole('listbox').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    expect(await sheet.count()).toBe(1);
  });

  it('leads from a model without a chat template to the choice of another, and keeps the inspector as it was left', async () => {
    app = await startApp(target, {
      prepare: (folder) => {
        const snapshot = path.join(folder, 'cache/models--made--stories/snapshots', 'b'.repeat(40));
        mkdirSync(snapshot, { recursive: true });
        copyFileSync(path.join(root, 'test/fixtures/stories260K', STORIES), path.join(snapshot, STORIES));
        return Promise.resolve();
      },
    });
    const { page } = app;
    await page.getByRole('button', { name: /^Model:/ }).click();
    await page.getByRole('menuitemcheckbox', { name: /stories260K/ }).click();
    await page.getByRole('textbox', { name: 'Message' }).fill('Once');
    await page.keyboard.press('Enter');
    // No load setting gives it a template.
    const note = page.getByRole('status').filter({ hasText: 'This model has no chat template' });
    await note.waitFor();
    expect(await note.getByRole('button').allInnerTexts()).toEqual(['Choose another model', '']);
    await note.getByRole('button', { name: 'Choose another model' }).click();
    await page.getByRole('menuitemcheckbox', { name: /Ember/ }).click();
    await page.getByRole('button', { name: 'Model: Ember' }).waitFor();

    // Whether it would fit is no question about a model that is in memory.
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('tab', { name: 'On this computer' }).click();
    const row = page.getByRole('list', { name: 'Models' }).getByRole('listitem').filter({ hasText: 'Ember' });
    await row.getByText('Loaded').waitFor();
    expect(await row.getByText('Fits').count()).toBe(0);
    await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
    await page.getByRole('button', { name: 'Model: Ember' }).waitFor();

    const inspector = page.locator('.chat-inspector');
    for (const isOpen of [true, false]) {
      await page.keyboard.press('Control+i');
      await expect.poll(() => inspector.count()).toBe(isOpen ? 1 : 0);
      await page.keyboard.press('Control+,');
      await page.getByRole('navigation', { name: 'Sections' }).waitFor();
      await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
      await page.getByRole('textbox', { name: 'Message' }).waitFor();
      expect(await inspector.count()).toBe(isOpen ? 1 : 0);
    }
  });
});

describe.each(targets())('a panel that is folded in a narrow %s', (target) => {
  it('closes by its key, and lets the commands open over it', async () => {
    app = await startApp(target, { viewport: { width: 640, height: 800 } });
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    const panel = page.getByRole('dialog', { name: 'Inspector' });
    await page.keyboard.press('Control+i');
    await panel.waitFor();
    await page.keyboard.press('Control+i');
    await panel.waitFor({ state: 'detached' });
    await page.keyboard.press('Control+i');
    await panel.waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
    await page.keyboard.type('discover');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('#/models');
    expect(await panel.count()).toBe(0);
  });
});
