import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { writeGguf } from '../hub-server/gguf-file.ts';
import { axeProblems } from './axe.ts';
import { closeAfterTest, closeBrowser, startApp, switchDeveloperModeOn, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message' });
const replies = (page: Page): Locator => page.getByRole('log', { name: 'Conversation' }).getByRole('article');

/** Sends, and waits until the reply or its failure is shown. */
async function ask(page: Page, text: string): Promise<void> {
  const before = page.url().includes('#/chat/') ? await replies(page).count() : 0;
  await composer(page).fill(text);
  await composer(page).press('Enter');
  await replies(page)
    .nth(before + 1)
    .waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
}

async function openLoadSettings(page: Page, model: string): Promise<Locator> {
  await page.getByRole('button', { name: /^Model:/ }).click();
  await page.getByRole('menuitem', { name: `Load settings for ${model}` }).click();
  const sheet = page.getByRole('dialog', { name: `Load settings for ${model}` });
  await sheet.getByRole('group', { name: 'Context size' }).first().waitFor();
  return sheet;
}

/** Sets Ember's context size to `tokens`, and loads it with it. */
async function setContextSize(page: Page, tokens: number): Promise<void> {
  const sheet = await openLoadSettings(page, 'Ember');
  const contextSize = sheet.getByRole('group', { name: 'Context size' }).first();
  await contextSize.getByRole('radio', { name: 'Number' }).click();
  await sheet.getByRole('textbox', { name: 'Tokens' }).fill(String(tokens));
  await sheet.getByRole('textbox', { name: 'Tokens' }).press('Enter');
  await sheet.getByRole('button', { name: /^Reload now|^Load now|^Save and / }).click();
  await sheet.getByRole('region', { name: 'In memory now' }).getByText(`${tokens} tokens`).waitFor();
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
}

/** A small synthetic model beside Ember. Its text is meaningless. */
async function addSecondModel(folder: string): Promise<void> {
  const snapshot = path.join(folder, 'cache/models--made--second/snapshots', 'b'.repeat(40));
  mkdirSync(snapshot, { recursive: true });
  await writeGguf(path.join(snapshot, 'second-Q8_0.gguf'), {
    shape: {
      name: 'Second',
      layers: 2,
      embedding: 64,
      heads: 4,
      kvHeads: 2,
      feedForward: 128,
      vocabulary: 512,
      contextLength: 512,
    },
    quantization: 'Q8_0',
    seed: 7,
  });
}

/** Axe's findings within the open layer; behind a modal one the rest is inert. */
const problems = (page: Page): Promise<string[]> => axeProblems(page, '[role=dialog]');

describe.each(targets())('the engine in the %s', (target) => {
  it('keeps the context size as the model’s own, and loads with it', async () => {
    app = await startApp(target);
    let { page } = app;
    await composer(page).waitFor();
    await setContextSize(page, 768);
    app = await app.restart('SIGTERM');
    page = app.page;
    const sheet = await openLoadSettings(page, 'Ember');
    await expect.poll(() => sheet.getByRole('textbox', { name: 'Tokens' }).inputValue()).toBe('768');
    await sheet.getByRole('region', { name: 'In memory now' }).getByText('768 tokens').waitFor();
    await sheet.getByRole('button', { name: 'Reset' }).click();
    await sheet.getByRole('radio', { name: 'Auto' }).first().and(page.locator('[data-state=on]')).waitFor();
  });

  it('refuses a conversation that does not fit when told to, with the numbers, and goes on as one click says', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await setContextSize(page, 256);
    await page.keyboard.press('Control+i');
    await page.getByRole('radio', { name: 'Refuse' }).click();
    await page.keyboard.press(page.viewportSize()?.width === 1280 ? 'Control+i' : 'Escape');
    const long = 'Please tell me something about the sea and the ships. '.repeat(9);
    await ask(page, long);
    await ask(page, long);
    const card = page.getByRole('alert').filter({ hasText: 'longer than the model can hold' });
    await card.waitFor();
    expect(await card.innerText()).toMatch(/\d{3} tokens.*256/s);
    // One action is offered; the others are folded.
    expect(await card.getByRole('button').allInnerTexts()).toEqual(['Leave out the oldest and try again', 'More']);
    await card.getByRole('button', { name: 'More' }).press('Enter');
    await page.getByRole('menuitem', { name: 'New chat' }).waitFor();
    await page.getByRole('menuitem', { name: 'Load settings' }).press('Enter');
    const sheet = page.getByRole('dialog', { name: 'Load settings for Ember' });
    await sheet.waitFor();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await card.getByRole('button', { name: 'Leave out the oldest and try again' }).click();
    await page.getByText(/(beginning|messages?) .*left out.*kept free for the reply/).waitFor();
    await page.getByRole('button', { name: /^Context size: / }).click();
    const makeUp = page.getByRole('dialog', { name: 'Context size' });
    await makeUp
      .getByText(/left out/)
      .first()
      .waitFor();
    await makeUp.getByText('Your message').waitFor();
  });

  it('keeps two models in memory, shows what each takes, and unloads one', async () => {
    app = await startApp(target, { prepare: addSecondModel });
    const { page } = app;
    await composer(page).waitFor();
    await ask(page, 'Who are you?');
    await page.getByRole('button', { name: /^Model:/ }).click();
    await page.getByRole('menuitemcheckbox', { name: /second-Q8_0/i }).click();
    await ask(page, 'And you?');
    await page.getByRole('button', { name: /^Model:/ }).click();
    const menu = page.getByRole('menu');
    await menu.getByRole('menuitem', { name: 'Unload Ember' }).waitFor();
    expect(await menu.getByRole('menuitemcheckbox', { name: /Ember.* on CPU/ }).count()).toBe(1);
    await menu.getByRole('menuitem', { name: 'Unload Ember' }).click();
    await page.getByRole('button', { name: /^Model:/ }).click();
    await page.getByRole('menuitem', { name: /^Unload second/i }).waitFor();
    await expect.poll(() => page.getByRole('menuitem', { name: 'Unload Ember' }).count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)(
    'shows the exact prompt and the load settings without anything that axe minds (%s)',
    async (colorScheme) => {
      app = await startApp(target, { colorScheme });
      const { page } = app;
      await composer(page).waitFor();
      await ask(page, 'Who are you?');
      await page.getByRole('button', { name: /^Context size: / }).click();
      expect(await problems(page)).toEqual([]);
      await page.getByRole('button', { name: 'Exact prompt' }).click();
      const prompt = page.getByRole('dialog', { name: 'Exact prompt' });
      await expect
        .poll(() => prompt.getByRole('group', { name: 'Exact prompt' }).innerText())
        .toContain('Who are you?');
      await prompt.getByRole('group', { name: 'Exact prompt' }).focus();
      await page.keyboard.press('ArrowRight');
      await prompt.getByText(/Token 1 of \d+/).waitFor();
      expect(await problems(page)).toEqual([]);
      await page.keyboard.press('Escape');
      const sheet = await openLoadSettings(page, 'Ember');
      await sheet.getByRole('button', { name: /^More/ }).click();
      expect(await problems(page)).toEqual([]);
    },
  );

  it('shows a mistake in a schema while it is typed, and saves a valid one', async () => {
    app = await startApp(target);
    const { page } = app;
    await switchDeveloperModeOn(page);
    await composer(page).waitFor();
    await page.keyboard.press('Control+i');
    await page.getByRole('button', { name: /^More/ }).click();
    await page.getByRole('radio', { name: 'JSON schema' }).click();
    const schema = page.getByRole('textbox', { name: 'JSON schema' });
    await schema.fill('{"type": "strnig"}');
    await page.getByText(/column 2: A reply cannot be held to “type”/).waitFor();
    await schema.fill('{"enum": ["yes", "no"]}');
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByText('every reply has this form').waitFor();
    await ask(page, 'Do you like the sea?');
    expect(await replies(page).last().innerText()).toMatch(/^"(yes|no)"/m);
  });

  it('keeps the engine’s limits over a restart, and shows the hardware', async () => {
    app = await startApp(target);
    let { page } = app;
    await composer(page).waitFor();
    await page.keyboard.press('Control+,');
    await page.getByRole('region', { name: 'Engine', exact: true }).waitFor();
    const idle = page.getByRole('switch', { name: 'Unload idle models' });
    if ((await idle.getAttribute('data-state')) !== 'checked') await idle.click();
    await page.getByRole('textbox', { name: 'Idle time in minutes' }).fill('7');
    await page.getByRole('textbox', { name: 'Idle time in minutes' }).press('Enter');
    const machine = page.getByRole('region', { name: 'Engine', exact: true }).getByRole('region', { name: 'Hardware' });
    await machine.getByText(/\d+ cores?/).waitFor();
    await machine.getByText('CUDA (NVIDIA)').waitFor();
    app = await app.restart('SIGTERM');
    page = app.page;
    await composer(page).waitFor();
    await page.keyboard.press('Control+,');
    await expect.poll(() => page.getByRole('textbox', { name: 'Idle time in minutes' }).inputValue()).toBe('7');
  });
});
