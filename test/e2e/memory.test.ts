/** A conversation that outgrows its context, in the page: the offer, the summary, the lines, and what was found again. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { seedChats } from '../support/seeded-chats.ts';
import { axeProblems } from './axe.ts';
import { closeAfterTest, closeBrowser, openHash, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

const chatId = '00000000-0000-4000-8000-00000000c4a7';
const filler = (index: number): string =>
  `Tell me about topic ${index}. ${'It was a quiet day by the sea. '.repeat(12)}`;

/** A chat with a word at its beginning that a later question needs, and more after it than the context of the built-in model holds. */
function addLongChat(folder: string): Promise<void> {
  const talk = ['Remember that the harbor gate opens with the word kestrel.', 'I will remember it.'];
  for (let index = 1; index <= 12; index++) talk.push(filler(index), `An answer about topic ${index}.`);
  seedChats(folder, [{ id: chatId, title: 'The harbor', texts: talk }]);
  return Promise.resolve();
}

const conversation = (page: Page) => page.getByRole('log', { name: 'Conversation' });
async function ask(page: Page, text: string): Promise<void> {
  const before = await conversation(page).getByRole('article').count();
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('textbox', { name: 'Message' }).press('Enter');
  await expect.poll(() => conversation(page).getByRole('article').count()).not.toBe(before);
  await conversation(page).locator('article[data-status="complete"]').last().waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
}

describe.each(targets())('memory (%s)', () => {
  it('summarizes what falls out, shows where it begins, finds left-out messages again, and takes it all back', async () => {
    app = await startApp(targets()[0] ?? 'browser', { prepare: addLongChat });
    const { page } = app;
    await openHash(page, `#/chat/${chatId}`);
    await ask(page, 'Which word opens the harbor gate?');

    // What was left out is said, and the message with the word was found again.
    await conversation(page).getByText('The model no longer sees what is above').waitFor();
    const found = conversation(page).getByRole('button', { name: /^Quoted \d+ earlier message/ });
    await found.click();
    await page.getByRole('button', { name: /Show the message “Remember that the harbor gate/ }).click();
    await conversation(page).locator('[data-marked]').getByText('kestrel').waitFor();

    await page.getByRole('button', { name: 'Summarize what falls out' }).click();
    await page.getByRole('button', { name: 'Show summary' }).first().waitFor();
    await conversation(page)
      .getByText(/^The model reads a summary of the first \d+ messages$/)
      .waitFor();
    await page.getByRole('button', { name: 'Show summary' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Summary' });
    const text = dialog.getByRole('textbox', { name: 'Text of the summary' });
    expect((await text.inputValue()).trim()).not.toBe('');
    expect(await axeProblems(page)).toEqual([]);
    await text.fill('');
    await dialog.getByText(/needs some text/).waitFor();
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await text.fill('The gate opens with kestrel.');
    await dialog.getByRole('button', { name: 'Save' }).click();

    await ask(page, 'And what else?');
    await page.getByRole('button', { name: /^Context size:/ }).click();
    await page.getByRole('dialog', { name: 'Context size' }).getByText('Summary', { exact: true }).waitFor();
    await page.keyboard.press('Escape');

    // It outlives a kill, and goes when it is taken back.
    app = await app.restart('SIGKILL');
    const again = app.page;
    await openHash(again, `#/chat/${chatId}`);
    await conversation(again).getByRole('button', { name: 'Show summary' }).click();
    const reopened = again.getByRole('dialog', { name: 'Summary' });
    expect(await reopened.getByRole('textbox', { name: 'Text of the summary' }).inputValue()).toBe(
      'The gate opens with kestrel.',
    );
    await reopened.getByText(/changed by you/).waitFor();
    await reopened.getByRole('button', { name: 'Remove' }).click();
    await again.getByText('The summary was removed').waitFor();
    await expect
      .poll(() =>
        conversation(again)
          .getByText(/reads a summary/)
          .count(),
      )
      .toBe(0);
    await again.getByRole('button', { name: 'Undo', exact: true }).click();
    await conversation(again)
      .getByText(/reads a summary/)
      .waitFor();
  });
});
