/** What a person sees of answers that fail, come late or are lost between the page and main. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { Frame } from '../../preload/wire/rpc.ts';
import { closeAfterTest, closeBrowser, reload, startApp, type RunningApp } from './harness.ts';

let app: RunningApp | undefined;
afterEach(async ({ task }) => {
  await closeAfterTest(app, task);
  app = undefined;
});
afterAll(closeBrowser);

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const replies = (page: Page) => page.getByRole('log', { name: 'Conversation' }).getByRole('article');
/** The first line of the last reply. Its model stands above. */
async function words(page: Page): Promise<string> {
  return (await replies(page).last().innerText()).split('\n').filter(Boolean)[1] ?? '';
}
async function ask(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
  await replies(page).nth(1).waitFor();
  await page.getByRole('button', { name: 'Send' }).waitFor();
}

interface Wire {
  /** The frames that the page has sent, in order. */
  readonly sent: Frame[];
  /** Gets each frame of the page. It reaches main by `pass`, and `answer` gives the page a frame in main's place. */
  toMain: (frame: Frame, pass: () => void, answer: (frame: Frame) => void) => void;
  /** Gets each frame of main. It reaches the page by `pass`, or another one in its place. */
  toPage: (frame: Frame, pass: (other?: Frame) => void) => void;
}

/** The app with a page whose frames pass through the test. */
async function open(): Promise<{ page: Page; wire: Wire }> {
  app = await startApp('browser');
  const { page } = app;
  const wire: Wire = { sent: [], toMain: (_frame, pass) => pass(), toPage: (_frame, pass) => pass() };
  await page.routeWebSocket('**/rpc', (socket) => {
    const main = socket.connectToServer();
    socket.onMessage((text) => {
      const frame = JSON.parse(String(text)) as Frame;
      wire.sent.push(frame);
      wire.toMain(
        frame,
        () => main.send(text),
        (answer) => socket.send(JSON.stringify(answer)),
      );
    });
    main.onMessage((text) =>
      wire.toPage(JSON.parse(String(text)) as Frame, (other) => socket.send(other ? JSON.stringify(other) : text)),
    );
  });
  await reload(page);
  await composer(page).waitFor();
  return { page, wire };
}
/** What the page has sent of a route. */
const sentTo = ({ sent }: Wire, route: string) =>
  sent.filter((frame) => (frame.t === 'call' || frame.t === 'open') && frame.route === route);

describe('the page', () => {
  it('keeps what is typed while a message is sent that then cannot be stored', async () => {
    const { page, wire } = await open();
    const held: (() => void)[] = [];
    wire.toMain = (frame, pass, answer) => {
      if (frame.t !== 'call' || frame.route !== 'chat.send') return pass();
      const error = { code: 'disk.full', message: 'No room.' } as const;
      held.push(() => answer({ t: 'error', id: frame.id, error }));
    };
    await composer(page).fill('the first message');
    await composer(page).press('Enter');
    await expect.poll(() => held.length).toBe(1);
    expect(await composer(page).inputValue()).toBe('');
    await composer(page).fill('the second');
    held[0]?.();
    await expect.poll(() => composer(page).inputValue()).toBe('the first message\n\nthe second');
  });

  it('asks for the whole chat again when text of a reply was lost, and shows all of it', async () => {
    const { page, wire } = await open();
    // Of the first message of a chat the page may see the whole reply at once.
    await ask(page, 'Who are you?');
    const before = sentTo(wire, 'chat.watch').length;
    let lost = 0;
    wire.toPage = (frame, pass) => {
      const event = frame.t === 'event' ? (frame.event as { readonly type?: string; readonly offset?: number }) : {};
      if (frame.t !== 'event' || event.type !== 'append' || lost > 0) return pass();
      lost++;
      // As if what stands before it had not come.
      pass({ ...frame, event: { ...event, offset: (event.offset ?? 0) + 1000 } });
    };
    await composer(page).fill('What are you made of?');
    await composer(page).press('Enter');
    await expect.poll(() => [lost, sentTo(wire, 'chat.watch').length - before]).toEqual([1, 1]);
    await replies(page).nth(3).waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    const shown = await words(page);
    await reload(page);
    await replies(page).nth(3).waitFor();
    expect(shown.length).toBeGreaterThan(10);
    expect(await words(page)).toBe(shown);
  });

  it('gives up a search that another one follows, and shows nothing of its late answer', async () => {
    const { page, wire } = await open();
    await ask(page, 'Tell me about lanterns');
    const held: { id: number; pass?: () => void } = { id: 0 };
    wire.toMain = (frame, pass) => {
      const isFirst = frame.t === 'call' && frame.route === 'chat.search' && held.id === 0;
      if (isFirst) held.id = frame.id;
      pass();
    };
    wire.toPage = (frame, pass) => {
      if (frame.t === 'ok' && frame.id === held.id) held.pass = pass;
      else pass();
    };
    await page.keyboard.press('Control+Shift+F');
    await page.keyboard.insertText('lanterns');
    await expect.poll(() => held.pass !== undefined).toBe(true);
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('zebras');
    await page.getByText('zebras').first().waitFor();
    await expect.poll(() => wire.sent.some((frame) => frame.t === 'cancel' && frame.id === held.id)).toBe(true);
    held.pass?.();
    expect(await page.getByRole('list', { name: 'Search results' }).count()).toBe(0);
  });

  it('runs no command of the screen behind a layer', async () => {
    const { page, wire } = await open();
    await ask(page, 'Who are you?');
    await page.keyboard.press('Control+/');
    const map = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await map.waitFor();
    await page.keyboard.press('Control+Shift+Backspace');
    expect(sentTo(wire, 'chat.delete')).toEqual([]);
    await page.keyboard.press('Escape');
    await map.waitFor({ state: 'detached' });
    expect(await replies(page).count()).toBe(2);
    await page.keyboard.press('Control+Shift+Backspace');
    await expect.poll(() => sentTo(wire, 'chat.delete').length).toBe(1);
  });
});
