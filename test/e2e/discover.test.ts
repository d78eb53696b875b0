/** Finding a model on the Hub in every way that the screen offers, also while the Hub is unreachable. */
import { globSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHub, type Hub, type RepoInput } from '../hub-server/hub-server.ts';
import { seedRepos } from '../hub-server/seed.ts';
import { closeAfterTest, closeBrowser, reload, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
let hub: Hub;
let seed: readonly RepoInput[];
beforeEach(async () => {
  seed = (await seedRepos()).filter((repo) => repo.private !== true);
  hub = await startHub({ repos: seed });
});
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  await hub.close();
  app = undefined;
});
afterAll(closeBrowser);

const has = (ending: string) => (repo: RepoInput) => Object.keys(repo.files).some((name) => name.endsWith(ending));
const idsBy = (fact: 'downloads' | 'likes' | 'trendingScore', repos: readonly RepoInput[]): string[] =>
  repos.toSorted((a, b) => (b[fact] ?? 0) - (a[fact] ?? 0)).map(({ id }) => id);

const results = (page: Page) => page.getByRole('list', { name: 'Results' }).getByRole('link');

async function openDiscover({ page }: RunningApp): Promise<Page> {
  await page.getByRole('link', { name: 'Models' }).first().click();
  await results(page).first().waitFor();
  return page;
}

/** The names in the list, after the result of the last change has arrived. */
async function shown(page: Page): Promise<string[]> {
  await page.locator('ul[aria-label=Results][aria-busy=false]').waitFor();
  return await results(page).allInnerTexts();
}

async function choose(page: Page, field: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: field }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

describe.each(targets())('Discover in the %s', (target) => {
  it('sorts, and loads more to the end of the list', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const page = await openDiscover(app);
    const gguf = seed.filter(has('.gguf'));
    expect(await shown(page)).toEqual(idsBy('trendingScore', gguf).slice(0, 30));
    // Some have equal numbers of likes, so figures are compared instead of names.
    const factsOf = (ids: readonly string[], fact: 'downloads' | 'likes') =>
      ids.map((id) => gguf.find((repo) => repo.id === id)?.[fact]);
    const inOrder = (fact: 'downloads' | 'likes') => factsOf(idsBy(fact, gguf), fact);
    for (const [words, fact] of [
      ['Most downloads', 'downloads'],
      ['Most likes', 'likes'],
    ] as const) {
      await choose(page, 'Sort by', words);
      await expect.poll(async () => factsOf(await shown(page), fact)).toEqual(inOrder(fact).slice(0, 30));
    }
    // The keyboard alone also reaches the end.
    await results(page).first().focus();
    await page.keyboard.press('End');
    await expect.poll(async () => factsOf(await shown(page), 'likes')).toEqual(inOrder('likes'));
    expect(new Set(await shown(page)).size).toBe(gguf.length);
    await choose(page, 'Sort by', 'Recently updated');
    const dateOf = new Map(gguf.map(({ id, lastModified }) => [id, lastModified ?? '']));
    const newest = [...dateOf.values()].sort().at(-1);
    await expect.poll(async () => dateOf.get((await shown(page))[0] ?? '')).toBe(newest);
  });

  it('opens one recommended model that fits, with its download, from "Get a bigger model"', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    await page.getByRole('link', { name: /Get a bigger model/ }).click();
    const pick = page.getByRole('region', { name: 'Recommended for this computer' });
    await pick.waitFor();
    const row = page.getByRole('link', { name: /^Recommended for this computer/ });
    // The test Hub has none of the curated models: one of its most downloaded that are open, which is no 33B or 70B one.
    const id = (await row.getAttribute('href'))?.replace('#/models/discover/', '') ?? '';
    const most = idsBy('downloads', seed.filter(has('.gguf')));
    expect(most).toContain(id);
    expect(id).not.toMatch(/33B|70B/);
    await page.getByRole('heading', { level: 2, name: id.split('/')[1] ?? '', exact: true }).waitFor();
    expect(await page.getByText('Recommended', { exact: true }).count()).toBe(1);
    await pick.getByRole('button', { name: /^Download/ }).click();
    await expect.poll(() => hub.requests.some(({ path }) => path.includes(`/${id}/resolve/`))).toBe(true);
  });

  it('narrows by format, author, license and task, and says when nothing is left', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const page = await openDiscover(app);
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('radio', { name: 'safetensors' }).click();
    await expect.poll(() => shown(page)).toEqual(idsBy('trendingScore', seed.filter(has('.safetensors'))));

    await page.getByRole('radio', { name: 'GGUF' }).click();
    const author = page.getByRole('textbox', { name: 'Author' });
    await author.fill('two words');
    await author.press('Enter');
    await page.getByText('An author’s name on the Hub is one word.').waitFor();
    await author.fill('mossbank');
    await author.press('Enter');
    const ofMossbank = seed.filter(has('.gguf')).filter(({ id }) => id.startsWith('mossbank/'));
    expect(ofMossbank.length).toBeGreaterThan(2);
    await expect.poll(() => shown(page)).toEqual(idsBy('trendingScore', ofMossbank));

    await choose(page, 'License', 'MIT');
    const free = ofMossbank.filter(({ license }) => license === 'mit');
    expect(free.length).toBeGreaterThan(0);
    expect(free.length).toBeLessThan(ofMossbank.length);
    await expect.poll(() => shown(page)).toEqual(idsBy('trendingScore', free));

    await choose(page, 'Task', 'Embeddings');
    await page.getByText('Nothing on the Hub matches').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('list', { name: 'Active filters' }).getByRole('listitem').count()).toBe(3);
    await page.getByRole('button', { name: 'Remove the filter Embeddings' }).click();
    await expect.poll(() => shown(page)).toEqual(idsBy('trendingScore', free));
    await page.getByRole('searchbox', { name: 'Search models' }).fill('no such words');
    await page.getByText('No model with GGUF files matches').waitFor();
    await page.getByRole('button', { name: 'Search all formats' }).click();
    await page.getByText('Nothing on the Hub matches').waitFor();
    await page.getByRole('button', { name: 'Show everything' }).click();
    await expect.poll(async () => (await shown(page)).length).toBe(30);
  });

  it('opens the target of an address, a name or a name with a quantization', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const page = await openDiscover(app);
    const field = page.getByRole('searchbox', { name: 'Search models' });
    const repoId = 'quantworks/Ladder-7B-Instruct-GGUF';
    for (const [text, file] of [
      [`${repoId}:Q5_K_M`, 'Q5_K_M'],
      [`${hub.url}/${repoId}/blob/main/Ladder-7B-Instruct-Q2_K.gguf`, 'Q2_K'],
    ] as const) {
      await field.fill(text);
      await field.press('Enter');
      await page.getByRole('heading', { name: 'Ladder-7B-Instruct-GGUF' }).first().waitFor();
      const pressed = page.getByRole('table', { name: 'Files' }).locator('button[aria-pressed=true]');
      await expect.poll(() => pressed.innerText()).toContain(`Ladder-7B-Instruct-${file}.gguf`);
    }
    await field.fill('hearth-models/ember-3M-GGUF:Q9_9');
    await field.press('Enter');
    await page.getByText('There is no Q9_9 here.').waitFor();
    await field.fill('northpier/Chain-13B-GGUF');
    await field.press('Enter');
    await page.getByText('Chain-13B-Q8_0-00001-of-00003.gguf').waitFor();
    // The set of shards is one row, with the sum of its sizes.
    expect(
      await page
        .getByRole('table', { name: 'Files' })
        .getByRole('button', { name: /^Download/ })
        .count(),
    ).toBe(1);
    await page.getByText('(3 shards)').waitFor();
  });

  it('says that a pasted address names no model, and no longer shows the model looked at before', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const page = await openDiscover(app);
    // The recommended model is shown until one is chosen.
    await page.getByRole('region', { name: 'Recommended for this computer' }).waitFor();
    await page.getByRole('table', { name: 'Files' }).waitFor();
    const field = page.getByRole('searchbox', { name: 'Search models' });
    await field.fill(`${hub.url}/nosuch/model`);
    await field.press('Enter');
    const detail = page.getByRole('region', { name: 'nosuch/model' });
    await detail.getByText('There is no nosuch/model on the Hub, or it is private.').waitFor();
    await detail.getByRole('button', { name: 'Enter a token' }).waitFor();
    expect(await page.getByRole('table', { name: 'Files' }).count()).toBe(0);
    await page.getByText('Nothing on the Hub matches').waitFor();
  });

  it('shows no model where nothing matches the search, and names an address that is not the Hub’s', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const page = await openDiscover(app);
    const field = page.getByRole('searchbox', { name: 'Search models' });
    const heading = page.getByRole('heading', { name: 'ember-3M-GGUF' });
    await page.getByRole('link', { name: 'hearth-models/ember-3M-GGUF' }).first().click();
    await heading.first().waitFor();
    await field.fill('zzzqqq');
    await page.getByText('No model to show').waitFor();
    expect(await heading.count()).toBe(0);
    await field.fill('https://example.com/owner/name');
    await field.press('Enter');
    await page.getByText('example.com is not the Hub.').waitFor();
    expect(await page.getByText('There is no owner/name').count()).toBe(0);
    // What was open is there again with a search that it may belong to.
    await field.fill('');
    await heading.first().waitFor();
  });

  it('reads names in their order from right to left, and aligns all of a list at its right', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const page = await openDiscover(app);
    await page.evaluate("document.documentElement.dir = 'rtl'");
    /** Where the owner, the name and the row begin and end. */
    const places = await results(page)
      .first()
      .evaluate((link) => {
        const range = document.createRange();
        range.selectNodeContents(link.lastChild ?? link);
        const [owner, name] = [link.firstElementChild?.getBoundingClientRect(), range.getBoundingClientRect()];
        return { owner: owner?.right, nameLeft: name.left, name: name.right, row: link.getBoundingClientRect().right };
      });
    expect(places.owner).toBeLessThanOrEqual(places.nameLeft + 1);
    expect(Math.abs(places.name - places.row)).toBeLessThan(2);
    await page.getByRole('tab', { name: 'On this computer' }).click();
    const model = page.getByRole('list', { name: 'Models' }).getByRole('button', { name: 'Ember', exact: true });
    const gap = await model.first().evaluate((button) => {
      const range = document.createRange();
      range.selectNodeContents(button);
      return button.getBoundingClientRect().right - range.getBoundingClientRect().right;
    });
    expect(Math.abs(gap)).toBeLessThan(2);
  });

  it.runIf(target === 'browser')('judges a model anew when other programs have taken memory', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    let asked = 0;
    let models = '';
    let tell = (_frame: string): void => {};
    await page.routeWebSocket('**/rpc', (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => {
        if (/"route":"hub.model".*ember-3M-GGUF/.test(String(frame))) asked++;
        server.send(frame);
      });
      server.onMessage((frame) => {
        // The list of models on this computer, with the memory that they were judged by.
        if (String(frame).includes('"lastRepliedAt"')) models = String(frame);
        socket.send(frame);
      });
      tell = (frame) => socket.send(frame);
    });
    await reload(page);
    await openDiscover(app);
    await page.getByRole('link', { name: 'hearth-models/ember-3M-GGUF' }).first().click();
    await page.getByText(/of the file was read/).waitFor();
    // Once when it was opened, and once when its header was read; once more where this computer's own memory has changed by much.
    await expect.poll(() => asked).toBeGreaterThanOrEqual(2);
    expect(models).toContain('"freeRamBytes"');
    const before = asked;
    tell(models.replaceAll(/"freeRamBytes":\d+/g, '"freeRamBytes":1234567890'));
    await expect.poll(() => asked).toBeGreaterThan(before);
  });

  it('shows an untrusted card, and lets nothing in it run, load or mislead', async () => {
    const card = [
      '---',
      'tags: [gguf]',
      '---',
      '# A card',
      '',
      '<details><summary>How to use it</summary>',
      '',
      '<p>With a <b>good</b> prompt.</p></details>',
      '',
      '<script>window.hacked = 1</script>',
      '<img src=x onerror="window.hacked = 2" alt="A picture"> ![pixel](http://evil.example/pixel.png)',
      '<iframe src="http://evil.example/frame"></iframe><svg onload="window.hacked = 3"></svg>',
      '<picture><source srcset="http://evil.example/set.png"><img src="http://evil.example/img.png"></picture>',
      '<form action="http://evil.example/form"><button>Send</button></form>',
      '<div style="background: url(http://evil.example/style.png)" onclick="window.hacked = 4">Styled</div>',
      '',
      '[run](javascript:window.hacked=5) <a href="javascript:window.hacked=6">and run</a> [a file](LICENSE)',
    ].join('\n');
    hub.addRepo({ id: 'stranger/Card-GGUF', files: { 'README.md': card, 'x-Q8_0.gguf': new Uint8Array(4000) } });
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await openDiscover(app);
    const field = page.getByRole('searchbox', { name: 'Search models' });
    await field.fill('stranger/Card-GGUF');
    await field.press('Enter');
    const shownCard = page.getByRole('region', { name: 'Model card' });
    await shownCard.getByText('How to use it').click();
    await shownCard.getByText('With a good prompt.').waitFor();
    await shownCard.getByText('Styled').click();
    await shownCard.getByText('run', { exact: true }).click();
    await shownCard.getByText('and run').click();
    expect(await shownCard.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual(
      [`${hub.url}/stranger/Card-GGUF/blob/main/LICENSE`],
    );
    expect(await shownCard.locator('script, iframe, form, svg, img, source, [style], [onclick]').count()).toBe(0);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(asked.filter((url) => url.includes('evil.example'))).toEqual([]);
  });

  it('shows cached results with their date while the Hub is unreachable', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const page = await openDiscover(app);
    const repoId = 'hearth-models/ember-3M-GGUF';
    await page.getByRole('link', { name: repoId }).first().click();
    await page.getByText(/of the file was read/).waitFor();
    const known = await shown(page);
    const { port } = new URL(hub.url);
    await hub.close();
    // A result younger than a minute is reused without a request; these are two days old.
    const [file = ''] = globSync('data/hearth*.db', { cwd: app.folder });
    const database = new Database(path.join(app.folder, file));
    const dated = database.prepare('UPDATE hub_answers SET fetched_at = fetched_at - 172800000').run();
    database.close();
    expect(dated.changes).toBeGreaterThan(1);

    await reload(page);
    const notes = page.getByText('The Hub cannot be reached. These results are from 2 days ago.');
    await expect.poll(() => notes.count()).toBe(2);
    expect(await notes.first().getAttribute('title')).toMatch(/\b20\d\d\b/);
    expect(await shown(page)).toEqual(known);
    const files = page.getByRole('table', { name: 'Files' });
    await files.getByText('ember-3M-Q8_0.gguf').waitFor();
    // The header that was read before still gives the fit.
    await page.getByText(/header, which was read before/).waitFor();
    await page.getByRole('button', { name: 'Download ember-3M-Q8_0.gguf' }).click();
    await files.getByText('The Hub cannot be reached').waitFor();
    await page.getByRole('searchbox', { name: 'Search models' }).fill('never asked before');
    await page.getByRole('heading', { name: 'The Hub cannot be reached' }).first().waitFor();
    await page.getByRole('searchbox', { name: 'Search models' }).fill('');
    // Both the list and the model were requested again: a later result would be the Hub's own.
    await expect.poll(() => notes.count()).toBe(2);

    hub = await startHub({ repos: seed, port: Number(port) });
    const retry = page.locator('.models-offline').getByRole('button', { name: 'Try again' });
    await retry.first().click();
    await expect.poll(() => notes.count()).toBe(1);
    await retry.click();
    await expect.poll(() => notes.count()).toBe(0);
  });
});
