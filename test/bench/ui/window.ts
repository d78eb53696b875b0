/**
 * The window in Chromium over the built page: from a start to a usable screen, a chat of 5,000 messages, 10,000 chats,
 * and the page's memory over many chats.
 */
import type { Page } from 'playwright-core';
import { newPage, startApp } from '../../e2e/harness.ts';
import { seedChats, type SeededChat } from '../../support/seeded-chats.ts';

type Print = (line: object) => void;

const RUNS = 7;
const median = (values: readonly number[]): number =>
  Math.round(values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0);
const share = (values: readonly number[], part: number): number =>
  Math.round((values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? 0) * 10) / 10;

const paragraph =
  'A **context window** holds the tokens of a conversation. Each reply reads them again, so that `32,768` tokens are many.\n\n' +
  '- the prompt is read first\n- the reply follows\n\n```ts\nconst size = prompt.length + reply.length;\n```\n\n';

function longChat(messages: number): SeededChat {
  const texts = Array.from({ length: messages }, (_, at) =>
    at % 2 === 0 ? `Question ${at}: what happens next?` : `Answer ${at}. ${paragraph.repeat(1 + (at % 3))}`,
  );
  return { id: 'long', title: 'Five thousand messages', texts };
}

const shortChat = (at: number): SeededChat => ({
  ...{ id: `short-${at}`, title: `Chat ${at} about ${['rivers', 'maps', 'tea', 'clocks'][at % 4]}` },
  texts: ['Hello', `Hello from ${at}.`],
});

/** Milliseconds from the change of the address until `selector` is painted. */
async function openTime(page: Page, hash: string, selector: string): Promise<number> {
  return await page.evaluate(
    async ([to, wanted]) => {
      const begun = performance.now();
      window.location.hash = to;
      while (document.querySelector(wanted) === null) await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      return performance.now() - begun;
    },
    [hash, selector] as const,
  );
}

/** The times between frames while the conversation is scrolled up by `step` pixels a frame. */
async function framesOf(page: Page, frames: number, step: number): Promise<number[]> {
  return await page.evaluate(
    async ([count, pixels]) => {
      const scroller = document.querySelector('.chat-scroll');
      const times: number[] = [];
      let before = await new Promise<number>(requestAnimationFrame);
      for (let at = 0; at < count; at++) {
        if (scroller) scroller.scrollTop -= pixels;
        const now = await new Promise<number>(requestAnimationFrame);
        times.push(now - before);
        before = now;
      }
      return times;
    },
    [frames, step] as const,
  );
}

async function heapMB(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return Math.round(usedSize / 100_000) / 10;
}

async function start(print: Print): Promise<void> {
  const pages: number[] = [];
  const processes: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const begun = Date.now();
    const app = await startApp('browser');
    processes.push(app.readyAt - begun);
    const page = await newPage();
    // As the browser does it the second time: the app is warm, the page's cache is empty.
    await page.addInitScript(() => {
      const look = (): void => {
        const field = document.querySelector<HTMLTextAreaElement>('.chat-field');
        if (field === null || field.disabled) requestAnimationFrame(look);
        else performance.mark('usable');
      };
      requestAnimationFrame(look);
    });
    await page.goto(app.page.url());
    await page.waitForFunction(() => performance.getEntriesByName('usable').length > 0);
    pages.push(await page.evaluate(() => performance.getEntriesByName('usable')[0]?.startTime ?? 0));
    await page.context().close();
    await app.close();
  }
  print({ what: 'start of the process to ready', runs: RUNS, ms: median(processes) });
  print({ what: 'page to a usable screen', runs: RUNS, ms: median(pages) });
  print({ what: 'start to a usable screen', ms: median(processes) + median(pages), targetMs: 700 });
}

async function chats(print: Print): Promise<void> {
  const prepare = (folder: string): Promise<void> => {
    seedChats(folder, [longChat(5000), ...Array.from({ length: 10_000 }, (_, at) => shortChat(at))]);
    return Promise.resolve();
  };
  const app = await startApp('browser', { prepare });
  const { page } = app;
  try {
    await page.locator('[data-row]').first().waitFor();
    await openTime(page, '#/chat/short-1', '[data-message="short-1-1"]');
    const opened: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      opened.push(await openTime(page, '#/chat/long', '[data-message="long-4999"]'));
      await openTime(page, `#/chat/short-${run}`, `[data-message="short-${run}-1"]`);
    }
    print({ what: 'a chat of 5,000 messages opens', runs: RUNS, ms: median(opened), targetMs: 150 });

    await openTime(page, '#/chat/long', '[data-message="long-4999"]');
    const frames = await framesOf(page, 600, 100);
    print({
      what: 'scrolling it, time of a frame',
      frames: frames.length,
      p50: share(frames, 0.5),
      p95: share(frames, 0.95),
      longest: share(frames, 1),
      targetMs: 16.7,
    });

    const letters: number[] = [];
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    for (const letter of 'chat 999 about clo') {
      const begun = performance.now();
      await page.keyboard.press(letter === ' ' ? 'Space' : letter);
      await page.evaluate(() => new Promise(requestAnimationFrame));
      letters.push(performance.now() - begun);
    }
    print({
      what: 'a letter in the palette, 10,000 chats',
      letters: letters.length,
      p50: share(letters, 0.5),
      p95: share(letters, 0.95),
    });
    await page.keyboard.press('Escape');

    const rounds = 20;
    const sizes: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await openTime(page, '#/chat/long', '[data-message="long-4999"]');
      await framesOf(page, 60, 100);
      await openTime(page, `#/chat/short-${round}`, `[data-message="short-${round}-1"]`);
      sizes.push(await heapMB(page));
    }
    // The first rounds fill caches.
    print({
      what: 'memory of the page over 20 rounds',
      beginMB: sizes[2],
      endMB: sizes.at(-1),
      growth: Math.round(((sizes.at(-1) ?? 0) / (sizes[2] ?? 1) - 1) * 1000) / 10,
      targetPercent: 10,
    });
  } finally {
    await app.close();
  }
}

/** Prints medians and the slowest twentieth. */
export async function windowFigures(print: Print): Promise<void> {
  await start(print);
  await chats(print);
}
