/** Acts on messages by mouse and by keyboard: versions, branches, comparisons, deletions, and messages that wait. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { writeGguf } from '../hub-server/gguf-file.ts';
import { axeProblems } from './axe.ts';
import { closeAfterTest, closeBrowser, reload, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const messages = (page: Page) => page.getByRole('log', { name: 'Conversation' }).getByRole('article');
async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}
/** Sends a message and waits for the end of its reply. */
async function ask(page: Page, text: string, count: number): Promise<void> {
  await send(page, text);
  await expect.poll(() => messages(page).count()).toBe(count);
  await expect.poll(() => messages(page).last().getAttribute('data-status')).toBe('complete');
}
async function more(message: Locator, item: string | RegExp): Promise<void> {
  await message.hover();
  await message.getByRole('button', { name: 'More for this message' }).click();
  await message.page().getByRole('menuitem', { name: item }).click();
}
/** Runs a command of the palette, with the keyboard alone. */
async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('Control+K');
  await page.getByRole('combobox').fill(title);
  await page.getByRole('option', { name: title }).first().waitFor();
  await page.keyboard.press('Enter');
}

/** A synthetic model, large enough that a reply takes a while. Its text is meaningless. */
async function addSlowModel(folder: string): Promise<void> {
  const snapshot = path.join(folder, 'cache/models--made--slow/snapshots', 'a'.repeat(40));
  mkdirSync(snapshot, { recursive: true });
  await writeGguf(path.join(snapshot, 'slow-Q8_0.gguf'), {
    shape: {
      ...{ name: 'Slow', layers: 12, embedding: 768, heads: 12, kvHeads: 4, feedForward: 2048 },
      ...{ vocabulary: 4096, contextLength: 2048 },
    },
    quantization: 'Q8_0',
    seed: 7,
  });
}
/** Regenerates the last reply by the slow model. */
async function writeSlowly(page: Page): Promise<void> {
  await messages(page).last().hover();
  await messages(page).last().getByRole('button', { name: 'Regenerate with' }).click();
  await page.getByRole('menuitem', { name: /slow-Q8_0/ }).click();
  await page.locator('[data-status=streaming]').waitFor();
}

describe.each(targets())('versions in the %s', (target) => {
  it('edits a reply, goes on from it, and keeps the first version', async () => {
    app = await startApp(target);
    const { page } = app;
    await ask(page, 'Who are you?', 2);
    await more(messages(page).last(), 'Edit reply');
    const editor = page.getByRole('textbox', { name: 'Edit reply' });
    await editor.fill('I am');
    expect(await editor.evaluate((field) => field === document.activeElement)).toBe(true);
    await editor.press('Control+Enter');
    await page.getByText('You wrote the end of this version.').waitFor();
    await page.getByText('2/2').waitFor();
    await messages(page).last().getByRole('button', { name: 'Continue' }).click();
    await page.getByText('3/3').waitFor();
    await expect.poll(() => messages(page).last().innerText()).toMatch(/edited[\s\S]*I am \S/);
    // By the keyboard alone.
    await command(page, 'Edit the last reply');
    await editor.waitFor();
    await page.keyboard.type('Well. ');
    await page.keyboard.press('Control+Enter');
    await page.getByText('4/4').waitFor();
    expect(await messages(page).last().innerText()).toContain('Well. I am');
  });

  it('branches into a new chat, which has the messages down to that one', async () => {
    app = await startApp(target);
    const { page } = app;
    await ask(page, 'Who are you?', 2);
    await ask(page, 'What is a token?', 4);
    await more(messages(page).nth(1), 'Branch into a new chat');
    await expect.poll(() => messages(page).count()).toBe(2);
    await page.getByRole('heading', { name: 'Who are you? (branch)' }).waitFor();
    await ask(page, 'What can you do?', 4);
    await page.getByRole('navigation', { name: /chats/i }).getByText('Who are you?', { exact: true }).click();
    await page.getByText('What is a token?').first().waitFor();
    await command(page, 'Branch from the last message into a new chat');
    await page.getByRole('heading', { name: 'Who are you? (branch)' }).waitFor();
    await expect.poll(() => messages(page).count()).toBe(4);
  });

  it('deletes a message with what follows it, and brings it back', async () => {
    app = await startApp(target);
    const { page } = app;
    await ask(page, 'Who are you?', 2);
    await ask(page, 'What is a token?', 4);
    await more(messages(page).nth(2), 'Delete message');
    await expect.poll(() => messages(page).count()).toBe(2);
    await page.getByText('The message was deleted').waitFor();
    await page.getByText('And 1 message that followed it.').waitFor();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect.poll(() => messages(page).count()).toBe(4);
    // By the keyboard alone: the reply goes, and another one is written.
    await command(page, 'Delete the last message');
    await page.getByText('This message has no reply.').waitFor();
    await page.getByRole('button', { name: 'Write a reply' }).press('Enter');
    await expect.poll(() => messages(page).count()).toBe(4);
    await page.getByText('1/1').waitFor({ state: 'detached' });
  });

  it('compares two replies side by side, and keeps one', async () => {
    app = await startApp(target, { prepare: addSlowModel });
    const { page } = app;
    await ask(page, 'Who are you?', 2);
    await command(page, 'Compare two replies side by side');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Model' }).first().waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Compare' }).click();
    const both = page.getByRole('region', { name: 'Two replies side by side' });
    await both.waitFor();
    await both.getByText('slow-Q8_0').first().waitFor();
    await both.locator('[data-status=complete]').waitFor();
    await both.locator('[data-status=streaming]').waitFor();
    await page.getByText('Keep one of the two replies first').waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await both.getByRole('button', { name: 'Keep this one: Ember' }).press('Enter');
    await both.waitFor({ state: 'detached' });
    await page
      .getByText('2/3')
      .waitFor()
      .catch(async () => await page.getByText('3/3').waitFor());
    expect(await messages(page).last().innerText()).toContain('Ember');
    // The other one was stopped, and is kept as a version.
    await page.getByRole('button', { name: 'Send' }).waitFor();
  });

  it('lets messages wait for the end of the reply: in order, editable, kept over a stop and a reload', async () => {
    app = await startApp(target, { prepare: addSlowModel });
    const { page } = app;
    await ask(page, 'Who are you?', 2);
    await writeSlowly(page);
    await send(page, 'What is a token?');
    await send(page, 'What can you do?');
    await send(page, 'Not this one');
    const waiting = page.getByRole('region', { name: 'Waiting messages' });
    await expect.poll(() => waiting.getByRole('listitem').count()).toBe(3);
    expect(await axeProblems(page)).toEqual([]);
    await waiting.getByRole('button', { name: 'Edit: Not this one' }).press('Enter');
    await expect.poll(() => composer(page).inputValue()).toBe('Not this one');
    await composer(page).fill('');
    await page.keyboard.press('Escape');
    await page.getByText('Not sent, because the reply before did not end by itself.').waitFor();
    await reload(page);
    await expect.poll(() => waiting.getByRole('listitem').count()).toBe(2);
    await waiting.getByRole('button', { name: 'Remove: What can you do?' }).click();
    await expect.poll(() => waiting.getByRole('listitem').count()).toBe(1);
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect.poll(() => waiting.getByRole('listitem').count()).toBe(2);
    // The chat's own model is Ember, which writes quickly: one is sent after the other.
    await waiting.getByRole('button', { name: 'Send the next one' }).click();
    await waiting.waitFor({ state: 'detached' });
    await expect.poll(() => messages(page).count()).toBe(6);
    expect(await messages(page).nth(2).innerText()).toContain('What is a token?');
    expect(await messages(page).nth(4).innerText()).toContain('What can you do?');
  });

  it('shows what the model saw, and says when the chat is another since', async () => {
    app = await startApp(target);
    const { page } = app;
    await ask(page, 'Who are you?', 2);
    await more(messages(page).last(), 'What the model saw');
    await page.getByText('every token is the one that the model read').waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+I');
    await page.getByRole('textbox', { name: 'System prompt' }).fill('Be brief.');
    await page.getByRole('textbox', { name: 'System prompt' }).blur();
    await page.keyboard.press('Control+I');
    await command(page, 'What the model saw before its last reply');
    await page.getByText('not what the model read').waitFor();
  });
});
