/** From original weights to a chat: the early answer in Discover, the choice of an output, the job, and the tools of a model. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startHub, type Hub } from '../hub-server/hub-server.ts';
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
import { ternFiles } from './tern.ts';

let hub: Hub;
let app: RunningApp | undefined;
beforeAll(async () => {
  const files = ternFiles();
  const withoutTokenizer = Object.fromEntries(Object.entries(files).filter(([name]) => name !== 'tokenizer.json'));
  hub = await startHub({
    repos: [
      { id: 'tiny-lab/Tern', files },
      { id: 'tiny-lab/Dumb-Tern', files: withoutTokenizer },
    ],
  });
});
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(async () => {
  await closeBrowser();
  await hub.close();
});

async function open(target: 'browser' | 'electron', hash: string): Promise<RunningApp> {
  app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
  await openHash(app.page, hash);
  return app;
}

describe.each(targets())('original weights in the %s', (target) => {
  it('are answered early, and their outputs are chosen by key', async () => {
    const { page } = await open(target, '#/models/discover/tiny-lab/Tern');
    await page.getByText('Can be converted').waitFor();
    const table = page.getByRole('table', { name: 'Possible outputs' });
    const recommended = await table.getByRole('row').filter({ hasText: 'Recommended' }).count();
    expect(recommended).toBe(1);
    expect(await axeProblems(page, '.models-safetensors')).toEqual([]);

    await page.getByRole('button', { name: 'Convert Tern' }).click();
    const sheet = page.getByRole('dialog', { name: 'Convert Tern' });
    const checked = sheet.getByRole('radio', { checked: true });
    await checked.waitFor();
    expect(await sheet.getByRole('button', { name: `Convert to ${await checked.getAttribute('value')}` }).count()).toBe(
      1,
    );
    await checked.focus();
    await page.keyboard.press('ArrowUp');
    const chosen = (await checked.getAttribute('value')) ?? '';
    await sheet.getByRole('button', { name: `Convert to ${chosen}`, exact: true }).waitFor();

    // A type that is of no use without an importance matrix asks for one.
    await sheet.getByRole('button', { name: /more types?$/ }).click();
    await sheet.getByText('IQ2_XXS', { exact: true }).click();
    const matrix = sheet.getByRole('radiogroup', { name: 'Importance matrix' });
    expect(await matrix.getByRole('radio', { name: 'None' }).isDisabled()).toBe(true);
    expect(await matrix.getByRole('radio', { name: 'From the included text' }).isChecked()).toBe(true);

    await sheet.getByRole('button', { name: 'Options' }).click();
    await sheet.getByRole('textbox', { name: 'Layers to leave out' }).fill('0-99');
    await sheet.getByText(/^The model has the layers 0 to \d+\.$/).waitFor();
    expect(await sheet.getByRole('button', { name: 'Convert to IQ2_XXS' }).isDisabled()).toBe(true);
    await sheet.getByRole('textbox', { name: 'Layers to leave out' }).fill('1');
    await sheet.getByText(/^The model loses 1 layer and is no longer the one that was trained/).waitFor();
    await animationsDone(page);
    expect(await axeProblems(page, '[role=dialog]')).toEqual([]);
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
  });

  it('become a model to chat with, which is quantized further and says how it was made', async () => {
    const { page } = await open(target, '#/models/discover/tiny-lab/Tern');
    const table = page.getByRole('table', { name: 'Possible outputs' });
    await table.getByRole('row', { name: /^Q8_0/ }).hover();
    await table.getByRole('button', { name: 'Convert to Q8_0' }).click();
    const sheet = page.getByRole('dialog', { name: 'Convert Tern' });
    await sheet.getByRole('button', { name: 'Convert to Q8_0' }).click();
    await sheet.waitFor({ state: 'detached' });

    // The tray has the job with its result and the way to a chat.
    await page
      .getByRole('button', { name: /^Downloads/ })
      .first()
      .click();
    const tray = page.getByRole('dialog', { name: 'Downloads' });
    const chat = tray.getByRole('button', { name: /^Chat with / });
    await chat.waitFor();
    expect(await axeProblems(page, '[role=dialog]')).toEqual([]);
    await chat.click();
    await page.getByRole('button', { name: /^Model: / }).waitFor();
    await expect
      .poll(() => page.getByRole('button', { name: /^Model: / }).getAttribute('aria-label'))
      .toMatch(/Tern|Q8_0/i);

    // On its repository's page it is offered in place of another conversion to its type.
    await openHash(page, '#/models/discover/tiny-lab/Tern');
    await table.getByRole('row', { name: /^Q8_0/ }).getByText('On this computer').waitFor();
    expect(await table.getByRole('button', { name: 'Convert to Q8_0' }).count()).toBe(0);
    await table.getByRole('button', { name: /^Chat with / }).waitFor();
    await animationsDone(page);
    expect(await axeProblems(page, '.models-safetensors')).toEqual([]);

    // In the list of models it says where it is from, and it can be quantized again only after a yes.
    await openHash(page, '#/models/local');
    await page.locator('.models-row-link', { hasText: /tern/i }).first().click();
    await page.getByText(/^Made by Hearth .* from tiny-lab\/Tern/).waitFor();
    await page.getByRole('button', { name: 'Quantize…' }).click();
    const again = page.getByRole('dialog', { name: /^Quantize / });
    const start = again.getByRole('button', { name: /^Quantize to / });
    await start.waitFor();
    expect(await start.isDisabled()).toBe(true);
    await again.getByRole('switch', { name: /^Quantize it again although it is Q8_0 already/ }).click();
    expect(await start.isDisabled()).toBe(false);
    expect(await axeProblems(page, '[role=dialog]')).toEqual([]);
  });

  it('have a tokenizer that divides texts, counts lines and reads ids back', async () => {
    const { page } = await open(target, '#/models/tokenizer/tiny-lab/Tern');
    const text = page.getByRole('textbox', { name: 'Text', exact: true });
    await text.fill('Hello there, hello again.');
    const tokens = page.getByRole('group', { name: 'Tokens' });
    const pieces = (): Promise<string> =>
      tokens.evaluate((box) =>
        [...box.querySelectorAll('[data-index] > span:first-child')].map((one) => one.textContent).join(''),
      );
    await expect.poll(() => pieces().catch(() => '')).toContain('Hello·there,·hello·again.');
    const shown = await tokens.locator('[data-index] > small').allInnerTexts();
    expect(shown.length).toBeGreaterThan(3);
    await tokens.focus();
    await page.keyboard.press('End');
    await page.getByText(`Token ${shown.length} of ${shown.length}`).waitFor();
    expect(await axeProblems(page, '.tokenizer')).toEqual([]);

    await page.getByRole('radio', { name: 'From ids' }).click();
    const ids = page.getByRole('textbox', { name: 'Token ids' });
    await ids.fill(`[${shown.join(', ')}]`);
    await expect
      .poll(() =>
        page
          .locator('pre[aria-label="Decoded text"]')
          .innerText()
          .catch(() => ''),
      )
      .toContain('Hello there, hello again.');
    await ids.fill('12, x');
    await page.getByText('Line 1: “x” is no token id.').waitFor();

    await page.getByRole('radio', { name: 'Lines' }).click();
    await page.getByRole('textbox', { name: 'Texts, one on each line' }).fill('Hello\nHello there');
    await page.getByRole('row', { name: /^All lines 16 / }).waitFor();

    // The built-in model, which has no repository here, has its own.
    await openHash(page, '#/models/tokenizer');
    await page.getByText(/^The model’s own tokenizer in llama\.cpp answers/).waitFor();
    await page.getByRole('row', { name: /^All lines 16 \d/ }).waitFor();
    await page.getByRole('radio', { name: 'From ids' }).click();
    await ids.fill('999999');
    await page.getByText(/^No token has the id 999999\. The vocabulary has /).waitFor();
    expect(await axeProblems(page, '.tokenizer')).toEqual([]);

    // A repository without a tokenizer says so.
    await page.getByRole('combobox', { name: 'Tokenizer of' }).click();
    await page.getByRole('option', { name: 'A repository of the Hub…' }).click();
    await page.getByRole('textbox', { name: 'Repository' }).fill('tiny-lab/Dumb-Tern');
    await page.keyboard.press('Enter');
    await page
      .getByRole('alert')
      .getByText(/There is no tokenizer here|This tokenizer cannot be used/)
      .waitFor();
  });

  it('that cannot be converted say why, in words, and offer no conversion', async () => {
    const { page } = await open(target, '#/models/discover/tiny-lab/Dumb-Tern');
    const why = page.getByRole('list', { name: 'Why it cannot be converted' });
    await why.getByText(/There is no tokenizer: tokenizer\.json or tokenizer\.model is needed/).waitFor();
    expect(await page.getByRole('button', { name: 'Convert Dumb-Tern' }).count()).toBe(0);
    expect(await axeProblems(page, '.models-safetensors')).toEqual([]);
  });
});
