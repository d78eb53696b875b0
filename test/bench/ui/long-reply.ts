/**
 * A reply of 60,000 characters with maths and code at 300 tokens/s, from a server on loopback: how long the page's tasks take, how long a key in
 * the composer waits meanwhile, and whether the text that somebody reads stays where it is.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { newPage, openHash, sharedBrowser } from '../../e2e/harness.ts';
import { delta, startOpenAiServer, usage, type Answer } from '../../support/openai-server.ts';
import { input } from '../../support/remote-setup.ts';
import { serveForBench } from '../served-app.ts';
import { LONG_REPLY_CHARS, longMarkdown } from './long-markdown.ts';

const TOKENS_PER_SECOND = 300;
/** English text has about four characters a token. */
const CHARS_PER_TOKEN = 4;
/** A person who types fast: 8 keys a second. */
const KEY_INTERVAL_MS = 125;

/** Writes the text at the speed, by the clock: a late timer is made up for. */
const paced: Answer = async (_request, response) => {
  const text = longMarkdown(LONG_REPLY_CHARS);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const tokens = Math.ceil(text.length / CHARS_PER_TOKEN);
  const begun = performance.now();
  for (let sent = 0; sent < tokens && !response.destroyed;) {
    const due = Math.min(tokens, Math.floor(((performance.now() - begun) / 1000) * TOKENS_PER_SECOND) + 1);
    for (; sent < due; sent++) {
      const content = text.slice(sent * CHARS_PER_TOKEN, (sent + 1) * CHARS_PER_TOKEN);
      response.write(`data: ${JSON.stringify(delta({ content }))}\n\n`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  for (const value of [delta({}, 'stop'), usage(10, tokens)]) response.write(`data: ${JSON.stringify(value)}\n\n`);
  response.end('data: [DONE]\n\n');
};

interface Observed {
  /** Tasks over 50 ms: when they began, and how long they took. */
  readonly tasks: readonly { readonly at: number; readonly ms: number }[];
  /** From each key's own time until its handlers had run. */
  readonly keys: readonly number[];
  /** From each key's own time until the next frame was painted. */
  readonly painted: readonly number[];
  /** From one frame to the next. */
  readonly frames: readonly number[];
}

/** Starts to observe the page; what was seen is read by `observed`. */
async function observe(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen = {
      tasks: [] as { at: number; ms: number }[],
      keys: [] as number[],
      painted: [] as number[],
      frames: [] as number[],
    };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) seen.tasks.push({ at: startTime, ms: duration });
    }).observe({ type: 'longtask' });
    let pressedAt = 0;
    // The time of a key event is that of the browser's process: a task that kept the page busy counts.
    addEventListener('keydown', ({ timeStamp }) => (pressedAt = timeStamp), { capture: true });
    // `input` is the last event of a key, and React has rendered when its handlers are through.
    addEventListener('input', () => {
      const at = pressedAt;
      queueMicrotask(() => {
        seen.keys.push(performance.now() - at);
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => seen.painted.push(performance.now() - at);
          port2.postMessage(null);
        });
      });
    });
    let last = performance.now();
    const frame = (now: number): void => {
      seen.frames.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

const observed = async (page: Page): Promise<Observed> => (await page.evaluate('window.seen')) as Observed;

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
}

/** Where the first heading of the reply stands in the window. */
const placeOfReader = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelector('.chat-reply h2')?.getBoundingClientRect().top ?? NaN);

/** The reply's first characters have been shown, and its end has not. */
async function untilWritten(page: Page, chars: number): Promise<void> {
  await page.waitForFunction(
    (least) => (document.querySelector('.chat-reply')?.textContent ?? '').length >= least,
    chars,
    { polling: 100 },
  );
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** In microseconds: since the trace began, and of the thread's own processor time. */
  readonly ts: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/**
 * The processor time of each task of the page's thread, in milliseconds, longest first. Unlike the time on the clock it is the same while other
 * programs use the processor.
 */
function taskTimes(trace: Buffer): readonly number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const pages = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents
    .filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && pages.has(`${pid} ${tid}`))
    .map(({ tdur }) => (tdur ?? 0) / 1000)
    .sort((a, b) => b - a);
}

/** Prints the figures of the reply. Targets: no task over 50 ms after the first second, keys at p95 within 16 ms, no movement. */
export async function longReply(print: (line: object) => void): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-ui-'));
  const remote = await startOpenAiServer('unknown');
  remote.always('/v1/chat/completions', paced);
  const app = await serveForBench(folder);
  try {
    await app.client.call('providers.save', input(remote.url));
    const page = await newPage();
    await page.goto(app.address);
    const composer = page.getByRole('textbox', { name: 'Message' });
    await composer.waitFor();
    const { chatId } = await app.client.call('chat.send', {
      chat: { fresh: { modelId: 'remote--test/a-model', systemPrompt: '', sampling: null, contextPolicy: null } },
      parts: [{ type: 'text', text: 'Tell me everything.' }],
    });
    await openHash(page, `#/chat/${chatId}`);
    await untilWritten(page, 40);
    const begun = performance.now();
    await page.waitForTimeout(1_000);
    await observe(page);
    const browser = await sharedBrowser();
    await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
    await composer.click();
    const typing = page.keyboard.type('The quick brown fox jumps over the lazy dog, and again it does. '.repeat(4), {
      delay: KEY_INTERVAL_MS,
    });
    // A reader scrolls up while the rest is written.
    await untilWritten(page, 20_000);
    await page.evaluate(() => {
      const scroller = document.querySelector('.chat-scroll');
      if (scroller) scroller.scrollTop = Math.round(scroller.scrollHeight / 3);
    });
    await page.waitForTimeout(200);
    const before = await placeOfReader(page);
    await typing;
    await page.locator('.chat-reply[data-status=complete]').waitFor();
    const wholeMs = Math.round(performance.now() - begun);
    const moved = Math.abs((await placeOfReader(page)) - before);
    await page.waitForTimeout(500);
    const seen = await observed(page);
    const cpu = taskTimes(await browser.stopTracing());
    const tasks = seen.tasks.map(({ ms }) => Math.round(ms));
    print({
      ...{ what: 'long reply: tasks over 50 ms after the first second', count: tasks.length, target: 0 },
      ...{ longestMs: Math.max(0, ...tasks), longestCpuMs: cpu.slice(0, 3).map(Math.round) },
      ...{ overByCpu: cpu.filter((ms) => ms > 50).length, tasks: cpu.length, load: Math.round(os.loadavg()[0] ?? 0) },
      ...{ chars: LONG_REPLY_CHARS, tokensPerSecond: TOKENS_PER_SECOND, wholeMs },
    });
    print({
      ...{ what: 'long reply: from a key to its text', keys: seen.keys.length, targetP95Ms: 16 },
      ...{ p50Ms: percentile(seen.keys, 0.5), p95Ms: percentile(seen.keys, 0.95), maxMs: percentile(seen.keys, 1) },
      ...{ paintedP50Ms: percentile(seen.painted, 0.5), paintedP95Ms: percentile(seen.painted, 0.95) },
    });
    print({
      ...{ what: 'long reply: frames', p50Ms: percentile(seen.frames, 0.5), p95Ms: percentile(seen.frames, 0.95) },
      ...{ p99Ms: percentile(seen.frames, 0.99), maxMs: percentile(seen.frames, 1) },
    });
    print({ what: 'long reply: movement of the text that is read', px: Math.round(moved * 10) / 10, target: 0 });
    await page.context().close();
  } finally {
    await app.close();
    await remote.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
