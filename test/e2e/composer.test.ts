/** The composer by keyboard alone: its menus, the prompt library, the history, the counts, and drafts in two tabs. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { axeProblems } from './axe.ts';
import { animationsDone, closeAfterTest, closeBrowser, reload, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

const fieldOf = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const optionsOf = (page: Page) => page.getByRole('listbox').getByRole('option');

/** Opens a command of the palette. */
async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type(title);
  await page.getByRole('option', { name: title, selected: true }).waitFor();
  await page.keyboard.press('Enter');
}

/** Keeps a prompt by the form. */
async function keep(page: Page, name: string, text: string): Promise<void> {
  await command(page, 'New prompt');
  const form = page.getByRole('dialog', { name: 'New prompt' });
  await form.getByRole('textbox', { name: 'Name' }).waitFor();
  await page.keyboard.type(name);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.insertText(text);
  await form.getByRole('button', { name: 'Save' }).press('Enter');
  await form.waitFor({ state: 'detached' });
}

async function send(page: Page, text: string): Promise<void> {
  const articles = page.getByRole('log').getByRole('article');
  const before = await articles.count();
  await fieldOf(page).focus();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await articles.nth(before + 1).waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
}

describe.each(targets())('the composer in the %s', (target) => {
  it('inserts a prompt of the library by keyboard alone, asks for its variables, and undo takes it back', async () => {
    app = await startApp(target);
    const { page } = app;
    const field = fieldOf(page);
    await field.waitFor();
    await keep(
      page,
      'Reply to a letter',
      'Answer in a {{tone|friendly,formal}} tone to {{who | text:required}}. Again: {{who}}.',
    );
    await keep(page, 'Date', 'Today: {{date}}');
    await expect.poll(() => field.evaluate((node) => node === document.activeElement)).toBe(true);

    await page.keyboard.type('Please: /rep');
    await optionsOf(page).first().waitFor();
    // The field names the active option, which screen readers then speak.
    const active = await field.getAttribute('aria-activedescendant');
    expect(await optionsOf(page).first().getAttribute('id')).toBe(active);
    expect(await optionsOf(page).allTextContents()).toEqual([expect.stringContaining('Reply to a letter')]);
    await animationsDone(page);
    expect(await axeProblems(page)).toEqual([]);
    await page.keyboard.press('Tab');
    const form = page.getByRole('dialog', { name: 'Reply to a letter' });
    await form.waitFor();
    await form.getByRole('button', { name: 'Insert' }).press('Enter');
    await form.getByText('Enter something here.').waitFor();
    await animationsDone(page);
    expect(await axeProblems(page)).toEqual([]);
    await form.getByRole('textbox', { name: 'Who' }).focus();
    await page.keyboard.type('my aunt');
    await page.keyboard.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('Please: Answer in a friendly tone to my aunt. Again: my aunt.');
    await page.keyboard.press('Control+z');
    await expect.poll(() => field.inputValue()).toBe('Please: /rep');

    await field.fill('');
    await page.keyboard.type('/');
    // Both prompts, and the way to the library; up from the first goes to the last.
    await expect.poll(() => optionsOf(page).count()).toBe(3);
    await page.keyboard.press('ArrowUp');
    await page.getByRole('option', { name: 'Prompt library…', selected: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => field.inputValue()).toMatch(/^Today: \w+ \d+, \d{4}$/);
  });

  it('leaves slashes, hashes and at signs alone, in code and in words, and Enter sends them', async () => {
    app = await startApp(target);
    const { page } = app;
    const field = fieldOf(page);
    await field.waitFor();
    await keep(page, 'or', 'Or');
    for (const text of ['and/or', '# Heading', '1 / 2', 'see #1', 'me@or', '`/or', '/nothing such', '/usr/or']) {
      await field.fill('');
      await page.keyboard.type(text);
      expect([text, await page.getByRole('listbox').count()]).toEqual([text, 0]);
    }
    await field.fill('');
    await page.keyboard.type('/or');
    await page.getByRole('listbox').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    // It stays closed for this mark.
    await page.keyboard.press('Backspace');
    expect(await page.getByRole('listbox').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByRole('article').getByText('/o', { exact: true }).waitFor();
  });

  it('chooses a model, and adds the text of another chat with its size in tokens', async () => {
    app = await startApp(target);
    const { page } = app;
    const field = fieldOf(page);
    await send(page, 'Tell me a joke');
    await page.keyboard.type('@emb');
    await page.getByRole('option', { name: /Ember.*In use/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('');
    await command(page, 'New chat');
    await expect.poll(() => page.getByRole('log').getByRole('article').count()).toBe(0);
    await field.focus();
    await page.keyboard.type('What is funny in #joke');
    await page.getByRole('option', { name: /Tell me a joke/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    const chip = page.getByRole('button', { name: /Open Chat: Tell me a joke \d+ tokens/ });
    await chip.waitFor();
    expect(await field.inputValue()).toBe('What is funny in ');
    await chip.press('Enter');
    await page.getByRole('dialog').getByText('You: Tell me a joke').waitFor();
    await page.keyboard.press('Escape');
    await send(page, 'it?');
    await field.focus();
    // It is a file of this chat now.
    await page.keyboard.type('#chat');
    await page.getByRole('option', { name: /Chat: Tell me a joke File of this chat/ }).waitFor();
  });

  it('goes back through sent messages with the up key, and forth to the draft', async () => {
    app = await startApp(target);
    const { page } = app;
    const field = fieldOf(page);
    await field.waitFor();
    await send(page, 'First question');
    await command(page, 'New chat');
    await expect.poll(() => page.getByRole('log').getByRole('article').count()).toBe(0);
    await send(page, 'Second question');
    await page.keyboard.type('A draft');
    const press = async (key: string, text: string): Promise<void> => {
      await page.keyboard.press(key);
      await expect.poll(() => field.inputValue()).toBe(text);
      await expect
        .poll(() =>
          field.evaluate((node: HTMLTextAreaElement) => node.selectionStart === 0 || node.value === 'A draft'),
        )
        .toBe(true);
    };
    // Within the text the key moves the caret.
    await press('ArrowUp', 'A draft');
    await page.keyboard.press('Home');
    await press('ArrowUp', 'Second question');
    await press('ArrowUp', 'First question');
    await press('ArrowUp', 'First question');
    await press('ArrowDown', 'Second question');
    await press('ArrowDown', 'A draft');
    await field.fill('');
    await page.keyboard.press('Control+ArrowUp');
    await page.getByRole('textbox', { name: 'Edit message' }).waitFor();
  });

  it('counts the tokens of the draft, and says before sending that it is too long', async () => {
    app = await startApp(target);
    const { page } = app;
    const field = fieldOf(page);
    await send(page, 'Tell me a joke');
    await page.getByRole('button', { name: /^Context size: .* used after the last reply/ }).waitFor();
    await page.keyboard.type('Tell me a joke');
    // As many as the same message had in the last prompt.
    await page.getByText('4 tokens', { exact: true }).waitFor();
    const meter = page.getByRole('button', { name: /^Context size: .* with this message/ });
    await meter.press('Enter');
    await page.getByRole('dialog', { name: 'Context size' }).getByText('Next message').waitFor();
    await page.keyboard.press('Escape');
    for (let piece = 0; piece < 4; piece++) await page.keyboard.insertText(' and another one'.repeat(130));
    await page.getByText(/^This message has [\d,]+ tokens: [\d,]+ more than fit into a context of 1,024/).waitFor();
    await animationsDone(page);
    expect(await axeProblems(page)).toEqual([]);
    // The notice goes with the text.
    await field.fill('');
    await page.getByRole('button', { name: /^Context size: .* used after the last reply/ }).waitFor();
    expect(await page.getByText(/^This message has/).count()).toBe(0);
  });

  it('attaches picked text files from the keyboard, and refuses others in words', async () => {
    app = await startApp(target);
    const { page, folder } = app;
    const notes = path.join(folder, 'notes.txt');
    const picture = path.join(folder, 'picture.png');
    writeFileSync(notes, 'Rhubarb and custard');
    writeFileSync(picture, new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]));
    await page.getByRole('button', { name: 'Add', exact: true }).press('Enter');
    const picking = page.waitForEvent('filechooser');
    await page.getByRole('menuitem', { name: 'Attach files…' }).press('Enter');
    await (await picking).setFiles([notes, picture]);
    await page.getByRole('button', { name: /Open notes.txt/ }).waitFor();
    await page.getByText('picture.png is a picture').waitFor();
    await page.getByRole('button', { name: 'Add', exact: true }).press('Enter');
    await page.getByRole('menuitem', { name: /Insert a prompt/ }).press('Enter');
    await page.getByRole('option', { name: 'New prompt…', selected: true }).waitFor();
  });

  it('exports the library, deletes a prompt with undo, and imports it again', async () => {
    app = await startApp(target);
    const { page, folder } = app;
    await fieldOf(page).waitFor();
    await command(page, 'Prompt library');
    const sheet = page.getByRole('dialog', { name: 'Prompt library' });
    await sheet.getByRole('button', { name: 'Add examples' }).press('Enter');
    await sheet.getByRole('button', { name: 'Edit Translate' }).waitFor();
    await animationsDone(page);
    expect(await axeProblems(page)).toEqual([]);
    const act = async (name: string): Promise<void> => {
      await sheet.getByRole('button', { name: 'More acts' }).press('Enter');
      await page.getByRole('menuitem', { name }).press('Enter');
    };
    const files: string[] = [];
    for (const name of ['Export for Hearth', 'Export for Open WebUI']) {
      const saving = page.waitForEvent('download');
      await act(name);
      const file = path.join(folder, `${name}.json`);
      await (await saving).saveAs(file);
      files.push(file);
    }
    const entries = JSON.parse(readFileSync(files[1] ?? '', 'utf8')) as { command: string }[];
    expect(entries.map(({ command: one }) => one)).toContain('/improve-writing');
    const remove = sheet.getByRole('button', { name: 'Delete Translate' });
    await remove.press('Enter');
    await remove.waitFor({ state: 'detached' });
    // The focus is on the way back.
    await page.keyboard.press('Enter');
    await remove.press('Enter');
    await remove.waitFor({ state: 'detached' });
    const picking = page.waitForEvent('filechooser');
    await act('Import…');
    await (await picking).setFiles(files[0] ?? '');
    await sheet.getByText('1 prompt was added 3 were here already.').waitFor();
    await remove.waitFor();
    // From the list into the message.
    await sheet.getByRole('button', { name: /^Insert\s+Translate/ }).press('Enter');
    await page.getByRole('dialog', { name: 'Translate' }).getByRole('textbox', { name: 'Text' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => fieldOf(page).evaluate((node) => node === document.activeElement)).toBe(true);
  });

  it('keeps a draft for each chat over a change of chats, a reload and another tab', async () => {
    app = await startApp(target);
    const { page } = app;
    const field = fieldOf(page);
    await send(page, 'Tell me a joke');
    await page.keyboard.type('In the chat');
    await command(page, 'New chat');
    await expect.poll(() => field.inputValue()).toBe('');
    await page.keyboard.type('In a new one');
    await reload(page);
    await expect.poll(() => field.inputValue()).toBe('In a new one');
    await page.getByRole('link', { name: 'Tell me a joke' }).press('Enter');
    await expect.poll(() => field.inputValue()).toBe('In the chat');
    if (target === 'electron') return;
    const other = await page.context().newPage();
    await other.goto(page.url());
    const there = fieldOf(other);
    await expect.poll(() => there.inputValue()).toBe('In the chat');
    await there.press('End');
    await other.keyboard.type(', from the other tab');
    await expect.poll(() => field.inputValue()).toBe('In the chat, from the other tab');
    await page.bringToFront();
    await field.press('End');
    await page.keyboard.type(', and back');
    await expect.poll(() => there.inputValue()).toBe('In the chat, from the other tab, and back');
    await page.keyboard.press('Enter');
    await expect.poll(() => there.inputValue()).toBe('');
  });
});
