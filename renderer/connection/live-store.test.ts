import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ChatListEvent } from '../../preload/contract/chat.ts';
import { contract, type HearthHandlers } from '../../preload/contract/contract.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { createPortPair, serve } from '../../preload/wire/rpc.ts';
import { createLink, type Link } from './link.ts';
import { createLiveStore, type Live } from './live-store.ts';

/**
 * A server whose chat list is driven by the test. It uses real message ports, so that canceling and reconnecting are
 * real too.
 */
function createServer() {
  const open = new Set<{ push: (event: ChatListEvent) => void; fail: (error: AppError) => void }>();
  let opened = 0;
  let closePort = (): void => {};
  let refuse = false;

  async function* watchList(_: unknown, { signal }: { signal: AbortSignal }): AsyncGenerator<ChatListEvent> {
    opened++;
    const queue: (ChatListEvent | AppError)[] = [];
    let wake = (): void => {};
    const put = (item: ChatListEvent | AppError): void => {
      queue.push(item);
      wake();
    };
    const watcher = { push: put, fail: put };
    open.add(watcher);
    signal.addEventListener('abort', () => wake());
    try {
      while (!signal.aborted) {
        const next = queue.shift();
        if (next instanceof AppError) throw next;
        if (next) yield next;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      open.delete(watcher);
    }
  }
  const handlers = { 'chat.watchList': watchList } as unknown as HearthHandlers;

  const link: Link = createLink(() => {
    if (refuse) return Promise.reject(new Error('refused'));
    const [near, far] = createPortPair();
    serve(contract, handlers, far, (signal) => ({ signal }));
    closePort = () => near.close();
    return Promise.resolve(near);
  });
  return {
    link,
    store: createLiveStore(link),
    opened: () => opened,
    watching: () => open.size,
    push: (event: ChatListEvent) => open.forEach((watcher) => watcher.push(event)),
    fail: (error: AppError) => open.forEach((watcher) => watcher.fail(error)),
    cut: () => closePort(),
    refuse: (value: boolean) => void (refuse = value),
  };
}

const reduce = (ids: readonly string[], event: ChatListEvent): readonly string[] => {
  switch (event.type) {
    case 'snapshot':
      return event.chats.map(({ id }) => id);
    case 'chat':
      return [...ids, event.chat.id];
    case 'removed':
      return ids.filter((id) => id !== event.chatId);
    default:
      return ids;
  }
};
const chat = (id: string) => ({
  ...{ id, title: '', pinned: false, modelId: null, usesModelId: 'a/b/c.gguf' },
  ...{ createdAt: 0, updatedAt: 0, busy: false, folderId: null, archived: false, tags: [] },
});
const snapshot = (...ids: string[]): ChatListEvent => ({
  type: 'snapshot',
  revision: 1,
  chats: ids.map(chat),
  folders: [],
});

/** Waits until `holds`. */
const until = (holds: () => boolean): Promise<void> =>
  vi.waitUntil(holds, { timeout: 50_000, interval: 5 }).then(() => {});

const leaving: (() => void)[] = [];
afterEach(() => leaving.splice(0).forEach((leave) => leave()));

function watch(server: ReturnType<typeof createServer>) {
  const source = server.store.source('chat.watchList', {}, reduce, [] as readonly string[]);
  const seen: Live<readonly string[]>[] = [];
  const leave = source.subscribe(() => seen.push(source.get()));
  leaving.push(leave);
  return { source, seen, leave, value: () => source.get().value };
}

describe('live store', () => {
  it('folds a snapshot and the deltas after it', async () => {
    const server = createServer();
    const list = watch(server);
    expect(list.source.get().status).toBe('loading');
    await until(() => server.watching() === 1);
    server.push(snapshot('a'));
    server.push({ type: 'chat', revision: 2, chat: chat('b') });
    server.push({ type: 'removed', revision: 3, chatId: 'a' });
    await until(() => list.value()?.[0] === 'b');
    await until(() => list.seen.at(-1)?.value?.[0] === 'b');
  });

  it('tells of the first of many events at once, and of the last one of them', async () => {
    const server = createServer();
    const list = watch(server);
    await until(() => server.watching() === 1);
    server.push(snapshot());
    const ids = Array.from({ length: 500 }, (_, index) => `chat-${index}`);
    for (const id of ids) server.push({ type: 'chat', revision: 2, chat: chat(id) });
    await until(() => list.seen.at(-1)?.value?.length === ids.length);
    expect(list.seen[0]?.value).toEqual([]);
    // Each event would be a rendering of its own.
    expect(list.seen.length).toBeLessThan(ids.length / 5);
  });

  it('opens one stream for two subscribers, and closes it after the last one', async () => {
    const server = createServer();
    const first = watch(server);
    const second = watch(server);
    await until(() => server.watching() === 1);
    server.push(snapshot('a'));
    await until(() => second.value() !== undefined);
    expect(first.value()).toBe(second.value());
    first.leave();
    second.leave();
    await until(() => server.watching() === 0);
    expect(server.opened()).toBe(1);
  });

  it('keeps the stream when the last subscriber leaves and another one comes at once', async () => {
    const server = createServer();
    const first = watch(server);
    await until(() => server.watching() === 1);
    server.push(snapshot('a'));
    await until(() => first.value() !== undefined);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    first.leave();
    const second = watch(server);
    expect(second.value()).toEqual(['a']);
    // Longer than a stream without subscribers is kept open.
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    server.push({ type: 'chat', revision: 2, chat: chat('b') });
    await until(() => second.value()?.length === 2);
    expect(server.opened()).toBe(1);
    expect(server.watching()).toBe(1);
  });

  it('shows the old value while the connection is lost, and then starts from the new snapshot', async () => {
    const server = createServer();
    const list = watch(server);
    await until(() => server.watching() === 1);
    server.push(snapshot('a', 'b'));
    await until(() => list.value()?.length === 2);
    server.refuse(true);
    server.cut();
    await until(() => server.link.connection() === 'lost');
    expect(list.source.get()).toMatchObject({ status: 'ready', value: ['a', 'b'] });
    server.refuse(false);
    server.link.retryNow();
    await until(() => server.watching() === 1);
    expect(list.value()).toEqual(['a', 'b']);
    server.push(snapshot('c'));
    await until(() => list.value()?.[0] === 'c');
    expect(list.value()).toEqual(['c']);
  });

  it('keeps the last value beside an error, and opens again on retry', async () => {
    const server = createServer();
    const list = watch(server);
    await until(() => server.watching() === 1);
    server.push(snapshot('a'));
    server.fail(new AppError('store.corrupt', 'The data file is damaged.'));
    await until(() => list.source.get().status === 'error');
    expect(list.source.get()).toMatchObject({ value: ['a'], error: { code: 'store.corrupt' } });
    list.source.retry();
    await until(() => server.watching() === 1);
    server.push(snapshot('b'));
    await until(() => list.source.get().status === 'ready');
    expect(list.value()).toEqual(['b']);
  });

  it('opens a stream again that broke while the connection is there, once, with a new snapshot', async () => {
    const server = createServer();
    const list = watch(server);
    await until(() => server.watching() === 1);
    server.push(snapshot('a'));
    await until(() => list.value() !== undefined);
    // As when the next connection was there before the loss of the last one was noticed.
    server.fail(new AppError('disconnected', 'The connection to Hearth was lost.'));
    await until(() => server.opened() === 2 && server.watching() === 1);
    expect(list.source.get()).toMatchObject({ status: 'ready', value: ['a'] });
    server.push(snapshot('b'));
    await until(() => list.value()?.[0] === 'b');
    expect(list.seen.map(({ status }) => status)).not.toContain('error');
    // The next loss opens it once more, not twice.
    server.cut();
    server.link.retryNow();
    await until(() => server.opened() === 3 && server.watching() === 1);
    server.push(snapshot('c'));
    await until(() => list.value()?.[0] === 'c');
    expect([server.opened(), server.watching()]).toEqual([3, 1]);
  });

  it('goes on for a subscriber that stays when another one leaves', async () => {
    const server = createServer();
    const stays = watch(server);
    const leaves = watch(server);
    await until(() => server.watching() === 1);
    server.push(snapshot('a'));
    await until(() => stays.value() !== undefined);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    leaves.leave();
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    server.push({ type: 'chat', revision: 2, chat: chat('b') });
    await until(() => stays.value()?.length === 2);
    expect(server.opened()).toBe(1);
  });

  it('has a source for each input, and after the last subscriber a new one', async () => {
    const server = createServer();
    const source = (input: object) =>
      server.store.source('chat.watchList', input as Record<string, never>, reduce, [] as readonly string[]);
    const first = source({});
    expect(source({})).toBe(first);
    expect(source({ other: 1 })).not.toBe(first);
    const leave = first.subscribe(() => {});
    await until(() => server.watching() === 1);
    leave();
    await until(() => server.watching() === 0);
    expect(source({})).not.toBe(first);
  });

  it('starts from nothing with each stream, and closes the last one before it opens another', async () => {
    const server = createServer();
    const list = watch(server);
    await until(() => server.watching() === 1);
    server.push(snapshot('a'));
    await until(() => list.value() !== undefined);
    list.source.retry();
    await until(() => server.opened() === 2 && server.watching() === 1);
    // A delta before any snapshot, which a server does not send: what was folded before must not be in it.
    server.push({ type: 'chat', revision: 1, chat: chat('b') });
    await until(() => list.value()?.[0] === 'b');
    expect(list.value()).toEqual(['b']);
  });

  it('is loading again when a first try that failed is made once more', async () => {
    const server = createServer();
    const list = watch(server);
    await until(() => server.watching() === 1);
    server.fail(new AppError('store.corrupt', 'The data file is damaged.'));
    await until(() => list.source.get().status === 'error');
    list.source.retry();
    expect(list.source.get().status).toBe('loading');
  });

  it('opens nothing again for a screen that was left', async () => {
    const server = createServer();
    const list = watch(server);
    const other = server.store.source('chat.watchList', {}, (_: number, { revision }) => revision, 0);
    leaving.push(other.subscribe(() => {}));
    await until(() => server.watching() === 2);
    list.leave();
    await until(() => server.watching() === 1);
    expect(list.source.get().status).toBe('loading');
    list.source.retry();
    server.refuse(true);
    server.cut();
    await until(() => server.link.connection() === 'lost');
    server.refuse(false);
    server.link.retryNow();
    await until(() => server.watching() === 1);
    server.push(snapshot('b'));
    await until(() => other.get().value === 1);
    expect([server.opened(), server.watching()]).toEqual([3, 1]);
    expect(list.source.get().status).toBe('loading');
  });
});

describe('an earlier stream of a live store', () => {
  /** A store whose streams give or throw what the test says, whatever has become of them: the event is on its way by then. */
  function start() {
    const streams: PromiseWithResolvers<IteratorResult<ChatListEvent>>[] = [];
    const stream = () => {
      const next = Promise.withResolvers<IteratorResult<ChatListEvent>>();
      let asked = 0;
      streams.push(next);
      return {
        next: () => (asked++ === 0 ? next.promise : new Promise(() => {})),
        return: () => Promise.resolve({ done: true, value: undefined }),
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    };
    const link = { client: { stream }, subscribe: () => () => {}, connection: () => 'connected' } as unknown as Link;
    const source = createLiveStore(link).source('chat.watchList', {}, reduce, [] as readonly string[]);
    const seen: Live<readonly string[]>[] = [];
    leaving.push(source.subscribe(() => seen.push(source.get())));
    return { source, seen, streams };
  }

  it('adds nothing with an event that was on its way', async () => {
    const { source, seen, streams } = start();
    streams[0]?.resolve({ value: snapshot('a') });
    source.retry();
    await new Promise((resolve) => setTimeout(resolve));
    expect([streams.length, seen]).toEqual([2, []]);
  });

  it.each(['store.corrupt', 'disconnected'] as const)('fails with %s unheard', async (code) => {
    const { source, seen, streams } = start();
    streams[0]?.reject(new AppError(code, 'No.'));
    source.retry();
    await new Promise((resolve) => setTimeout(resolve));
    expect([streams.length, seen]).toEqual([2, []]);
  });
});

describe('link', () => {
  it('lets calls wait for the first connection and refuses them at once after a loss', async () => {
    const server = createServer();
    const answer = server.link.client.call('system.info', {}).catch((error: unknown) => error);
    // The test's server has no such handler; the test only needs to see that the route was called.
    expect(await answer).toMatchObject({ code: 'internal' });
    server.refuse(true);
    server.cut();
    await until(() => server.link.connection() === 'lost');
    await expect(server.link.client.call('system.info', {})).rejects.toMatchObject({ code: 'disconnected' });
  });

  it('closes a stream at once while its next event is pending', async () => {
    const server = createServer();
    const events = server.link.client.stream('chat.watchList', {});
    const pending = events.next();
    await until(() => server.watching() === 1);
    await events.return?.();
    await until(() => server.watching() === 0);
    expect(await pending).toMatchObject({ done: true });
  });
});
