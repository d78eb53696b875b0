/** The chat template on a model's page: what it renders, and what a reply is read as. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { axeProblems } from './axe.ts';
import { closeAfterTest, closeBrowser, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

describe.each(targets())('the chat template in the %s', (target) => {
  it('renders messages exactly, marks special tokens, says what is wrong where, and reads a reply', async () => {
    app = await startApp(target);
    const { page } = app;
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('tab', { name: 'On this computer' }).click();
    await page.locator('.models-row-link', { hasText: 'Ember' }).first().click();
    await page.getByText('Try the chat template').click();

    const rendering = page.locator('pre[aria-label="Rendering"]');
    await expect
      .poll(() => rendering.innerText().catch(() => ''))
      .toBe('<|im_start|>user\nWhat is the weather in Oslo?<|im_end|>\n<|im_start|>assistant\n');
    expect(await rendering.locator('mark').allInnerTexts()).toEqual(['<|im_start|>', '<|im_end|>', '<|im_start|>']);

    const messages = page.getByRole('textbox', { name: 'Messages' });
    await messages.fill('[\n {"role" "user"}]');
    await page.getByText('Not valid JSON: see line 2, column 10.').waitFor();
    await messages.fill('[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]');
    await expect.poll(() => rendering.innerText().catch(() => '')).toContain('system\nBe brief.<|im_end|>');

    await page.getByRole('textbox', { name: 'Read a reply' }).fill('<think>Which city?</think>Oslo.');
    const reading = page.locator('pre[aria-label="Read as"]');
    await expect
      .poll(async () => JSON.parse(await reading.innerText().catch(() => 'null')) as unknown)
      .toEqual({ reasoning: 'Which city?', content: 'Oslo.', calls: [] });
    expect(await axeProblems(page, '.template-trial')).toEqual([]);

    // What was typed is tried with another model, and is there again with the first.
    await page.getByRole('tab', { name: 'Discover' }).click();
    await page.getByRole('tab', { name: 'On this computer' }).click();
    await page.locator('.models-row-link', { hasText: 'Ember' }).first().click();
    await page.getByText('Try the chat template').click();
    expect(await messages.inputValue()).toContain('Be brief.');
  });
});
