import { describe, expect, it } from 'vitest';
import { createFeed, type FeedReader } from './feed.ts';

interface Progress {
  readonly of: string;
  readonly percent: number;
}
const at = (of: string, percent: number): Progress => ({ of, percent });
/** Of each thing only the latest counts. */
const latest = (waiting: Progress, next: Progress): Progress | undefined => (waiting.of === next.of ? next : undefined);

/** What a reader that is closed finds waiting. */
async function rest<T>(reader: FeedReader<T>): Promise<T[]> {
  reader.close();
  const events: T[] = [];
  for await (const event of reader) events.push(event);
  return events;
}
const never = new AbortController().signal;

describe('a slow reader', () => {
  it('gets a merged event in the place of the last one, and everything before it as it was', async () => {
    const feed = createFeed(latest);
    const reader = feed.open(never);
    for (const event of [at('a', 1), at('b', 1), at('b', 2), at('a', 2), at('a', 3)]) feed.publish(event);
    expect(await rest(reader)).toEqual([at('a', 1), at('b', 2), at('a', 3)]);
  });

  it('merges into nothing that it has taken, and does not change what others have', async () => {
    const feed = createFeed(latest);
    const [slow, quick] = [feed.open(never), feed.open(never)];
    const taken = quick[Symbol.asyncIterator]();
    feed.publish(at('a', 1));
    expect((await taken.next()).value).toEqual(at('a', 1));
    feed.publish(at('a', 2));
    expect((await taken.next()).value).toEqual(at('a', 2));
    expect(await rest(slow)).toEqual([at('a', 2)]);
  });

  it('gets every event where nothing is merged', async () => {
    const feed = createFeed<number>();
    const reader = feed.open(never);
    for (const event of [1, 1, 2]) feed.publish(event);
    expect(await rest(reader)).toEqual([1, 1, 2]);
  });
});

describe('a reader', () => {
  it('that waits is told of each event, and ends with its signal', async () => {
    const feed = createFeed<number>();
    const abort = new AbortController();
    const events = feed.open(abort.signal)[Symbol.asyncIterator]();
    const [first, end] = [events.next(), events.next()];
    feed.publish(1);
    expect(await first).toEqual({ done: false, value: 1 });
    expect(feed.size()).toBe(1);
    abort.abort();
    expect(await end).toEqual({ done: true, value: undefined });
    expect(feed.size()).toBe(0);
    feed.publish(2);
  });

  it('is forgotten when its loop is left, and one that was opened too late is none', async () => {
    const feed = createFeed<number>();
    const reader = feed.open(never);
    feed.publish(1);
    for await (const event of reader) {
      expect(event).toBe(1);
      break;
    }
    expect(feed.size()).toBe(0);
    expect(await rest(feed.open(AbortSignal.abort()))).toEqual([]);
    expect(feed.size()).toBe(0);
  });
});
