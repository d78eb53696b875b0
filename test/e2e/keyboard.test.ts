/** Settings > Keyboard: keys are recorded, refused, given from one command to another, reset, and stored. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { axeProblems } from './axe.ts';
import {
  animationsDone,
  closeAfterTest,
  closeBrowser,
  openHash,
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

describe.each(targets())('keys in the %s', (target) => {
  it('are recorded by keyboard alone, apply at once, and are there after a restart', async () => {
    app = await startApp(target);
    const { page } = app;
    await openHash(page, '#/settings/keyboard');
    const rail = page.getByRole('button', { name: /^Change the key of “Show or hide labels in the rail”/ });
    await rail.press('Enter');
    await page.getByText('Press the new key. Esc cancels.').last().waitFor();
    await page.keyboard.press('Control+j');
    await page.getByRole('button', { name: /labels in the rail”: Ctrl J$/ }).waitFor();
    expect(await rail.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
    const isWide = (): Promise<boolean> => page.locator('.rail[data-wide]').isVisible();
    expect(await isWide()).toBe(true);
    await page.keyboard.press('Control+b');
    expect(await isWide()).toBe(true);
    await page.keyboard.press('Control+j');
    await expect.poll(isWide).toBe(false);
    await page.keyboard.press('?');
    const map = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await map.getByText('J', { exact: true }).waitFor();
    await animationsDone(page);
    expect(await axeProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');

    app = await app.restart('SIGTERM');
    const later = app.page;
    await openHash(later, '#/settings/keyboard');
    await later.getByRole('button', { name: /labels in the rail”: Ctrl J$/ }).waitFor();
    await later.locator('.rail[data-wide]').waitFor();
    await later.keyboard.press('Control+j');
    await later.locator('.rail:not([data-wide])').waitFor();
    await later.getByRole('button', { name: 'Reset all keys' }).click();
    await later.getByRole('button', { name: /labels in the rail”: Ctrl B$/ }).waitFor();
    await later.getByRole('button', { name: 'Undo', exact: true }).click();
    await later.getByRole('button', { name: /labels in the rail”: Ctrl J$/ }).waitFor();
  });

  it('that something else needs are refused with the reason, and a taken one changes its command', async () => {
    app = await startApp(target);
    const { page } = app;
    await openHash(page, '#/settings/keyboard');
    const section = page.getByRole('region', { name: 'Keyboard' });
    const rail = page.getByRole('button', { name: /^Change the key of “Show or hide labels in the rail”/ });
    const press = async (key: string): Promise<void> => {
      await rail.click();
      await page.keyboard.press(key);
    };
    await press('Enter');
    expect(await section.getByRole('alert').textContent()).toContain('Fields and buttons use this key');
    await press('Control+c');
    expect(await section.getByRole('alert').textContent()).toContain('Text fields use this key');
    if (target === 'browser') {
      // Playwright gives the page what Chromium would keep.
      await press('Control+t');
      expect(await section.getByRole('alert').textContent()).toContain('A browser keeps this key');
    }
    await press('Escape');
    await expect.poll(() => section.getByRole('alert').count()).toBe(0);
    await press('Control+i');
    expect(await section.getByRole('alert').textContent()).toContain('Ctrl I belongs to “Show or hide the inspector”.');
    await page.getByRole('button', { name: 'Use it here' }).click();
    await page.getByRole('button', { name: /labels in the rail”: Ctrl I$/ }).waitFor();
    await page.getByRole('button', { name: /^Change the key of “Show or hide the inspector”/ }).waitFor();
    await page.getByRole('button', { name: 'Reset the key of “Show or hide labels in the rail”' }).click();
    await page.getByRole('button', { name: /hide the inspector”: Ctrl I$/ }).waitFor();
    // A command without a key of its own gets one.
    await section.getByRole('textbox', { name: 'Search commands and keys' }).fill('storage');
    await page.getByRole('button', { name: /^Change the key of “Show storage”/ }).click();
    await page.keyboard.press('F4');
    await page.getByRole('button', { name: /“Show storage”: F4$/ }).waitFor();
    await page.keyboard.press('F4');
    await page.getByRole('region', { name: 'Models folder' }).waitFor();
  });
});
