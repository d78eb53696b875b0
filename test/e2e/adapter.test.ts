/** An adapter in the page: what it is for, merged into its base and converted, and what can be done with the files of a model. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startHub, type Hub } from '../hub-server/hub-server.ts';
import { loraFiles } from '../support/lora-checkpoint.ts';
import { axeProblems } from './axe.ts';
import { animationsDone, closeAfterTest, closeBrowser, openHash, startApp, type RunningApp } from './harness.ts';
import { ternFiles } from './tern.ts';

const BASE = 'tiny-lab/Tern';

let hub: Hub;
let app: RunningApp | undefined;
beforeAll(async () => {
  hub = await startHub({
    repos: [
      { id: BASE, files: ternFiles() },
      { id: 'tiny-lab/Pirate', files: loraFiles(BASE, 'model.layers.1.self_attn.q_proj', [128, 64]) },
      { id: 'tiny-lab/Lost', files: loraFiles(BASE, 'model.layers.9.self_attn.q_proj', [128, 64]) },
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

it('an adapter says whose it is, is merged into its base, and the files of a model have tools', async () => {
  app = await startApp('browser', { env: { HF_ENDPOINT: hub.url } });
  const { page } = app;
  await openHash(page, '#/models/discover/tiny-lab/Lost');
  await page.getByText(`This adapter does not fit ${BASE}`).waitFor();
  expect(await page.getByRole('button', { name: 'Merge and convert…' }).isDisabled()).toBe(true);

  await openHash(page, '#/models/discover/tiny-lab/Pirate');
  await page.getByText(`This is an adapter for ${BASE}. It changes 1 matrix of its base`).waitFor();
  await page.getByText(/^The base needs to be fetched: /).waitFor();
  await animationsDone(page);
  expect(await axeProblems(page, '.models-safetensors')).toEqual([]);

  await page.getByRole('button', { name: 'Merge and convert…' }).press('Enter');
  const sheet = page.getByRole('dialog', { name: 'Merge Pirate into its base' });
  const start = sheet.getByRole('button', { name: /^Convert to / });
  await start.waitFor();
  await start.click();
  await sheet.waitFor({ state: 'detached' });
  await page
    .getByRole('button', { name: /^Downloads/ })
    .first()
    .click();
  const tray = page.getByRole('dialog', { name: 'Downloads' });
  await tray.getByRole('button', { name: /^Chat with / }).waitFor();
  await page.keyboard.press('Escape');

  // It is no output of the base, whose page knows nothing of it.
  await openHash(page, `#/models/discover/${BASE}`);
  const outputs = page.getByRole('table', { name: 'Possible outputs' });
  await outputs.getByRole('button', { name: 'Convert to Q8_0' }).waitFor({ state: 'attached' });
  expect(await outputs.getByRole('button', { name: /^Chat with / }).count()).toBe(0);

  await openHash(page, '#/models/local');
  await page
    .locator('.models-row-link', { hasText: /pirate/i })
    .first()
    .click();
  await page.getByText(`${BASE} + tiny-lab/Pirate`).waitFor();
  await page.getByRole('button', { name: 'Tools for this model' }).press('Enter');
  await page.getByRole('menuitem', { name: /^Export as safetensors/ }).waitFor();
  expect(await page.getByRole('menuitem', { name: /^Join the files/ }).count()).toBe(0);
  await page.keyboard.press('Escape');
});
