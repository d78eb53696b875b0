/** Small promises of the screens: distances, colors, words and what stays in view. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { startHub, type Hub } from '../hub-server/hub-server.ts';
import { seedRepos } from '../hub-server/seed.ts';
import { animationsDone, closeAfterTest, closeBrowser, reload, startApp, targets, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
let hub: Hub;
beforeEach(async () => {
  hub = await startHub({ repos: await seedRepos() });
});
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  await hub.close();
  app = undefined;
});
afterAll(closeBrowser);

const composer = (page: Page): Locator => page.getByRole('textbox', { name: 'Message' });
const articles = (page: Page): Locator => page.getByRole('log', { name: 'Conversation' }).getByRole('article');

/** Sends, and waits until the reply is complete. */
async function ask(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
  await page.locator('.chat-user', { hasText: text }).locator('+ [data-status=complete]').waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
}

async function openLocal(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Models' }).first().click();
  await page.getByRole('tab', { name: 'On this computer' }).click();
  await page.getByRole('list', { name: 'Models' }).getByRole('listitem').first().waitFor();
}

async function openDetail(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Models' }).first().click();
  await page.getByRole('searchbox', { name: 'Search models' }).fill('Ladder-7B');
  await page.getByRole('link', { name: 'quantworks/Ladder-7B-Instruct-GGUF' }).first().click();
  await page.getByRole('table', { name: 'Files' }).waitFor();
}

const boxOf = async (place: Locator) => {
  const box = await place.boundingBox();
  if (!box) throw new Error('It is not shown.');
  return { ...box, end: box.y + box.height };
};

/** Whether nothing below a color shows through it. */
const isOpaque = (place: Locator): Promise<boolean> =>
  place.evaluate((element) => {
    const canvas = document.createElement('canvas').getContext('2d');
    if (!canvas) throw new Error('no canvas');
    canvas.fillStyle = getComputedStyle(element).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data[3] === 255;
  });

describe.each(targets())('details in the %s', (target) => {
  it('an answer stands 14 px below its question, and the next question 40 px below it; an empty field has one line', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    const lines = await composer(page).evaluate((element) => {
      const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(element);
      return (element.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom)) / parseFloat(lineHeight);
    });
    expect(lines).toBeGreaterThan(0.9);
    expect(lines).toBeLessThan(1.5);
    await ask(page, 'Who are you?');
    await ask(page, 'What can you do?');
    await animationsDone(page);
    const [question, answer, next] = [
      await boxOf(articles(page).nth(0).locator('.chat-bubble')),
      await boxOf(articles(page).nth(1)),
      await boxOf(articles(page).nth(2)),
    ];
    expect(Math.round(answer.y - question.end)).toBe(14);
    expect(Math.round(next.y - answer.end)).toBe(40);
  });

  it('the inspector says how much of the context is kept for a reply, unless nothing is', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await ask(page, 'Who are you?');
    await page.keyboard.press('Control+i');
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    const kept = inspector.getByText(/kept free for the reply/);
    await kept.waitFor();
    // An eighth of Ember’s 1,024 tokens.
    expect(await kept.innerText()).toBe('128 tokens are kept free for the reply.');
    await inspector.getByRole('radio').last().click();
    await kept.waitFor({ state: 'detached' });
    await inspector.getByRole('radio').first().click();
    await kept.waitFor();
  });

  it('a model in memory has a green sign and no question whether it fits', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await openLocal(page);
    const row = page.getByRole('list', { name: 'Models' }).getByRole('listitem').filter({ hasText: 'Ember' });
    const loaded = row.getByText('Loaded', { exact: true });
    await loaded.waitFor();
    await row.getByRole('button').first().click();
    const card = page.locator('.models-fit');
    expect(await row.getByText('Fits', { exact: true }).count()).toBe(0);
    expect(await card.count()).toBe(0);
    const [red = 0, green = 0, blue = 0] = await loaded.evaluate((element) =>
      (getComputedStyle(element).color.match(/\d+/g) ?? []).map(Number),
    );
    expect(green).toBeGreaterThan(red + 30);
    expect(green).toBeGreaterThan(blue + 30);
    await row.getByRole('button', { name: /^Unload / }).click();
    await row.getByText('Fits', { exact: true }).waitFor();
    await card.waitFor();
  });

  it('the card over a window that takes files lets nothing shine through', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await openLocal(page);
    await page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], 'x.gguf'));
      document.body.dispatchEvent(new DragEvent('dragenter', { bubbles: true, cancelable: true, dataTransfer }));
    });
    const card = page.locator('.drop-card');
    await card.waitFor();
    await animationsDone(page);
    expect(await isOpaque(card)).toBe(true);
  });

  it('the palette’s sign names the keys of this computer', async () => {
    app = await startApp(target, { viewport: { width: 1280, height: 800 } });
    const keys = app.page.getByRole('button', { name: /^Search/ }).locator('kbd');
    await keys.first().waitFor();
    expect(await keys.allInnerTexts()).toEqual(process.platform === 'darwin' ? ['⌘', 'K'] : ['Ctrl', 'K']);
  });

  it('the table of files has the width in a column, a sign in place of a repeated word, and a button where the pointer is', async () => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url }, viewport: { width: 1280, height: 800 } });
    const { page } = app;
    await openDetail(page);
    const table = page.getByRole('table', { name: 'Files' });
    const badges = table.locator('.models-fit-badge');
    await badges.first().waitFor();
    expect(await table.getByRole('columnheader').allInnerTexts()).toContain('Bits per weight');
    // Read out as a word, a point and a reason.
    const spoken = await badges.allTextContents();
    for (const text of spoken) expect(text).toMatch(/^(?:Fits|(?:(May be tight|Won’t fit|Unknown)\1))\. \S/);
    expect(await table.getByText('Fits', { exact: true }).count()).toBe(0);
    const row = table.locator('tbody tr:not(.models-group):not([data-shown=true])').last();
    const download = row.getByRole('button', { name: /^Download / });
    const opacity = (): Promise<string> => download.evaluate((element) => getComputedStyle(element).opacity);
    await page.mouse.move(2, 2);
    await expect.poll(opacity).toBe('0');
    await row.hover();
    await expect.poll(opacity).toBe('1');
    await page.mouse.move(2, 2);
    await expect.poll(opacity).toBe('0');
    await download.focus();
    await expect.poll(opacity).toBe('1');
  });

  it('the list of sections stays beside the settings, and each button there has a word', async () => {
    app = await startApp(target, { viewport: { width: 1280, height: 800 } });
    const { page } = app;
    await composer(page).waitFor();
    await page.keyboard.press('Control+,');
    const links = page.getByRole('navigation', { name: 'Sections' }).getByRole('link');
    await links.first().waitFor();
    const names = await links.allInnerTexts();
    expect(names.length).toBeGreaterThan(5);
    for (const [index, name] of names.entries()) {
      await links.nth(index).click();
      const section = page.getByRole('region', { name, exact: true }).last();
      await expect.poll(async () => (await boxOf(section)).y).toBeLessThan(780);
      const [list, heading] = [await boxOf(links.last()), await boxOf(section)];
      expect([name, list.y >= 0 && list.end <= 800, list.x + list.width <= heading.x]).toEqual([name, true, true]);
    }
    const bare = await page
      .getByRole('main')
      .locator('button:visible')
      .evaluateAll((buttons) =>
        buttons
          .filter(
            (button) => button.role !== 'switch' && button.role !== 'radio' && (button.textContent ?? '').trim() === '',
          )
          // A key is removed by the cross on it, and a path copied by the sign beside it.
          .filter((button) => !/^(?:Remove|Copy the path of) /.test(button.ariaLabel ?? ''))
          .map((button) => button.ariaLabel),
      );
    expect(bare).toEqual([]);
  });

  it('the place of a model’s file is shown, copied, and opened in its folder by the desktop app alone', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await openLocal(page);
    await page.getByRole('list', { name: 'Models' }).getByRole('listitem').first().getByRole('button').first().click();
    const place = page.getByText(/^\/.*assets\/models\/.*\.gguf$/);
    await place.waitFor();
    const reveal = page.getByRole('button', { name: 'Show in folder' });
    if (target === 'electron') return reveal.waitFor();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy the path' }).click();
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(await place.innerText());
    expect(await reveal.count()).toBe(0);
    // The same page in the desktop app.
    const asked: string[] = [];
    await page.routeWebSocket('**/rpc', (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => {
        if (String(frame).includes('library.revealModel')) asked.push(String(frame));
        server.send(frame);
      });
      server.onMessage((frame) => socket.send(String(frame).replace('"shell":"http"', '"shell":"electron"')));
    });
    await reload(page);
    await page.getByRole('list', { name: 'Models' }).getByRole('listitem').first().getByRole('button').first().click();
    await reveal.click();
    await expect.poll(() => asked.length).toBe(1);
  });

  it.each([
    ['640 px wide', 640, 800],
    ['1,280 x 800 at 200 %', 640, 400],
  ])('neither chat nor models scroll sideways: %s', async (_name, width, height) => {
    app = await startApp(target, { env: { HF_ENDPOINT: hub.url }, viewport: { width, height } });
    const { page } = app;
    await composer(page).waitFor();
    /** Elements wider than the window, and whether it scrolls. */
    const fits = async (screen: string): Promise<void> => {
      await animationsDone(page);
      const wide = await page.evaluate(() =>
        [document.documentElement, document.querySelector('main')].map(
          (element) => (element?.scrollWidth ?? Infinity) - (element?.clientWidth ?? 0),
        ),
      );
      expect([screen, wide]).toEqual([screen, [0, 0]]);
    };
    await fits('first');
    await ask(page, 'Who are you?');
    await fits('chat');
    await page.keyboard.press('Control+i');
    await page.getByRole('dialog', { name: 'Inspector' }).waitFor();
    await fits('inspector');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Models' }).first().click();
    await page.getByRole('list', { name: 'Results' }).waitFor();
    await fits('discover');
    await page.getByRole('link', { name: 'hearth-models/ember-3M-GGUF' }).first().click();
    await page.getByRole('table', { name: 'Files' }).waitFor();
    await fits('model of the Hub');
    await page.evaluate("location.hash = '#/models/local'");
    await page.getByRole('list', { name: 'Models' }).getByRole('listitem').first().waitFor();
    await fits('local');
  });

  it.runIf(target === 'browser')(
    'without a connection the chats stay in their list over a change of screen',
    async () => {
      app = await startApp(target);
      const { page } = app;
      let isDown = false;
      let cut = (): void => {};
      await page.routeWebSocket('**/rpc', (socket) => {
        if (isDown) return void socket.close();
        const server = socket.connectToServer();
        cut = () => {
          void server.close();
          void socket.close();
        };
      });
      await reload(page);
      await ask(page, 'Who are you?');
      await openLocal(page);
      await page.getByRole('link', { name: 'Chat', exact: true }).click();
      const chats = page.getByRole('navigation', { name: 'Chats' });
      await chats.getByRole('link', { name: 'Who are you?' }).waitFor();
      isDown = true;
      cut();
      await page
        .getByText(/reconnect|connection/i)
        .first()
        .waitFor();
      await page.getByRole('link', { name: 'Models' }).first().click();
      await page.getByRole('tab', { name: 'On this computer' }).waitFor();
      await page.getByRole('link', { name: 'Chat', exact: true }).click();
      await chats.getByRole('link', { name: 'Who are you?' }).waitFor();
      expect(await chats.locator('.skeleton').count()).toBe(0);
    },
  );
});
