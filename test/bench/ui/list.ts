/** 10,000 chats in the list, in Chromium: from the opening of the stream to painted rows, and the frames of a scroll through them. */
import path from 'node:path';
import { startApp } from '../../e2e/harness.ts';
import { addChats, inStore } from '../../support/generated-chats.ts';

const CHATS = 10_000;

/** Prints the median of five openings, and the times between frames. */
export async function listFigures(print: (line: object) => void): Promise<void> {
  const app = await startApp('browser', {
    prepare: (folder) => Promise.resolve(inStore(path.join(folder, 'data'), (store) => addChats(store, CHATS))),
  });
  const { page } = app;
  try {
    // From before any script of the page: when the list is asked for, and when the first row is there.
    await page.addInitScript(() => {
      const original = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'send')?.value as (data: string) => void;
      WebSocket.prototype.send = function (this: WebSocket, data: string) {
        if (data.includes('"chat.watchList"')) performance.mark('list-asked');
        original.call(this, data);
      } as typeof WebSocket.prototype.send;
      new MutationObserver((_changes, observer) => {
        if (document.querySelector('.chat-row') === null) return;
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('list-painted')));
      }).observe(document, { childList: true, subtree: true });
    });
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      await page.reload();
      await page.waitForFunction(() => performance.getEntriesByName('list-painted').length > 0);
      times.push(
        await page.evaluate(() => {
          const at = (name: string): number => performance.getEntriesByName(name)[0]?.startTime ?? NaN;
          return at('list-painted') - at('list-asked');
        }),
      );
    }
    times.sort((a, b) => a - b);
    print({ metric: 'list of 10,000 chats', chats: CHATS, p50Ms: times[2], maxMs: times.at(-1), limitMs: 100 });
    const frames = await page.evaluate(async () => {
      const body = document.querySelector('.chat-list-body');
      const gaps: number[] = [];
      let last = performance.now();
      for (let frame = 0; frame < 240 && body; frame++) {
        body.scrollTop += 120;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        gaps.push(now - last);
        last = now;
      }
      return { gaps: gaps.sort((a, b) => a - b), rows: document.querySelectorAll('.chat-row').length };
    });
    const { gaps, rows } = frames;
    print({
      ...{ metric: 'scroll', frames: gaps.length, rows, p50Ms: gaps[gaps.length >> 1] },
      p95Ms: gaps[Math.floor(gaps.length * 0.95)],
    });
  } finally {
    await app.close();
  }
}
