/** The list of chats: folders, tags, the archive, many chats at once, by keyboard, and thousands of rows. */
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { addChats, inStore } from '../support/generated-chats.ts';
import { closeAfterTest, closeBrowser, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

describe.each(targets())('the list of chats (%s)', (target) => {
  const start = async (count: number): Promise<Page> => {
    app = await startApp(target, {
      prepare: (folder) => Promise.resolve(inStore(path.join(folder, 'data'), (store) => addChats(store, count))),
    });
    const { page } = app;
    await page.getByRole('button', { name: 'Recipes', exact: false }).first().waitFor();
    return page;
  };
  const row = (page: Page, number: number) => page.getByRole('link', { name: `Chat number ${number}`, exact: true });

  it('moves, tags, archives and deletes by keyboard, each with an undo', async () => {
    const page = await start(30);
    await row(page, 1).focus();
    await page.keyboard.press('m');
    await page.getByRole('dialog', { name: 'Move the chat' }).getByRole('textbox').fill('Birds');
    await page.keyboard.press('Enter');
    const birds = page.getByRole('region', { name: 'Birds' });
    await birds.getByRole('link', { name: 'Chat number 1', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
    await expect.poll(() => birds.getByRole('link').count()).toBe(0);

    await row(page, 2).focus();
    await page.keyboard.press('t');
    await page.getByRole('dialog', { name: 'Tags of the chat' }).getByRole('textbox').fill('garden');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    // The tag is read with the title.
    const tagged = page.getByRole('link', { name: /^Chat number 2\s*garden/ });
    await tagged.focus();
    await page.keyboard.press('e');
    await tagged.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'List actions' }).click();
    await page.getByRole('menuitem', { name: 'Show the archive' }).click();
    await tagged.waitFor();
    await page.getByRole('button', { name: 'Back to the chats' }).click();

    await row(page, 4).focus();
    await page.keyboard.press('Control+a');
    await page.getByText('28 selected').waitFor();
    await page.keyboard.press('Delete');
    await page.getByText('28 chats were deleted').waitFor();
    await expect.poll(() => page.getByRole('link', { name: /^Chat number/ }).count()).toBe(0);
    await page.keyboard.press('Control+z');
    await row(page, 4).waitFor();
  });

  it('drags a chat onto a folder, closes folders, and finds within one', async () => {
    const page = await start(30);
    await row(page, 1).dragTo(page.getByRole('button', { name: /^Travel/ }));
    const travel = page.getByRole('region', { name: 'Travel' });
    await travel.getByRole('link', { name: 'Chat number 1', exact: true }).waitFor();
    const head = page.getByRole('button', { name: /^Travel/ });
    await head.click();
    await expect.poll(() => travel.getByRole('link').count()).toBe(0);
    await page.reload();
    await expect.poll(() => head.getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('Control+Shift+F');
    await page.keyboard.type('words');
    const results = page.getByRole('list', { name: 'Search results' });
    await results.waitFor();
    await page.getByRole('combobox', { name: 'Where to search' }).click();
    await page.getByRole('option', { name: 'Folder: Travel' }).click();
    // Chats 23 and, after the drag, 1: 13 is in Recipes, and 3 in Work.
    await expect.poll(() => results.getByRole('region').count()).toBe(2);
    await results.getByText('The words of chat 1', { exact: true }).click();
    await page.getByRole('article').getByText('The words of chat 1', { exact: true }).waitFor();
  });

  it('renders few of thousands of rows, and reaches the last by keyboard', async () => {
    const page = await start(3000);
    expect(await page.locator('.chat-row').count()).toBeLessThan(80);
    await page.locator('.chat-row-link[tabindex="0"]').focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Chat number 2999');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Chat number 2998');
    await page.keyboard.press('Home');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Chat number 7');
    expect(await page.locator('.chat-row').count()).toBeLessThan(80);
  });
});
