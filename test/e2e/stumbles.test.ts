/** What people stumbled over on the chat screen and in the window around it. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { axeProblems as problems } from './axe.ts';
import {
  animationsDone,
  closeAfterTest,
  closeBrowser,
  startApp,
  switchDeveloperModeOn,
  targets,
  type RunningApp,
} from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message' });
async function ask(page: Page, text: string): Promise<void> {
  const count = await page.getByRole('log').getByRole('article').count();
  await composer(page).fill(text);
  await composer(page).press('Enter');
  await page
    .getByRole('log')
    .getByRole('article')
    .nth(count + 1)
    .waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
}
/** Drops a file with this name in the middle of the window. Returns whether the browser is kept from opening it. */
const drop = (page: Page, name: string, content: string): Promise<unknown> =>
  page.evaluate(
    ([file = '', text = '']) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], file));
      const events = ['dragenter', 'dragover', 'drop'].map(
        (type) => new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }),
      );
      return events.map((event) => !document.elementFromPoint(400, 300)?.dispatchEvent(event));
    },
    [name, content],
  );

describe.each(targets())('what people stumbled over in the %s', (target) => {
  it.each(['light', 'dark'] as const)(
    'axe finds nothing serious in menus, sheets and cards (%s)',
    async (colorScheme) => {
      app = await startApp(target, { colorScheme, viewport: { width: 1280, height: 800 } });
      const { page } = app;
      await composer(page).waitFor();
      await ask(page, 'Who are you?');
      const check = async (name: string): Promise<void> => {
        await animationsDone(page);
        expect(await problems(page), name).toEqual([]);
      };
      await page.keyboard.press('Control+Shift+M');
      await page.getByRole('menu', { name: 'Model' }).waitFor();
      await check('model picker');
      await page.getByRole('menuitem', { name: 'Load settings for Ember' }).click();
      await page.getByRole('dialog', { name: 'Load settings for Ember' }).waitFor();
      await check('load settings');
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: 'Who are you?' }).hover();
      await page.getByRole('button', { name: 'More for Who are you?' }).click();
      await page.getByRole('menu').waitFor();
      await check('menu of a chat');
      await page.keyboard.press('Escape');
      await composer(page).focus();
      await page.keyboard.insertText('word '.repeat(6000));
      await page.getByRole('button', { name: 'Open Pasted text' }).click();
      await page.getByRole('dialog', { name: 'Pasted text' }).waitFor();
      await check('file of a message');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByRole('alert').waitFor();
      await check('failure card');
    },
  );

  it('the buttons under a message take the click wherever the pointer rests on them', async () => {
    app = await startApp(target, { viewport: { width: 1280, height: 800 } });
    const { page } = app;
    await composer(page).waitFor();
    await ask(page, 'Who are you?');
    const mine = page.getByRole('log').getByRole('article').first();
    // From the text to the button in steps of a pixel, as a hand moves.
    const bubble = await mine.getByText('Who are you?').boundingBox();
    const pencil = await mine.getByRole('button', { name: 'Edit' }).boundingBox();
    if (!bubble || !pencil) throw new Error('no message');
    const x = pencil.x + pencil.width / 2;
    const [from, to] = [bubble.y + bubble.height / 2, pencil.y + pencil.height / 2];
    expect(x).toBeGreaterThan(bubble.x);
    await page.mouse.move(x, from);
    await page.mouse.move(x, to, { steps: Math.ceil(to - from) });
    await page.mouse.down();
    await page.mouse.up();
    await mine.getByRole('textbox').waitFor();
    await page.keyboard.press('Escape');
    await mine.hover();
    for (const name of ['Copy', 'Edit']) {
      const button = mine.getByRole('button', { name });
      await button.hover();
      await animationsDone(page);
      // Shown in full, the row must still be above the reply whose box begins within it.
      const isHit = await button.evaluate((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return [top + 2, (top + bottom) / 2, bottom - 2].map((y) =>
          element.contains(document.elementFromPoint((left + right) / 2, y)),
        );
      });
      expect([name, isHit]).toEqual([name, [true, true, true]]);
    }
  });

  it('a deleted chat comes back with Ctrl+Z, its notice covers nothing, and the tab says the chat', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await ask(page, 'Who are you?');
    await expect.poll(() => page.title()).toBe('Who are you? · Hearth');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('delete this chat');
    await page.keyboard.press('Enter');
    const notice = page.getByText('“Who are you?” was deleted');
    await notice.waitFor();
    await expect.poll(() => page.title()).toBe('Hearth');
    for (const width of [1280, 640]) {
      await page.setViewportSize({ width, height: 800 });
      const toast = await page.locator('.toast').boundingBox();
      const field = await page.locator('.chat-composer-box').boundingBox();
      if (!toast || !field) throw new Error('no notice');
      const apart = toast.y >= field.y + field.height || toast.x + toast.width <= field.x;
      expect([width, apart]).toEqual([width, true]);
    }
    // In a field with text the key belongs to the text.
    await composer(page).pressSequentially('abc');
    await page.keyboard.press('Control+z');
    expect(await notice.count()).toBe(1);
    await composer(page).fill('');
    await page.keyboard.press('Control+z');
    await expect.poll(() => page.title()).toBe('Who are you? · Hearth');
  });

  it('? and Ctrl+/ show every key on every screen, and the keys do what the map says', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await page.keyboard.press('Control+k');
    const chosen = page.getByRole('option', { selected: true });
    await chosen.waitFor();
    expect(await page.getByRole('option').first().getAttribute('aria-selected')).toBe('true');
    expect(await page.getByRole('option').last().getAttribute('aria-disabled')).toBe('true');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+,');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    const map = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await page.keyboard.press('?');
    await map.waitFor();
    expect(await map.getByRole('group', { name: 'Message field' }).innerText()).toMatch(/Send the message\s+Enter/);
    expect(await map.getByRole('group', { name: 'Chat', exact: true }).innerText()).toMatch(/Stop the reply\s+Esc/);
    await page.keyboard.press('Escape');
    await map.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Chat', exact: true }).click();
    await ask(page, 'Who are you?');
    await page.keyboard.press('Control+Shift+O');
    await expect.poll(() => page.title()).toBe('Hearth');
    await page.getByRole('log').waitFor({ state: 'detached' });
    await ask(page, 'What can you do?');
    await page.keyboard.press('Control+/');
    await map.waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(() => page.title()).toBe('Who are you? · Hearth');
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(() => page.title()).toBe('What can you do? · Hearth');
    await page.keyboard.press('Control+Shift+Enter');
    await page.getByText('Version 2 of 2').waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.setViewportSize({ width: 640, height: 800 });
    await page.getByRole('button', { name: 'Chats' }).waitFor();
    await page.keyboard.press('Control+Shift+F');
    await page.getByRole('dialog', { name: 'Chats' }).waitFor();
    await page.keyboard.type('who');
    await page.getByRole('list', { name: 'Search results' }).getByRole('button').first().waitFor();
  });

  it('the palette finds places, chats and models by name', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await ask(page, 'Who are you?');
    const first = async (words: string): Promise<string> => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type(words);
      const option = page.getByRole('option').first();
      await option.waitFor();
      const text = await option.textContent();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Command palette' }).waitFor({ state: 'detached' });
      return text ?? '';
    };
    expect(await first('discover')).toBe('Discover models');
    await expect.poll(() => page.title()).toBe('Models · Hearth');
    expect(await first('who are')).toBe('Who are you?');
    await expect.poll(() => page.title()).toBe('Who are you? · Hearth');
    expect(await first('chat with ember')).toBe('Chat with Ember');
    await expect.poll(() => page.evaluate('window.location.hash')).toMatch(/^#\/new\//);
  });

  it('a file that is dropped anywhere is caught: a text joins the message, another gets a sentence', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    expect(await drop(page, 'notes.txt', 'Rhubarb')).toEqual([true, true, true]);
    await page.getByRole('button', { name: 'Open notes.txt' }).waitFor();
    await drop(page, 'photo.png', '\u0000PNG');
    await page.getByText('photo.png is a picture').waitFor();
    await page.keyboard.press('Control+,');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    expect(await drop(page, 'notes.txt', 'Rhubarb')).toEqual([true, true, true]);
    await page.getByText('notes.txt was not added').waitFor();
    await drop(page, 'broken.gguf', 'no model');
    await page.getByText('broken.gguf was not added').waitFor();
  });

  it('sampling is always readable, changed at once, and reset value by value; who wrote a reply is said', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await ask(page, 'Who are you?');
    await page.mouse.move(2, 2);
    await page.getByRole('article').getByText('Ember', { exact: true }).waitFor();
    await page.keyboard.press('Control+i');
    const temperature = page.getByRole('group', { name: 'Temperature' });
    const field = temperature.getByRole('textbox');
    const before = await field.inputValue();
    await temperature.getByText('default').waitFor();
    await field.fill('0.9');
    await field.press('Enter');
    await page.getByText('These values apply to this chat only.').waitFor();
    await temperature.getByRole('button', { name: `Reset Temperature to ${before}` }).click();
    await temperature.getByText('default').waitFor();
    expect(await field.inputValue()).toBe(before);
    await page.getByText('This chat has no values of its own.').waitFor();
  });

  it('code of the user is shown as code, the rest as it was typed, and the field is as wide as the conversation', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    const typed = 'Is `a -> b` **right**?\n```python\nprint(1)\n```\n* no list';
    await ask(page, typed);
    const mine = page.getByRole('article', { name: 'You' });
    await mine.getByRole('group', { name: 'Code, python' }).waitFor();
    expect(await mine.locator('code').first().textContent()).toBe('a -> b');
    expect((await mine.locator('pre').innerText()).trimEnd()).toBe('print(1)');
    expect(await mine.locator('.chat-bubble').innerText()).toContain(' **right**?');
    expect(await mine.locator('.chat-bubble').innerText()).toMatch(/\n\* no list$/);
    await page.setViewportSize({ width: 640, height: 800 });
    await page.getByRole('button', { name: 'Chats' }).waitFor();
    const edges = async (place: string): Promise<readonly number[]> => {
      const box = await page.locator(place).last().boundingBox();
      return box ? [Math.round(box.x), Math.round(box.x + box.width)] : [];
    };
    const thread = await edges('.chat-reply');
    expect(thread).toHaveLength(2);
    expect(await edges('.chat-composer-box')).toEqual(thread);
  });

  it('the inspector has a heading and closes; the system prompt expands; what differs from the default is marked', async () => {
    app = await startApp(target);
    const { page } = app;
    await switchDeveloperModeOn(page);
    await composer(page).waitFor();
    await ask(page, 'Who are you?');
    await page.keyboard.press('Control+i');
    const inspector = page.getByRole('complementary', { name: 'Inspector' });
    await inspector.getByRole('heading', { name: 'Inspector' }).waitFor();
    await inspector.getByRole('button', { name: 'Expand the system prompt' }).click();
    const large = page.getByRole('dialog', { name: 'System prompt' });
    await large.getByRole('textbox').fill('Answer briefly.');
    await page.keyboard.press('Escape');
    await expect
      .poll(() => inspector.getByRole('textbox', { name: 'System prompt' }).inputValue())
      .toBe('Answer briefly.');
    await inspector.getByRole('switch', { name: 'Max tokens' }).click();
    await inspector.getByText('Differs from the default', { exact: true }).waitFor();
    await inspector.getByRole('button', { name: 'More', exact: true }).click();
    await inspector.getByRole('switch', { name: /^XTC/ }).click();
    await expect.poll(() => inspector.getByText('Differs from the default', { exact: true }).count()).toBe(2);
    await inspector.getByRole('button', { name: 'More (1 differs from the default)', expanded: true }).click();
    await inspector.getByRole('button', { name: 'More (1 differs from the default)', expanded: false }).waitFor();
    await inspector.getByRole('button', { name: 'Reset Max tokens', exact: true }).click();
    await expect.poll(() => inspector.getByRole('switch', { name: 'Max tokens' }).isChecked()).toBe(false);
    await inspector.getByRole('button', { name: 'Close inspector' }).click();
    await inspector.waitFor({ state: 'detached' });
  });

  it('a search lists each chat once, with its messages below it', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await ask(page, 'Tell me about lanterns');
    await ask(page, 'Are lanterns **warm**?');
    await page.keyboard.press('Control+Shift+F');
    await page.keyboard.type('lanterns');
    const results = page.getByRole('list', { name: 'Search results' });
    const chat = results.getByRole('region', { name: 'Tell me about lanterns' });
    await chat.getByText('Are lanterns **warm**?').waitFor();
    expect(await results.getByRole('region').count()).toBe(1);
    expect(await chat.locator('.chat-hit-head mark').allTextContents()).toEqual(['lanterns']);
    await chat.getByText('Are lanterns **warm**?').click();
    const marked = page.locator('[data-marked]');
    await marked.waitFor();
    const [inner, outer] = [await marked.boundingBox(), await page.locator('.chat-thread').boundingBox()];
    if (!inner || !outer) throw new Error('nothing is marked');
    expect(inner.x + inner.width).toBeLessThanOrEqual(outer.x + outer.width - 24);
  });

  it('one left edge, a rail with words above 1200 px, rings around tabs, code without ligatures', async () => {
    app = await startApp(target, { viewport: { width: 1280, height: 800 } });
    const { page } = app;
    await composer(page).waitFor();
    const left = async (place: string): Promise<number> => (await page.locator(place).first().boundingBox())?.x ?? -1;
    const field = await left('.chat-composer-box');
    await page.getByRole('button', { name: 'What can you do?' }).waitFor();
    const suggestion = await page.getByRole('button', { name: 'What can you do?' }).boundingBox();
    expect([suggestion?.x, await left('.chat-empty h2')]).toEqual([field, field]);
    await page.getByText('Downloads', { exact: true }).first().waitFor();
    await ask(page, 'Is `a->b` right?');
    const code = page.getByRole('article', { name: 'You' }).locator('code');
    expect(await code.evaluate((element) => getComputedStyle(element).fontVariantLigatures)).toBe('none');
    // A title from right to left begins at the frame's start, beside its divider.
    await page.keyboard.press('F2');
    const title = page.getByRole('textbox', { name: 'Title of the chat' });
    await title.fill('שלום עולם');
    await title.press('Enter');
    await expect.poll(() => page.title()).toBe('שלום עולם · Hearth');
    const picker = await page.getByRole('button', { name: /^Model:/ }).boundingBox();
    const heading = await page.locator('.chat-title bdi').boundingBox();
    if (!picker || !heading) throw new Error('no title');
    expect(heading.x - (picker.x + picker.width)).toBeLessThan(60);
    await page.getByRole('link', { name: 'Models' }).first().click();
    const tab = page.getByRole('tab', { name: 'On this computer' });
    await tab.waitFor();
    const air = await tab.evaluate((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      const [inner, outer] = [range.getBoundingClientRect(), element.getBoundingClientRect()];
      return Math.min(inner.left - outer.left, outer.right - inner.right);
    });
    expect(air).toBeGreaterThanOrEqual(6);
  });

  it('an address for a new chat with a model works more than once', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    for (const question of ['Who are you?', 'What can you do?']) {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('chat with ember');
      await page.getByRole('option', { name: 'Chat with Ember' }).waitFor();
      await page.keyboard.press('Enter');
      await expect.poll(() => new URL(page.url()).hash).toMatch(/^#\/new\/./);
      await page.getByRole('log').waitFor({ state: 'detached' });
      await ask(page, question);
      await expect.poll(() => page.title()).toBe(`${question} · Hearth`);
    }
    await expect.poll(() => page.getByRole('navigation', { name: 'Chats' }).getByRole('link').count()).toBe(2);
  });

  it('figures and their units keep their order from right to left', async () => {
    app = await startApp(target);
    const { page } = app;
    await composer(page).waitFor();
    await ask(page, 'Who are you?');
    await page.evaluate("document.documentElement.dir = 'rtl'");
    const lefts = await page.getByText(/^[\d,]+ of [\d,]+ tokens$/).evaluate((element) => {
      const text = element.firstChild;
      if (!text) throw new Error('no text');
      const at = (index: number): number => {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + 1);
        return range.getBoundingClientRect().left;
      };
      const said = text.textContent ?? '';
      return [at(0), at(said.indexOf('of')), at(said.indexOf('tokens'))];
    });
    expect(lefts).toEqual(lefts.toSorted((a, b) => a - b));
  });
});
