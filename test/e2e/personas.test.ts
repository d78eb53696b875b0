/** Personas: a card comes in, one chats with it, and what is in force is always said. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { axeProblems } from './axe.ts';
import {
  animationsDone,
  closeAfterTest,
  closeBrowser,
  openHash,
  root,
  startApp,
  targets,
  type RunningApp,
} from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

const card = (name: string): string => path.join(root, 'test/fixtures/cards', name);

async function choose(page: Page, button: string, ...files: readonly string[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).click();
  await (await chooser).setFiles([...files]);
}

async function ask(page: Page, text: string): Promise<void> {
  const articles = page.getByRole('log').getByRole('article');
  const count = await articles.count();
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
  await articles.nth(count + 1).waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
}

/** The value and the origin of a row of what is in force. */
const row = (page: Page, name: string) =>
  page.locator('.chat-in-force > div').filter({ has: page.getByText(name, { exact: true }) });

describe.each(targets())('personas in the %s', (target) => {
  it('are imported from a PNG card and chatted with; the keyword of a lorebook is told', async () => {
    app = await startApp(target, { viewport: { width: 1400, height: 900 } });
    const { page } = app;
    await openHash(page, '#/personas');
    await choose(page, 'Import a card', card('v2.png'));
    await page.getByText('1 keyword is a regular expression').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Chat with Mira' }).click();
    const opening = page.getByRole('article', { name: 'Mira' });
    await opening.getByText('The lamp is lit, User.').waitFor();
    // The picture is there, and the browser could decode it.
    await expect
      .poll(() => opening.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBe(8);
    await opening.hover();
    await opening.getByRole('button', { name: 'Next version' }).click();
    await opening.getByText('Come in, it is wet outside.').waitFor();
    // No model wrote it, so none can write it again.
    expect(await opening.getByRole('button', { name: 'Regenerate' }).count()).toBe(0);
    await page.keyboard.press('Control+i');
    await page.getByText('It is always windy.').waitFor();
    expect(await page.getByText('Said: wreck').count()).toBe(0);
    await ask(page, 'Do you know the wreck?');
    await page.getByText('Said: wreck').waitFor();
    const reply = page.getByRole('article', { name: 'Mira' }).last();
    await reply.getByText('Ember', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Exact prompt' }).click();
    await page.getByRole('dialog').getByText('Aurora', { exact: false }).first().waitFor();
  });

  it('say what is in force and where it comes from, value by value', async () => {
    app = await startApp(target, { viewport: { width: 1400, height: 900 } });
    const { page } = app;
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.keyboard.press('Control+i');
    await row(page, 'Temperature').getByText('Defaults of Ember').waitFor();
    await row(page, 'Top-k').getByText('Settings').waitFor();
    // A preset.
    await page.getByRole('button', { name: 'Presets' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Creative' }).click();
    await row(page, 'Temperature').getByText('1.1').waitFor();
    await row(page, 'Temperature').getByText('This chat').waitFor();
    await page.getByRole('button', { name: 'Reset Top-k in this chat' }).click();
    await row(page, 'Top-k').getByText('Settings').waitFor();
    await row(page, 'Temperature').getByText('This chat').waitFor();
    // The chat's values become the model's.
    await page.getByRole('button', { name: 'Save as defaults of Ember' }).click();
    await page.getByRole('button', { name: 'Use the defaults for all' }).click();
    await row(page, 'Temperature').getByText('1.1').waitFor();
    await row(page, 'Temperature').getByText('Defaults of Ember').waitFor();
    await openHash(page, '#/models/local');
    const defaults = page.getByRole('region', { name: 'Defaults of this model' });
    await defaults.getByText('Temperature 1.1').waitFor();
    await defaults.getByRole('button', { name: 'Remove the defaults' }).click();
    await defaults.getByText('Temperature 0').waitFor();
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
    await defaults.getByText('Temperature 1.1').waitFor();
  });

  it('are made by hand with the keyboard, deleted, and brought back', async () => {
    app = await startApp(target, { viewport: { width: 1400, height: 900 } });
    const { page } = app;
    await openHash(page, '#/personas');
    await page.getByRole('button', { name: 'New persona' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Name', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('A persona needs a name.').waitFor();
    await page.keyboard.type('Olaf');
    await page.getByRole('button', { name: 'Add an opening message' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Opening message 1' }).focus();
    await page.keyboard.type('Ahoy, {{user}}.');
    await page.getByRole('button', { name: 'Save', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Olaf' }).waitFor();
    await page.getByRole('button', { name: 'More acts for Olaf' }).focus();
    await page.keyboard.press('Enter');
    // The menu has the focus once its first item has it.
    await page.locator('[role=menuitem]:focus').waitFor();
    await page.keyboard.press('End');
    await page.locator('[role=menuitem]:focus', { hasText: 'Delete' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('No personas yet').waitFor();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByRole('button', { name: 'Chat with Olaf' }).click();
    await page.getByText('Ahoy, User.').waitFor();
  });

  it('refuse what is no card, too large, or a bomb, in words, and the page goes on', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-card-'));
    try {
      const huge = path.join(folder, 'huge.png');
      writeFileSync(huge, readFileSync(card('v2.png')));
      truncateSync(huge, 100_000_000);
      app = await startApp(target);
      const { page } = app;
      await openHash(page, '#/personas');
      for (const [file, told] of [
        [huge, 'This file is larger than 11 MB.'],
        [card('no-card.png'), 'There is no character in this file.'],
        [card('truncated.png'), 'This PNG is broken or incomplete.'],
        [card('bomb.png'), 'A text in this file becomes too large'],
        [card('bomb.charx'), 'A text in this file becomes too large'],
        [card('world.json'), 'This is no character card.'],
      ] as const) {
        await choose(page, 'Import a card', file);
        const notice = page.getByText(told).first();
        await notice.waitFor();
        await page.getByRole('button', { name: 'Dismiss' }).first().click();
        await notice.waitFor({ state: 'detached' });
      }
      await page.getByText('No personas yet').waitFor();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(['light', 'dark'] as const)('have nothing that axe finds (%s)', async (colorScheme) => {
    app = await startApp(target, { colorScheme, viewport: { width: 1400, height: 900 } });
    const { page } = app;
    const check = async (name: string): Promise<void> => {
      await animationsDone(page);
      expect(await axeProblems(page), name).toEqual([]);
    };
    await openHash(page, '#/personas');
    await page.getByText('No personas yet').waitFor();
    await check('empty');
    await choose(page, 'Import a card', card('v2.json'));
    await page.getByText('1 keyword is a regular expression').waitFor();
    await check('report');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('button', { name: 'Edit Mira' }).click();
    await page.getByRole('textbox', { name: 'Scenario' }).waitFor();
    await page.getByRole('button', { name: 'Sampling' }).click();
    await check('form of a persona');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Lorebooks' }).click();
    await page.getByRole('button', { name: 'Edit The coast' }).click();
    await page.getByRole('button', { name: 'Aurora' }).click();
    for (const more of await page.getByRole('button', { name: 'More', exact: true }).all()) await more.click();
    await check('form of a lorebook');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Presets' }).click();
    await check('presets');
    await page.getByRole('tab', { name: 'Personas' }).click();
    await page.getByRole('button', { name: 'Chat with Mira' }).click();
    await page.getByText('The lamp is lit, User.').waitFor();
    await page.keyboard.press('Control+i');
    await row(page, 'Temperature').waitFor();
    await check('inspector');
  });
});
