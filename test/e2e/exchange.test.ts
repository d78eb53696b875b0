/** Chats come from a file and go into one: looked at, imported, taken back, exported. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { afterAll, afterEach, expect, it } from 'vitest';
import { closeAfterTest, closeBrowser, type RunningApp, startApp } from './harness.ts';
import { axeProblems } from './axe.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

const chat = (title: string, text: string): string =>
  JSON.stringify({
    title,
    messages: [
      { role: 'user', content: text },
      { role: 'assistant', content: 'Yes.' },
    ],
  });

/** Ends when the layer has opened: while it fades in, its colors are others. */
const stands = (layer: Locator): Promise<void> =>
  layer.evaluate(async (element) => {
    await Promise.all(element.getAnimations({ subtree: true }).map(({ finished }) => finished));
  });

it('a file of chats is looked at, imported, taken back, and exported by keyboard', async () => {
  app = await startApp('browser');
  const { page, folder } = app;
  const file = path.join(folder, 'chats.jsonl');
  writeFileSync(
    file,
    `${chat('Lisbon', 'Is it warm?')}\n${chat('Bread', 'Is it done?')}\n${chat('Bread', 'Is it done?')}`,
  );
  const run = async (command: string): Promise<void> => {
    await page.keyboard.press('Control+K');
    await page.keyboard.type(command);
    await page.getByRole('option', { name: command }).waitFor();
    await page.keyboard.press('Enter');
  };

  await run('Import chats');
  await page.getByLabel('File with chats').setInputFiles(file);
  const dialog = page.getByRole('dialog', { name: 'Import chats' });
  await dialog.getByText('3 chats').waitFor();
  // The third is the second once more.
  await dialog.getByText('already here', { exact: true }).waitFor();
  await stands(dialog);
  expect(await axeProblems(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Import 2 chats' }).click();
  await page.getByRole('link', { name: 'Lisbon' }).waitFor();
  await page.getByRole('link', { name: 'Bread' }).waitFor();

  await run('Export all chats');
  const forms = page.getByRole('dialog', { name: 'Export chats' });
  await forms.getByRole('radio', { name: /Markdown/ }).focus();
  await stands(forms);
  expect(await axeProblems(page)).toEqual([]);
  // The choice follows the focus while the key is down, which on a busy machine takes longer than a tap.
  await page.keyboard.down('ArrowDown');
  await forms.getByRole('radio', { name: /JSON/, checked: true }).waitFor();
  await page.keyboard.up('ArrowDown');
  const coming = page.waitForEvent('download');
  await forms.getByRole('button', { name: 'Export', exact: true }).press('Enter');
  const saved = path.join(folder, 'saved.json');
  await (await coming).saveAs(saved);
  const [header, ...chats] = JSON.parse(readFileSync(saved, 'utf8')) as Record<string, unknown>[];
  expect(header).toMatchObject({ format: 'hearth-chats', version: 1 });
  expect(chats.map(({ title }) => title).sort()).toEqual(['Bread', 'Lisbon']);

  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByText('2 chats were taken back').waitFor();
  await page.getByRole('link', { name: 'Lisbon' }).waitFor({ state: 'detached' });
  // What was exported comes back whole.
  await run('Import chats');
  await page.getByLabel('File with chats').setInputFiles(saved);
  await page.getByRole('button', { name: 'Import 2 chats' }).click();
  await page.getByRole('link', { name: 'Lisbon' }).click();
  await page.getByText('Is it warm?').waitFor();
});

it('a file that is no chat is refused in words', async () => {
  app = await startApp('browser');
  const { page, folder } = app;
  const file = path.join(folder, 'x.json');
  writeFileSync(file, '{"hello": 1}');
  await page.keyboard.press('Control+K');
  await page.keyboard.type('Import chats');
  await page.getByRole('option', { name: 'Import chats' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByLabel('File with chats').setInputFiles(file);
  await page.getByRole('heading', { name: 'There are no chats in this file' }).waitFor();
});
