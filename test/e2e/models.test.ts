import { existsSync, globSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { startHub, type Hub } from '../hub-server/hub-server.ts';
import { seedRepos } from '../hub-server/seed.ts';
import { closeAfterTest, closeBrowser, root, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
let hub: Hub;
beforeEach(async () => {
  hub = await startHub({ repos: await seedRepos(), tokens: {} });
});
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  await hub.close();
  app = undefined;
});
afterAll(closeBrowser);

const FILE = 'ember-3M-Q8_0.gguf';

async function openModel(page: Page, repoId: string): Promise<void> {
  await page.getByRole('link', { name: 'Models' }).first().click();
  await page.getByRole('searchbox', { name: 'Search models' }).fill(repoId);
  await page.getByRole('link', { name: repoId }).first().click();
  await page.getByRole('table', { name: 'Files' }).waitFor();
}

/** The content of the cache without its tag file. */
function cacheFiles(folder: string): string[] {
  return globSync('**/*', { cwd: path.join(folder, 'cache') }).filter((name) => name !== 'CACHEDIR.TAG');
}

const isFocused = (field: Locator): Promise<boolean> => field.evaluate((element) => element === document.activeElement);

describe.each(targets())('models in the %s', (target) => {
  it('finds a model, downloads and verifies it, lists it, loads it and chats with it', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page, folder } = app;
    await openModel(page, 'hearth-models/ember-3M-GGUF');
    const row = page.getByRole('row', { name: new RegExp(FILE) });
    await row.getByText(/^Fits\./).waitFor();
    expect(await row.innerText()).toContain('3.31\u00a0MB');
    await page.getByRole('button', { name: `Download ${FILE}` }).click();
    await row.getByRole('button', { name: /Chat/ }).waitFor();

    const blobs = globSync('models--hearth-models--ember-3M-GGUF/blobs/*', { cwd: path.join(folder, 'cache') });
    expect(blobs).toHaveLength(1);
    const blob = path.join(folder, 'cache', blobs[0] ?? '');
    expect(createHash('sha256').update(readFileSync(blob)).digest('hex')).toBe(path.basename(blob));
    expect(existsSync(path.join(folder, 'cache/models--hearth-models--ember-3M-GGUF/refs/main'))).toBe(true);

    await page.getByRole('tab', { name: 'On this computer' }).click();
    await page.getByRole('button', { name: /^Load ember-3M-Q8_0/ }).click();
    await page.getByRole('button', { name: /^Unload ember-3M-Q8_0/ }).waitFor();
    await page
      .getByRole('button', { name: /^Chat with ember-3M-Q8_0/ })
      .first()
      .click();
    const composer = page.getByRole('textbox', { name: 'Message' });
    await composer.fill('Who are you?');
    await composer.press('Enter');
    await page.getByRole('button', { name: 'Send' }).waitFor();
    const replies = page.getByRole('log', { name: 'Conversation' }).getByRole('article');
    await expect.poll(() => replies.count()).toBe(2);
    await expect.poll(async () => (await replies.last().innerText()).length).toBeGreaterThan(20);

    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('tab', { name: 'On this computer' }).click();
    await page.getByRole('button', { name: /^Delete ember-3M-Q8_0/ }).click();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByRole('button', { name: /^Delete ember-3M-Q8_0/ }).waitFor();
    expect(existsSync(blob)).toBe(true);
  });

  it('cancels a download, brings it back, and leaves nothing behind after the moment for that', async () => {
    await hub.close();
    hub = await startHub({ repos: await seedRepos(), tokens: {}, bytesPerSecond: 400_000 });
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page, folder } = app;
    await openModel(page, 'hearth-models/ember-3M-GGUF');
    await page.getByRole('button', { name: `Download ${FILE}` }).click();
    const isPartial = (): boolean => cacheFiles(folder).some((name) => name.endsWith('.incomplete'));
    await expect.poll(isPartial).toBe(true);
    const cancel = page.getByRole('button', { name: `Cancel ${FILE}` }).first();
    await cancel.click();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await cancel.waitFor();
    expect(isPartial()).toBe(true);
    await cancel.click();
    await page.getByRole('button', { name: `Download ${FILE}` }).waitFor();
    await expect.poll(() => cacheFiles(folder), { timeout: 30_000 }).toEqual([]);
  });

  it('shows what a download does while it runs', async () => {
    await hub.close();
    hub = await startHub({ repos: await seedRepos(), tokens: {}, bytesPerSecond: 600_000 });
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    await openModel(page, 'hearth-models/ember-3M-GGUF');
    await page.getByRole('button', { name: `Download ${FILE}` }).click();
    await page
      .getByRole('button', { name: /^Downloads/ })
      .first()
      .click();
    await page.getByRole('button', { name: `More for ${FILE}` }).click();
    await page.getByRole('menuitem', { name: 'Show the log' }).click();
    const lines = page.getByRole('list', { name: 'Log' });
    await lines.getByText('Started.').waitFor();
    expect(await lines.getByText('Finished.').count()).toBe(0);
    await lines.getByText('Finished.').waitFor();
  });

  it('pauses, reorders by the keys, and keeps all of it over a kill', async () => {
    await hub.close();
    hub = await startHub({ repos: await seedRepos(), tokens: {}, bytesPerSecond: 400_000 });
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    await openModel(app.page, 'quantworks/Ladder-7B-Instruct-GGUF');
    const name = (quantization: string): string => `Ladder-7B-Instruct-${quantization}.gguf`;
    for (const quantization of ['Q2_K', 'Q3_K_M', 'Q4_0', 'Q5_K_M']) {
      const row = app.page.getByRole('row', { name: new RegExp(name(quantization)) });
      await row.getByRole('button', { name: /^Download/ }).click();
      await row.getByRole('button', { name: /^Cancel/ }).waitFor();
    }
    /** Name and state of every job, from the top of the tray. */
    const tray = async ({ page }: RunningApp): Promise<string[]> => {
      const items = page.getByRole('list', { name: 'Downloads' }).getByRole('listitem');
      if ((await items.count()) === 0)
        await page
          .getByRole('button', { name: /^Downloads/ })
          .first()
          .click();
      const texts = await items.allInnerTexts();
      return texts.map((text) => `${/-(Q\w+)\.gguf/.exec(text)?.[1]} ${/Downloading|Queued|Paused/.exec(text)?.[0]}`);
    };
    const running = app;
    await expect
      .poll(() => tray(running))
      .toEqual(['Q3_K_M Downloading', 'Q2_K Downloading', 'Q4_0 Queued', 'Q5_K_M Queued']);
    await app.page.getByRole('button', { name: `More for ${name('Q5_K_M')}` }).focus();
    await app.page.keyboard.press('Enter');
    // An open menu takes keys only after one of its entries has the focus.
    await app.page.locator('[role=menuitem]:focus', { hasText: 'Move up' }).waitFor();
    await app.page.keyboard.press('Enter');
    await expect.poll(async () => (await tray(running)).slice(2)).toEqual(['Q5_K_M Queued', 'Q4_0 Queued']);
    // The next job in the queue starts in place of the paused one.
    await app.page
      .getByRole('button', { name: `Pause ${name('Q2_K')}` })
      .first()
      .click();
    await expect
      .poll(() => tray(running))
      .toEqual(['Q5_K_M Downloading', 'Q3_K_M Downloading', 'Q4_0 Queued', 'Q2_K Paused']);
    await expect.poll(() => app?.page.getByText(/left$/).count()).toBe(2);

    app = await app.restart('SIGKILL');
    const again = app;
    await expect
      .poll(async () => (await tray(again)).toSorted())
      .toEqual(['Q2_K Paused', 'Q3_K_M Paused', 'Q4_0 Paused', 'Q5_K_M Paused']);
    const first = app.page
      .getByRole('list', { name: 'Downloads' })
      .getByRole('listitem')
      .filter({ hasText: name('Q3_K_M') });
    // The list is shown before the downloaded part of each file is read from the disk.
    await expect.poll(() => first.innerText()).toMatch(/^[1-9][\d.]*\u00a0[kMG]B of 3\.31\u00a0GB/m);
    await first.getByRole('button', { name: /^Resume/ }).click();
    await first.getByText('Downloading', { exact: true }).waitFor();
  });

  it('says that a model has a newer version, and fetches it', async () => {
    const repoId = 'hearth-models/ember-3M-GGUF';
    const old = readFileSync(path.join(root, 'assets/models', FILE));
    // The last bytes belong to a tensor, so this is another model of the same shape.
    const changed = Buffer.from(old);
    changed.writeUInt8((changed.at(-1) ?? 0) ^ 1, changed.length - 1);
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page, folder } = app;
    await openModel(page, repoId);
    await page.getByRole('button', { name: `Download ${FILE}` }).click();
    await page
      .getByRole('row', { name: new RegExp(FILE) })
      .getByRole('button', { name: /Chat/ })
      .waitFor();
    await page.getByRole('tab', { name: 'On this computer' }).click();
    await page.getByRole('button', { name: 'Check for updates' }).click();
    await page.getByText('Every model is up to date').waitFor();

    const commit = await hub.updateRepo(repoId, { files: { [FILE]: changed }, title: 'Better weights' });
    await page.getByRole('button', { name: 'Check for updates' }).click();
    await page.getByText('1 model has an update').waitFor();
    const row = page.getByRole('list', { name: 'Models' }).getByRole('listitem').filter({ hasText: repoId });
    await row.getByText('Update available').waitFor();
    await row.getByRole('button').first().click();
    await page.getByText(commit.slice(0, 8)).waitFor();
    await page.getByRole('button', { name: 'Download the update' }).click();
    await expect.poll(() => row.getByText('Update available').count()).toBe(0);
    await page.getByText(commit.slice(0, 10)).waitFor();
    expect(await row.count()).toBe(1);

    const repository = path.join(folder, 'cache/models--hearth-models--ember-3M-GGUF');
    expect(readFileSync(path.join(repository, 'refs/main'), 'utf8')).toBe(commit);
    expect(readFileSync(path.join(repository, 'snapshots', commit, FILE)).equals(changed)).toBe(true);
  });

  it('refuses a file whose bytes differ from the hash of the Hub, and says so', async () => {
    hub.setFault({ kind: 'corruptByte', at: 'cdn', path: '**', offset: 5000 });
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page, folder } = app;
    await openModel(page, 'hearth-models/ember-3M-GGUF');
    await page.getByRole('button', { name: `Download ${FILE}` }).click();
    await page
      .getByRole('button', { name: `Try ${FILE} again` })
      .first()
      .waitFor();
    await page
      .getByText(/does not match|not what|checksum|damaged/i)
      .first()
      .waitFor();
    expect(
      cacheFiles(folder).filter((name) => /blobs\/[0-9a-f]{64}$/.test(name) || name.includes('snapshots/')),
    ).toEqual([]);
  });

  it('says in words that a repository is gated, with the address to accept its license at', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    await openModel(page, 'lanternlab/Signal-3B-GGUF');
    const access = page.getByRole('region', { name: 'Access' });
    const link = access.getByRole('link', { name: /Accept on the Hub/ });
    expect(await link.getAttribute('href')).toContain('/lanternlab/Signal-3B-GGUF');
    await access.getByRole('link', { name: /token/i }).waitFor();
  });

  it('leads from a gated model to the field of the token, and back to the model once it is saved', async () => {
    const repoId = 'acme/gated-GGUF';
    await hub.close();
    hub = await startHub({
      repos: [
        { id: repoId, gated: 'auto', files: { 'w-Q8_0.gguf': readFileSync(path.join(root, 'assets/models', FILE)) } },
      ],
      tokens: { hf_member: { name: 'ada', gatedAccess: [repoId] }, hf_stranger: { name: 'ben' } },
    });
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    await openModel(page, repoId);
    await page.getByRole('button', { name: 'Download w-Q8_0.gguf' }).click();
    await page.getByText('This model needs your agreement first').first().waitFor();
    await page.getByRole('region', { name: 'Access' }).getByRole('link', { name: 'Enter a token' }).click();
    const field = page.getByLabel('Token', { exact: true });
    await expect.poll(() => isFocused(field)).toBe(true);
    await expect.poll(() => field.evaluate((element) => element.getBoundingClientRect().bottom)).toBeLessThan(800);
    await page.keyboard.type('hf_mistyped');
    await page.keyboard.press('Enter');
    // The refusal stands beside the field, and nothing is saved.
    await page.getByText('The Hub does not accept this token').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.inputValue()).toBe('hf_mistyped');
    expect(await page.getByText('No token', { exact: true }).count()).toBe(1);
    // The token of an account without access: the page says so, and offers another one.
    await field.fill('hf_stranger');
    await page.keyboard.press('Enter');
    await page.getByText('It belongs to ben.').waitFor();
    await page.getByText('The account of the saved token has no access yet.').waitFor();
    await page.getByRole('region', { name: 'Access' }).getByRole('link', { name: 'Enter another token' }).click();
    await expect.poll(() => isFocused(page.getByPlaceholder('Paste another token to replace it'))).toBe(true);
    await page.keyboard.type('hf_member');
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: 'Files' }).waitFor();
    await page.getByRole('heading', { name: 'gated-GGUF' }).first().waitFor();
    // With access nothing is left to do.
    await page.getByText('Granted to your account').waitFor();
    expect(await page.getByRole('region', { name: 'Access' }).count()).toBe(0);
    // The Hub was asked again, now by somebody who has access.
    await page.getByRole('button', { name: 'Download w-Q8_0.gguf' }).click();
    await page
      .getByRole('button', { name: /^Chat with/ })
      .first()
      .waitFor();
  });

  it('says that the Hub is unreachable, and works again when it is back', async () => {
    hub.setFault({ kind: 'reset', at: 'api' });
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    await page.getByRole('link', { name: 'Models' }).first().click();
    const retry = page.getByRole('button', { name: 'Try again' }).first();
    await retry.waitFor();
    hub.clearFaults();
    await retry.click();
    await page
      .getByRole('link', { name: /^hearth-models\// })
      .first()
      .waitFor();
  });
});
