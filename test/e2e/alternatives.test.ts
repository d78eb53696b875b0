import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { axeProblems } from './axe.ts';
import { closeAfterTest, closeBrowser, startApp, switchDeveloperModeOn, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

describe.each(targets())('alternatives in the %s', (target) => {
  it.each(['light', 'dark'] as const)(
    'are shown for the tokens of a reply, also to the keyboard (%s)',
    async (colorScheme) => {
      app = await startApp(target, { colorScheme });
      const { page } = app;
      await switchDeveloperModeOn(page);
      await page.keyboard.press('Control+i');
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('switch', { name: 'Show alternatives' }).click();
      await page.getByRole('button', { name: /^More \(1 / }).waitFor();
      await page.keyboard.press('Control+i');
      await page.getByRole('textbox', { name: 'Message' }).fill('Tell me a joke');
      await page.keyboard.press('Enter');
      const reply = page.getByRole('log').getByRole('article').nth(1);
      const button = reply.getByRole('button', { name: 'Show alternatives' });
      await button.waitFor();
      const words = (await reply.innerText()).split('\n').filter(Boolean)[1] ?? '';
      await button.press('Enter');
      const tokens = reply.getByRole('group', { name: 'Tokens of the reply' });
      await tokens.waitFor();
      expect((await tokens.innerText()).replace(/\s+/g, ' ')).toContain(words.slice(0, 20));
      await tokens.press('ArrowRight');
      await tokens.press('ArrowRight');
      const choices = reply.getByRole('list', { name: 'Alternatives for this token' });
      await expect.poll(() => choices.getByRole('listitem').count()).toBeGreaterThanOrEqual(1);
      expect(await choices.getByText('written').count()).toBe(1);
      expect(await choices.innerText()).toMatch(/\d%/);
      expect(await axeProblems(page)).toEqual([]);
      await button.press('Enter');
      await tokens.waitFor({ state: 'detached' });
    },
  );
});
