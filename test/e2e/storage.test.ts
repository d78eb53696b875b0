import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { startHub, type Hub } from '../hub-server/hub-server.ts';
import { seedRepos } from '../hub-server/seed.ts';
import { axeProblems } from './axe.ts';
import {
  animationsDone,
  closeAfterTest,
  closeBrowser,
  reload,
  root,
  startApp,
  targets,
  type RunningApp,
} from './harness.ts';

let app: RunningApp | undefined;
let hub: Hub | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  await hub?.close();
  app = undefined;
  hub = undefined;
});
afterAll(closeBrowser);

const FILE = 'ember-3M-Q8_0.gguf';
const bytes = readFileSync(path.join(root, 'assets/models', FILE));
const blobName = createHash('sha256').update(bytes).digest('hex');

/**
 * Puts the built-in model's file into a repository of the cache, as other Hugging Face programs do. Returns the blob's
 * path.
 */
function putIntoCache(folder: string, repoId: string): string {
  const repository = path.join(folder, 'cache', `models--${repoId.replace('/', '--')}`);
  const commit = 'a'.repeat(40);
  for (const inside of ['blobs', 'refs', `snapshots/${commit}`])
    mkdirSync(path.join(repository, inside), { recursive: true });
  const blob = path.join(repository, 'blobs', blobName);
  writeFileSync(blob, bytes);
  writeFileSync(path.join(repository, 'refs/main'), commit);
  symlinkSync(`../../blobs/${blobName}`, path.join(repository, 'snapshots', commit, FILE));
  return blob;
}

async function openLocal(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Models' }).first().click();
  await page.getByRole('tab', { name: 'On this computer' }).click();
}

async function openStorage(page: Page): Promise<void> {
  await openLocal(page);
  await page.getByRole('radio', { name: 'Storage' }).click();
  await page.getByRole('region', { name: 'Models folder' }).waitFor();
}

describe.each(targets())('storage in the %s', (target) => {
  it('shows what fills the cache, deletes with an undo, and then for good', async () => {
    let blob = '';
    app = await startApp(target, {
      prepare: async (folder) => {
        blob = putIntoCache(folder, 'ada/first-GGUF');
        putIntoCache(folder, 'ada/second-GGUF');
      },
    });
    const { page } = app;
    await openStorage(page);
    const rows = page.getByRole('list', { name: 'Repositories' });
    await rows.getByText('first-GGUF').waitFor();
    // The treemap has the same repositories, and the arrows move through it.
    await page.getByRole('group', { name: 'What fills the cache' }).getByRole('button').first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toMatch(/^ada\/.*3\.31\u00a0MB/);

    await rows
      .getByRole('button', { name: /first-GGUF$/ })
      .first()
      .click();
    const files = page.getByRole('table', { name: /^Files of/ });
    expect(await files.innerText()).toContain(FILE);

    const remove = rows.getByRole('button', { name: 'Delete first-GGUF', exact: true });
    await remove.click();
    await expect.poll(() => remove.count()).toBe(0);
    await page.getByText('Frees 3.31 MB.').waitFor();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await remove.waitFor();
    expect(existsSync(blob)).toBe(true);

    await remove.click();
    await expect.poll(() => existsSync(blob)).toBe(false);
    expect(await rows.getByText('second-GGUF').count()).toBe(1);
  });

  it('finds the file that is damaged', async () => {
    app = await startApp(target, {
      prepare: async (folder) => {
        const blob = putIntoCache(folder, 'ada/sound-GGUF');
        putIntoCache(folder, 'ada/damaged-GGUF');
        const other = blob.replace('sound', 'damaged');
        const broken = Buffer.from(bytes);
        broken[broken.length - 5000] = (broken[broken.length - 5000] ?? 0) ^ 1;
        writeFileSync(other, broken);
      },
    });
    const { page } = app;
    await openStorage(page);
    await page.getByRole('button', { name: 'Verify all' }).click();
    await page
      .getByText(/1 file is damaged: ada\/damaged-GGUF/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Downloads' }).first().click();
    const tray = page.getByRole('dialog', { name: 'Downloads' });
    await tray
      .getByRole('button', { name: /^More for/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Show the log' }).click();
    await page
      .getByRole('list', { name: 'Log' })
      .getByText(/damaged-GGUF.* is damaged/)
      .waitFor();
  });

  it('asks before a limit deletes, and then keeps what is pinned', async () => {
    let pinned = '';
    let other = '';
    app = await startApp(target, {
      prepare: async (folder) => {
        pinned = putIntoCache(folder, 'ada/pinned-GGUF');
        other = putIntoCache(folder, 'ada/other-GGUF');
        // A limit is at least a hundred megabytes, so each of the two files gets more than half of that. The newer one
        // stays.
        const yesterday = new Date(Date.now() - 86_400_000);
        for (const blob of [pinned, other]) {
          truncateSync(blob, 60e6);
          utimesSync(blob, yesterday, yesterday);
        }
      },
    });
    const { page } = app;
    await openStorage(page);
    await page.getByRole('button', { name: 'Pin pinned-GGUF' }).click();
    await page.getByRole('button', { name: 'Unpin pinned-GGUF' }).waitFor();
    await page.getByRole('button', { name: 'Size limit…' }).click();
    await page.getByRole('switch', { name: 'Keep the cache below a size' }).click();
    const size = page.getByRole('textbox', { name: 'Keep the cache below a size, in GB' });
    await size.fill('0.1');
    await size.press('Enter');
    const question = page.getByRole('group', { name: 'Delete models to stay below the limit?' });
    await question.getByRole('button', { name: 'Keep everything' }).click();
    expect(existsSync(other)).toBe(true);
    await size.fill('0.1');
    await size.press('Enter');
    await question.getByRole('button', { name: 'Limit to 100\u00a0MB' }).click();
    await expect.poll(() => existsSync(other)).toBe(false);
    expect(existsSync(pinned)).toBe(true);
  });

  it('adds files that are dropped on the screen, and says why others are refused', async () => {
    app = await startApp(target);
    const { page, folder } = app;
    await openLocal(page);
    await page.getByRole('button', { name: 'Rescan' }).waitFor();
    await page.evaluate(
      `(async () => {
        const bytes = Uint8Array.from(atob(${JSON.stringify(bytes.toString('base64'))}), (c) => c.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], 'My own.gguf'));
        transfer.items.add(new File(['hello'], 'notes.gguf'));
        transfer.items.add(new File(['hello'], 'photo.png'));
        const screen = document.querySelector('.models-screen');
        for (const type of ['dragenter', 'dragover', 'drop'])
          screen.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: transfer }));
      })()`,
    );
    await page.getByText('My own.gguf is on this computer').waitFor();
    await page.getByText('Added from a file').first().waitFor();
    await page.getByText('notes.gguf was not added').waitFor();
    await page.getByText('photo.png was not added').waitFor();
    expect(globSync('data/imported/**/*.gguf', { cwd: folder })).toHaveLength(1);
    // What was copied is not said to be used in place.
    await page.getByRole('radio', { name: 'Storage' }).click();
    await page.getByRole('region', { name: 'Imported files' }).getByText('Copied into Hearth’s own folder.').waitFor();
    expect(await page.getByText('Hearth never deletes them').count()).toBe(0);
    await page.getByRole('radio', { name: 'Models', exact: true }).click();
    // Also a notice that is shown has a button of this name.
    await page.locator('.models-screen').getByRole('button', { name: 'Dismiss' }).first().click();
    await expect.poll(() => page.getByText('was not added').count()).toBe(1);

    if (target === 'browser') {
      const copy = path.join(folder, 'By button.gguf');
      copyFileSync(path.join(root, 'assets/models', FILE), copy);
      await page.getByLabel('GGUF files to add').setInputFiles(copy);
      await page.getByText('By button.gguf is on this computer').waitFor();
    }
  });

  it('uses the models of other programs in place, and offers no way to delete them', async () => {
    let file = '';
    app = await startApp(target, {
      prepare: async (folder) => {
        const place = path.join(folder, '.lmstudio/models/lmstudio-community/Ember-GGUF');
        mkdirSync(place, { recursive: true });
        file = path.join(place, FILE);
        writeFileSync(file, bytes);
      },
    });
    const { page } = app;
    await openLocal(page);
    const row = page.getByRole('listitem').filter({ hasText: 'Belongs to LM Studio' });
    await row.getByRole('button', { name: /^Load/ }).waitFor();
    expect(await row.getByRole('button', { name: /^Delete/ }).count()).toBe(0);
    await page.getByRole('radio', { name: 'Storage' }).click();
    await page.getByRole('region', { name: 'Models of other programs' }).getByText('LM Studio').waitFor();
  });

  it.runIf(target === 'browser')('uses a folder that was chosen in the folder picker', async () => {
    let file = '';
    app = await startApp(target, {
      prepare: async (folder) => {
        mkdirSync(path.join(folder, 'Documents'));
        mkdirSync(path.join(folder, 'Weights/small'), { recursive: true });
        file = path.join(folder, 'Weights/small/Own-Q8_0.gguf');
        writeFileSync(file, bytes);
      },
    });
    const { page } = app;
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.keyboard.press('Control+,');
    await page.getByRole('button', { name: 'Add a folder…' }).click();
    const picker = page.getByRole('dialog', { name: 'Add a model folder' });
    // By keyboard: down to the folder, into it, back up with the first row, and in again.
    await picker.getByRole('button', { name: 'Parent folder' }).focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await picker.getByText(/\/Weights$/).waitFor();
    const parent = picker.getByRole('button', { name: 'Parent folder' });
    await expect.poll(() => parent.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await picker.getByRole('button', { name: 'Documents' }).waitFor();
    await picker.getByRole('button', { name: 'Weights' }).click();
    await picker.getByRole('button', { name: 'small' }).click();
    await picker.getByText('1 GGUF file here').waitFor();
    expect(await axeProblems(page)).toEqual([]);
    await picker.getByRole('button', { name: 'Use this folder' }).click();
    await page.getByRole('list', { name: 'Other model folders' }).getByText('small', { exact: true }).waitFor();

    await openLocal(page);
    const row = page.getByRole('listitem').filter({ hasText: 'In one of your folders' });
    expect(await row.getByRole('button', { name: /^Delete/ }).count()).toBe(0);
    await row.getByRole('button', { name: /^Chat with/ }).click();
    const composer = page.getByRole('textbox', { name: 'Message' });
    await composer.fill('Who are you?');
    await composer.press('Enter');
    await page.getByRole('button', { name: 'Send' }).waitFor();
    const replies = page.getByRole('log', { name: 'Conversation' }).getByRole('article');
    await expect.poll(async () => (await replies.last().innerText()).length).toBeGreaterThan(20);

    await page.keyboard.press('Control+,');
    await page.getByRole('button', { name: 'Remove small' }).click();
    await page.getByText('No other folders.').waitFor();
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it.each(['light', 'dark'] as const)('axe finds nothing serious on the new screens (%s)', async (colorScheme) => {
    hub = await startHub({ repos: await seedRepos() });
    app = await startApp(target, {
      env: { HF_ENDPOINT: hub.url },
      colorScheme,
      prepare: async (folder) => void putIntoCache(folder, 'ada/first-GGUF'),
    });
    const { page } = app;
    await openStorage(page);
    await page
      .getByRole('list', { name: 'Repositories' })
      .getByRole('button', { name: /first-GGUF$/ })
      .first()
      .click();
    expect(await axeProblems(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Discover' }).click();
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('textbox', { name: 'Author' }).fill('hearth-models');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Remove the filter By hearth-models' }).waitFor();
    // While the next answer is pending the last one is dimmed.
    await page.locator('ul[aria-label=Results][aria-busy=false]').waitFor();
    await animationsDone(page);
    expect(await axeProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'hearth-models/ember-3M-GGUF' }).first().click();
    await page.getByText(/of the file was read/).waitFor();
    await page.getByRole('radio', { name: 'Q8_0' }).click();
    await page.getByText('Chat template').first().click();
    expect(await axeProblems(page)).toEqual([]);
  });
});

describe.each(targets())('the network settings in the %s', (target) => {
  it('keep the proxy’s password out of the page and out of the database', async () => {
    app = await startApp(target);
    const { page, folder } = app;
    const frames: string[] = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
    await reload(page);
    await page.keyboard.press('Control+,');
    const proxy = page.getByRole('textbox', { name: 'Proxy' });
    await proxy.fill('proxy.example:3128');
    await page.getByRole('button', { name: 'Save proxy' }).click();
    await page.getByText('An address begins with http:// or https://.').waitFor();
    await proxy.fill('http://ada:s3cret-word@proxy.example:3128');
    await page.getByRole('button', { name: 'Save proxy' }).click();
    await expect.poll(() => proxy.inputValue()).toBe('http://ada:********@proxy.example:3128/');
    expect(frames.join('\n')).not.toContain('s3cret-word');
    for (const file of globSync('data/hearth*.db*', { cwd: folder }))
      expect(readFileSync(path.join(folder, file)).includes('s3cret-word')).toBe(false);
    // A setting that a variable fixes is shown as such.
    expect(await page.getByText('HF_ENDPOINT').count()).toBeGreaterThan(0);
  });
});
