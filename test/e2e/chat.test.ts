import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import path from 'node:path';
import { mkdirSync } from 'node:fs';
import { startHub, type Hub } from '../hub-server/hub-server.ts';
import { writeGguf } from '../hub-server/gguf-file.ts';
import { closeAfterTest, closeBrowser, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
let hub: Hub | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  await hub?.close();
  app = undefined;
  hub = undefined;
});
afterAll(closeBrowser);

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const replies = (page: Page) => page.getByRole('log', { name: 'Conversation' }).getByRole('article');
async function send(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}
/** Waits until the last reply is finished, and returns its text. Ember's text varies with the default sampling. */
async function settled(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Send' }).waitFor();
  await expect.poll(async () => (await words(page)).length).toBeGreaterThan(10);
  await page.getByRole('button', { name: 'Send' }).waitFor();
  return await words(page);
}
/** The first line of the last reply; its model stands above, its actions and figures below. */
async function words(page: Page): Promise<string> {
  return (await replies(page).last().innerText()).split('\n').filter(Boolean)[1] ?? '';
}

async function chooseModel(page: Page, from: string, to: RegExp): Promise<void> {
  // The memory gauge names loaded models as well.
  await page.getByRole('button', { name: `Model: ${from}` }).click();
  await page.getByRole('menuitemcheckbox', { name: to }).click();
}

/** A synthetic model, large enough that a reply takes a while. Its text is meaningless. */
async function addSlowModel(folder: string): Promise<void> {
  const commit = 'a'.repeat(40);
  const snapshot = path.join(folder, 'cache/models--made--slow/snapshots', commit);
  mkdirSync(snapshot, { recursive: true });
  await writeGguf(path.join(snapshot, 'slow-Q8_0.gguf'), {
    shape: {
      name: 'Slow',
      layers: 12,
      embedding: 768,
      heads: 12,
      kvHeads: 4,
      feedForward: 2048,
      vocabulary: 4096,
      contextLength: 2048,
    },
    quantization: 'Q8_0',
    seed: 7,
  });
}

describe.each(targets())('chat in the %s', (target) => {
  it('answers at the first start, offline, without touching the network', async () => {
    hub = await startHub();
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url } });
    const { page } = app;
    await page.getByRole('button', { name: 'What is a context window?' }).click();
    await expect.poll(() => replies(page).count()).toBe(2);
    await settled(page);
    expect(hub.requests).toEqual([]);
  });

  it('keeps everything over a restart: messages, branches, title', async () => {
    app = await startApp(target);
    let { page } = app;
    await send(page, 'Who are you?');
    await expect.poll(() => replies(page).count()).toBe(2);
    await settled(page);
    await replies(page).last().hover();
    await replies(page).last().getByRole('button', { name: 'Regenerate', exact: true }).click();
    await page.getByText('2/2').waitFor();
    const text = await settled(page);
    app = await app.restart('SIGTERM');
    page = app.page;
    await page.getByRole('navigation', { name: /chats/i }).getByText('Who are you?').first().click();
    await page.getByText('2/2').waitFor();
    await expect.poll(() => words(page)).toBe(text);
  });

  it('survives its engine being killed mid-reply: the partial reply is kept and marked, the next message works', async () => {
    app = await startApp(target, { prepare: addSlowModel });
    const { page } = app;
    await chooseModel(page, 'Ember', /slow-Q8_0/);
    await send(page, 'Write for a long time.');
    const reply = replies(page).last();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await expect.poll(async () => (await reply.innerText()).length).toBeGreaterThan(60);
    const pids = app.enginePids();
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await page.getByText(/kept/i).first().waitFor();
    // A screen reader hears what the card says, not that the app was closed.
    await page
      .locator('[aria-live=polite]')
      .filter({ hasText: 'The engine stopped while writing this reply' })
      .waitFor({ state: 'attached' });
    expect((await reply.innerText()).length).toBeGreaterThan(60);
    await chooseModel(page, 'slow-Q8_0', /Ember/);
    const before = await replies(page).count();
    // The first button of the card at each of its changes.
    await reply.getByRole('alert').evaluate((card) => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        const button = card.querySelector('button');
        seen.push(`${button?.innerText ?? ''}${button?.disabled === true ? ', disabled' : ''}`);
      }).observe(card, { subtree: true, childList: true, attributes: true });
    });
    await send(page, 'Who are you?');
    await expect.poll(() => replies(page).count()).toBe(before + 2);
    await settled(page);
    // While another reply was written it could not be used, and kept its place and meaning.
    const seen = (await page.evaluate('window.seen')) as string[];
    expect(new Set(seen)).toEqual(new Set(['Continue, disabled', 'Continue']));
  });

  it.runIf(target === 'browser')(
    'tells a message that was sent while another reply is written why it was refused, and keeps its text',
    async () => {
      app = await startApp(target, { prepare: addSlowModel });
      const { page } = app;
      await chooseModel(page, 'Ember', /slow-Q8_0/);
      await send(page, 'One word, please.');
      await page.getByRole('button', { name: 'Stop' }).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Send' }).waitFor();
      // A second tab, which hears of nothing for a moment.
      const tab = await page.context().newPage();
      let held: (string | Buffer)[] | null = null;
      let release = (): void => {};
      await tab.routeWebSocket('**/rpc', (socket) => {
        const server = socket.connectToServer();
        server.onMessage((frame) => {
          if (held === null) socket.send(frame);
          else held.push(frame);
        });
        release = () => {
          for (const frame of held ?? []) socket.send(frame);
          held = null;
        };
      });
      await tab.goto(page.url());
      await replies(tab).nth(1).waitFor();
      await composer(tab).fill('Sent at the same time');
      held = [];
      await send(page, 'Write for a long time.');
      await page.getByRole('button', { name: 'Stop' }).waitFor();
      await composer(tab).press('Enter');
      await expect.poll(() => composer(tab).inputValue()).toBe('');
      await expect.poll(() => held?.length).toBeGreaterThan(0);
      release();
      const refusal = tab.getByRole('alert').filter({ hasText: 'A reply is being written in this chat.' });
      await refusal.waitFor();
      // The text is back.
      expect(await composer(tab).inputValue()).toBe('Sent at the same time');
    },
  );

  it('writes a stopped reply on when Continue is clicked', async () => {
    app = await startApp(target, { prepare: addSlowModel });
    const { page } = app;
    await chooseModel(page, 'Ember', /slow-Q8_0/);
    await send(page, 'Write for a long time.');
    const text = replies(page).last().locator('.chat-md');
    const written = async (): Promise<string> => ((await text.count()) === 0 ? '' : await text.innerText());
    await expect.poll(async () => (await written()).length).toBeGreaterThan(20);
    await page.keyboard.press('Escape');
    const goOn = replies(page).last().getByRole('button', { name: 'Continue' });
    await goOn.waitFor();
    const kept = await written();
    await goOn.click();
    await expect.poll(async () => (await written()).length).toBeGreaterThan(kept.length);
    expect(await replies(page).count()).toBe(2);
    expect((await written()).startsWith(kept.slice(0, 20))).toBe(true);
    await page.keyboard.press('Escape');
    await goOn.waitFor();
  });

  it('stops on Esc, edits into a sibling, and keeps a draft per chat', async () => {
    app = await startApp(target);
    const { page } = app;
    await send(page, 'Tell me a joke');
    await settled(page);
    const mine = replies(page).first();
    await mine.hover();
    await mine.getByRole('button', { name: /edit/i }).click();
    const editor = page.getByRole('log', { name: 'Conversation' }).getByRole('textbox');
    await editor.fill('What can you do?');
    await editor.press('Enter');
    await page.getByText('1/2').or(page.getByText('2/2')).first().waitFor();
    await settled(page);
    await composer(page).fill('a draft');
    await page.getByRole('button', { name: 'New chat' }).first().click();
    await expect.poll(() => composer(page).inputValue()).toBe('');
    await page.goBack();
    await expect.poll(() => composer(page).inputValue()).toBe('a draft');
  });

  it('shows model output as text: no markup runs, nothing is fetched from elsewhere', async () => {
    app = await startApp(target);
    const { page } = app;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await send(
      page,
      '<img src=x onerror="window.hacked=1"> ![x](https://evil.example/x.png) <script>window.hacked=1</script>',
    );
    await settled(page);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(asked.filter((url) => url.includes('evil.example'))).toEqual([]);
  });

  it('says in plain words that a chat is gone', async () => {
    app = await startApp(target);
    await app.page.evaluate("location.hash = '#/chat/no-such-chat'");
    await app.page.getByText('no longer here').waitFor();
  });
});
