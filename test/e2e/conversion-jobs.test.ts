/** Conversions that do not simply end well: a failure, a cancellation with its undo, a reload in the middle; and what leaving layers out costs, measured. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startHub, type Hub } from '../hub-server/hub-server.ts';
import { axeProblems } from './axe.ts';
import {
  animationsDone,
  closeAfterTest,
  closeBrowser,
  openHash,
  reload,
  root,
  startApp,
  targets,
  type RunningApp,
} from './harness.ts';
import { ternFiles } from './tern.ts';

/** Tern with a value that is no number, of any type of floats: only reading its values shows it. */
function damagedFiles(): Record<string, Uint8Array> {
  const files = ternFiles();
  const weights = Buffer.from(files['model.safetensors'] ?? []);
  weights.set([0xff, 0x7f, 0xff, 0x7f], weights.byteLength - 4);
  return { ...files, 'model.safetensors': weights };
}

let hub: Hub;
let app: RunningApp | undefined;
beforeAll(async () => {
  hub = await startHub({
    repos: [
      { id: 'tiny-lab/Tern', files: ternFiles() },
      { id: 'tiny-lab/Torn', files: damagedFiles() },
    ],
  });
});
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
  hub.clearFaults();
});
afterAll(async () => {
  await closeBrowser();
  await hub.close();
});

/** Starts the conversion of a repository from its page, after what `beforeStart` does. */
async function convert(page: Page, name: string, beforeStart = (): void => {}): Promise<void> {
  await openHash(page, `#/models/discover/tiny-lab/${name}`);
  await page.getByRole('button', { name: `Convert ${name}` }).click();
  const sheet = page.getByRole('dialog', { name: `Convert ${name}` });
  await sheet.getByRole('radio', { name: /^Q8_0/ }).click();
  beforeStart();
  await sheet.getByRole('button', { name: 'Convert to Q8_0' }).click();
  await sheet.waitFor({ state: 'detached' });
}

const tray = (page: Page) => page.getByRole('dialog', { name: 'Downloads' });

/** Some 50 tokens of the small model: a measurement needs 1,024. */
const aStory =
  'Once upon a time there was a little girl who had a red ball. She took it to the park and played with her friends all day. ';

/** A small model as a download of the cache. */
async function addStories(folder: string): Promise<void> {
  const snapshot = path.join(folder, 'cache/models--tiny--stories/snapshots', 'c'.repeat(40));
  mkdirSync(snapshot, { recursive: true });
  copyFileSync(
    path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf'),
    path.join(snapshot, 'stories260K-F32.gguf'),
  );
}

describe.each(targets())('a conversion in the %s', (target) => {
  it('that fails says why, and offers another choice', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    await convert(page, 'Torn');
    const notice = page.locator('.toast').filter({ hasText: 'Torn Q8_0 was not converted' });
    await notice.getByRole('button', { name: 'Show' }).click();
    await tray(page).getByText('Failed', { exact: true }).waitFor();
    await tray(page)
      .getByText(/has values that are no numbers \(NaN\) or infinite/)
      .waitFor();
    await animationsDone(page);
    expect(await axeProblems(page, '[role=dialog]')).toEqual([]);
    await tray(page).getByRole('button', { name: 'Convert…' }).click();
    await page.getByRole('dialog', { name: 'Convert Torn' }).waitFor();
  });

  it('goes on while the page is loaded again, and comes back when its cancellation is undone', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    await convert(page, 'Tern', () => {
      for (const at of ['resolve', 'cdn'] as const)
        hub.setFault({ kind: 'stall', at, path: '**/model.safetensors', afterBytes: 60_000 });
    });
    const progress = page.getByRole('group', { name: /^Converting tiny-lab.Tern/ });
    await progress.waitFor();
    await reload(page);
    await progress.waitFor();
    await progress.getByRole('button', { name: /^Cancel / }).click();
    await progress.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await progress.waitFor();
    await page
      .getByRole('button', { name: /^Downloads/ })
      .first()
      .click();
    // Another connection is not held up.
    hub.clearFaults();
    await tray(page)
      .getByRole('button', { name: /^Pause / })
      .click();
    await tray(page)
      .getByRole('button', { name: /^Resume / })
      .click();
    await tray(page)
      .getByRole('button', { name: /^Chat with / })
      .waitFor();
    // What ends while it is open is told there alone.
    expect(await page.locator('.toast').filter({ hasText: 'is on this computer' }).count()).toBe(0);
  });

  it('that leaves a layer out is measured against the whole model in one act: a table, a chart, and the loss on its page', async () => {
    app = await startApp(target, { prepare: addStories });
    const { page } = app;
    await openHash(page, '#/models/local');
    await page
      .locator('.models-row-link', { hasText: /stories/i })
      .first()
      .click();
    await page.getByRole('button', { name: 'Quantize…' }).click();
    const sheet = page.getByRole('dialog', { name: /^Quantize / });
    // Rows of 64 values: no K type is what it says.
    await sheet.getByText(/^The rows of this model are too short for .*Q4_K_M/).waitFor();
    await sheet.getByRole('radio', { name: /^Q8_0/ }).click();
    await sheet.getByRole('button', { name: 'Options' }).click();
    await sheet.getByRole('textbox', { name: 'Layers to leave out' }).fill('3');
    await sheet.getByRole('button', { name: 'Quantize to Q8_0' }).click();
    await sheet.waitFor({ state: 'detached' });

    await page.locator('.models-row-link', { hasText: /Q8_0/ }).first().click();
    const warning = page.getByRole('group', { name: '1 layer left out' });
    await warning.getByText(/no longer the model that was trained/).waitFor();
    await animationsDone(page);
    expect(await axeProblems(page, 'main')).toEqual([]);
    await warning.getByRole('button', { name: 'Measure the loss…' }).click();
    await page.getByRole('combobox', { name: 'Reference' }).filter({ hasText: 'F32' }).waitFor();
    expect(await page.getByRole('checkbox', { name: /Q8_0/ }).isChecked()).toBe(true);
    await page.getByRole('radio', { name: 'Your own' }).click();
    await page.getByRole('textbox', { name: 'Your text' }).fill(aStory.repeat(30));
    await page.getByRole('button', { name: 'Measure', exact: true }).click();
    const table = page.getByRole('table');
    await table.getByText('Pick').waitFor();
    expect(await table.getByRole('columnheader').allInnerTexts()).toEqual(
      expect.arrayContaining(['Size', 'Tokens/s', 'Perplexity', 'KL divergence', 'Top-1 agreement']),
    );
    const cells = async (name: RegExp): Promise<string[]> =>
      await table.getByRole('row', { name }).getByRole('cell').allInnerTexts();
    await expect.poll(() => cells(/Q8_0/)).toEqual(expect.arrayContaining([expect.stringMatching(/^\d+(\.\d)?\s?%$/)]));
    const [size, speed, perplexity, divergence] = await cells(/Q8_0/);
    expect(size).toMatch(/kB$/);
    for (const figure of [speed, perplexity, divergence]) expect(Number.parseFloat(figure ?? '')).toBeGreaterThan(0);
    await page.getByRole('region', { name: 'Quality against size and speed' }).locator('[data-pick]').first().waitFor();
    await page.getByRole('radio', { name: 'Speed', exact: true }).click();
    await animationsDone(page);
    expect(await axeProblems(page, 'main')).toEqual([]);

    await openHash(page, '#/models/local');
    await page.locator('.models-row-link', { hasText: /Q8_0/ }).first().click();
    await warning.getByText(/^Measured: perplexity [\d.,]+ instead of [\d.,]+, the same likeliest token at /).waitFor();
  });
});
