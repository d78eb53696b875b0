import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { axeProblems } from './axe.ts';
import { animationsDone, closeBrowser, openHash, reload, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});
afterAll(closeBrowser);

/** Opens the settings by their shortcut, after the page listens to it. */
async function openSettings(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  await page.keyboard.press('Control+,');
  await page.getByRole('heading', { name: 'Settings' }).waitFor();
}

const SECRET = 'hf_abcdefghijklmnopqrstuvwxyz';

/** All settings as they are stored in the database. */
function storedSettings(folder: string): string {
  const [file = ''] = globSync('data/hearth*.db', { cwd: folder });
  const database = new Database(path.join(folder, file), { readonly: true });
  const rows = database.prepare('SELECT value FROM settings').all();
  database.close();
  return JSON.stringify(rows);
}

describe.each(targets())('settings in the %s', (target) => {
  it('tells in the field what is not a number within its bounds, and changes nothing', async () => {
    app = await startApp(target);
    const { page } = app;
    await openSettings(page);
    await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Downloads' }).click();
    const field = page.getByRole('textbox', { name: 'Parallel downloads' });
    const before = await field.inputValue();
    for (const wrong of ['abc', '-5', '0']) {
      await field.fill(wrong);
      await field.press('Enter');
      await page
        .getByRole('alert')
        .getByText(/^A whole number from 1 to /)
        .waitFor();
      expect(await field.inputValue()).toBe(wrong);
    }
    await field.press('Escape');
    await expect.poll(() => field.inputValue()).toBe(before);
    expect(await page.getByText(/^A whole number from/).count()).toBe(0);
    await field.fill('4');
    await field.press('Enter');
    const { folder } = app;
    await expect.poll(() => storedSettings(folder)).toContain(String.raw`maxRunning\":4`);
  });

  it('keeps theme and sampling over a restart', async () => {
    app = await startApp(target);
    let { page } = app;
    await openSettings(page);
    await page.getByRole('radio', { name: 'Dark' }).click();
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await page
      .getByRole('textbox', { name: /temperature/i })
      .or(page.getByRole('spinbutton', { name: /temperature/i }))
      .first()
      .fill('0.7');
    await page.keyboard.press('Enter');
    const kept = app.folder;
    await expect.poll(() => storedSettings(kept)).toContain('0.7');
    app = await app.restart('SIGKILL');
    page = app.page;
    await expect.poll(() => page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    await openSettings(page);
    await expect
      .poll(() =>
        page
          .getByRole('textbox', { name: /temperature/i })
          .or(page.getByRole('spinbutton', { name: /temperature/i }))
          .first()
          .inputValue(),
      )
      .toBe('0.7');
  });

  it('takes a Hub token, never shows it again, and keeps it where only the user can read', async () => {
    app = await startApp(target);
    const { page, folder } = app;
    const frames: string[] = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await reload(page);
    await openSettings(page);
    const field = page.getByRole('region', { name: 'Hugging Face' }).getByLabel(/token/i).first();
    await field.fill('short');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await field.fill(SECRET);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    // The Hub is out of reach, so the token is saved unchecked.
    await page.getByText('It was not checked. The Hub cannot be reached.').waitFor();
    await page.getByRole('button', { name: 'Remove…' }).waitFor();
    expect(await page.content()).not.toContain(SECRET);
    expect(frames.join('\n')).not.toContain(SECRET);
    const file = path.join(folder, 'data/secrets.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    if (target === 'browser') expect(readFileSync(file, 'utf8')).toContain(SECRET);
    await page.getByRole('button', { name: 'Remove…' }).click();
    await page.getByRole('button', { name: 'Remove the token' }).click();
    await expect.poll(() => readFileSync(file, 'utf8')).not.toContain(SECRET);
  });

  it.runIf(target === 'browser')('shows the log, to be read and copied', async () => {
    app = await startApp(target);
    const { page } = app;
    await openSettings(page);
    expect(await page.getByRole('button', { name: 'Show the log' }).count()).toBe(0);
    await page.getByRole('switch', { name: 'Developer mode' }).click();
    await page.getByRole('button', { name: 'Show the log' }).click();
    const lines = page.getByRole('region', { name: 'Log lines' });
    await lines.getByText(/info +Hearth \d+\.\d+\.\d+ \(http\) on/).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Copy' }).click();
    // The confirmation of the copy fades in, and has its final contrast only afterwards. A headless browser may refuse
    // the clipboard.
    await page
      .getByText(/^Copied|refused access to the clipboard/)
      .or(page.getByRole('button', { name: 'Copied' }))
      .first()
      .waitFor();
    await animationsDone(page);
    expect(await axeProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await page.getByRole('heading', { name: 'Settings' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Show the log' }).count()).toBe(1);
  });

  it('are searched by their names and sentences', async () => {
    app = await startApp(target);
    const { page } = app;
    await openSettings(page);
    const sections = page.getByRole('navigation', { name: 'Sections' }).getByRole('link');
    const all = await sections.count();
    expect(all).toBeGreaterThan(10);
    const search = page.getByRole('searchbox', { name: 'Search settings' });
    await search.fill('density');
    await expect.poll(() => sections.allInnerTexts()).toEqual(['Appearance']);
    expect(await page.evaluate(() => CSS.highlights.get('settings-search')?.size)).toBeGreaterThan(0);
    await search.fill('zebra crossing');
    await page.getByText('No setting matches.').waitFor();
    await search.fill('');
    await expect.poll(() => sections.count()).toBe(all);
  });

  it('say what is on this computer, and where', async () => {
    app = await startApp(target);
    const { page, folder } = app;
    await openSettings(page);
    const stored = page.getByRole('region', { name: 'What is on this computer' });
    await stored.getByText(path.join(folder, 'data/hearth.db')).waitFor();
    const database = stored.getByRole('listitem').filter({ hasText: 'Database' });
    expect(await database.innerText()).toMatch(/\d\s[kM]B/);
    await stored.getByText('Hearth has no telemetry', { exact: false }).waitFor();
    const act = target === 'browser' ? 'Copy the path of Data folder' : 'Open Data folder';
    await stored.getByRole('button', { name: act }).waitFor();
  });

  it('set the look at once, and again before the first paint of the next page', async () => {
    app = await startApp(target);
    const { page } = app;
    await openSettings(page);
    await page.locator('[aria-label=\"Density\"]').getByRole('radio', { name: 'Compact' }).click();
    await page.locator('[aria-label=\"Conversation text size\"]').getByRole('radio', { name: 'Larger' }).click();
    await page.locator('[aria-label=\"Contrast\"]').getByRole('radio', { name: 'More' }).click();
    const look = (): Promise<unknown> => page.evaluate(() => ({ ...document.documentElement.dataset }));
    const chosen = { density: 'compact', conversationSize: 'larger', contrast: 'more', interfaceSize: 'normal' };
    await expect.poll(look).toMatchObject(chosen);
    await page.reload();
    expect(await look()).toMatchObject(chosen);
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await animationsDone(page);
    expect(await axeProblems(page)).toEqual([]);
  });

  it('change the language, with pseudo-languages in Developer mode', async () => {
    app = await startApp(target);
    const { page } = app;
    await openSettings(page);
    const language = page.getByRole('combobox', { name: 'Language' });
    await language.click();
    expect(await page.getByRole('option').allInnerTexts()).not.toContain('Pseudo-language');
    await page.keyboard.press('Escape');
    await page.getByRole('switch', { name: 'Developer mode' }).click();
    await language.click();
    await page.getByRole('option', { name: 'Pseudo-language, right to left' }).click();
    await page.locator('html[dir="rtl"][lang="ar-XB"]').waitFor();
    await page.locator('.settings-choices').waitFor();
    const sideways = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    for (const width of [640, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      for (const hash of ['#/chat', '#/models/local', '#/server', '#/server/keys', '#/settings']) {
        await openHash(page, hash);
        await animationsDone(page);
        expect(await sideways(), `${hash} at ${width}`).toBeLessThanOrEqual(0);
      }
    }
    // Nothing of the page is English but names, figures and what people and models wrote.
    await openHash(page, '#/settings');
    await page.locator('.settings-list a').first().waitFor();
    const bare = await page.locator('.settings-list a, h1, h2').allInnerTexts();
    expect(bare.filter((text) => !text.includes('⟦'))).toEqual([]);
    await page.locator('.settings-choice .select').click();
    await page.getByRole('option').nth(1).click();
    await page.locator('html[dir="ltr"][lang="en"]').waitFor();
  });

  it('says which variable fixes the folder, and warns of one that it does not know', async () => {
    app = await startApp(target, { env: { HEARTH_CASHE_DIR: '/x' } });
    const { page } = app;
    await page.getByText('HEARTH_CASHE_DIR').first().waitFor();
    await openSettings(page);
    await page.getByText('HEARTH_CACHE_DIR').first().waitFor();
  });
});
