import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contract, type HearthHandlers } from '../../preload/contract/contract.ts';
import { createPortPair, serve, type Port } from '../../preload/wire/rpc.ts';
import { createLink, type Connection, type Link } from './link.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 0 }));
afterEach(() => void vi.useRealTimers());

interface Server {
  isUp: boolean;
  /** Pauses between the attempts so far, each in ms. */
  pauses(): readonly number[];
  attempts(): number;
  /** Streams that were opened on the far side. */
  streams(): number;
  cut(): void;
}

/** A link to a server that a test switches on and off. Time passes only when the test says so. */
function start(isUp: boolean): {
  link: Link;
  server: Server;
  states: Connection[];
  pass: (ms: number) => Promise<void>;
} {
  let streams = 0;
  let near: (Port & { close(): void }) | undefined;
  const times: number[] = [];
  const handlers = {
    async *'chat.watchList'(_: unknown, { signal }: { signal: AbortSignal }) {
      streams++;
      yield { type: 'snapshot', revision: 0, chats: [], folders: [] };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  } as unknown as HearthHandlers;
  const server: Server = {
    isUp,
    pauses: () => times.slice(1).map((time, index) => time - (times[index] ?? 0)),
    attempts: () => times.length,
    streams: () => streams,
    cut: () => near?.close(),
  };
  const link = createLink(() => {
    times.push(Date.now());
    if (!server.isUp) return Promise.reject(new Error('refused'));
    const [here, there] = createPortPair();
    serve(contract, handlers, there, (signal) => ({ signal }));
    near = here;
    return Promise.resolve(here);
  });
  const states: Connection[] = [];
  link.subscribe(() => states.push(link.connection()));
  return {
    link,
    server,
    states,
    pass: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
  };
}

describe('the pauses between attempts', () => {
  it('grow up to five seconds', async () => {
    const { server, pass } = start(false);
    await pass(25_000);
    expect(server.pauses()).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
  });

  it('are short again after each connection, however long the loss before it was', async () => {
    const { link, server, states, pass } = start(false);
    await pass(20_000);
    server.isUp = true;
    await pass(5000);
    expect(link.connection()).toBe('connected');
    server.cut();
    const before = server.attempts();
    await pass(300);
    expect(server.attempts()).toBe(before + 1);
    expect(link.connection()).toBe('connected');
    expect(states).toEqual(['lost', 'connected', 'lost', 'connected']);
  });

  it('end when the user asks for it, and nothing else does', async () => {
    const { link, server, pass } = start(true);
    await pass(50);
    link.retryNow();
    await pass(10_000);
    expect(server.attempts()).toBe(1);
    server.isUp = false;
    server.cut();
    await pass(20_000);
    server.isUp = true;
    const before = server.attempts();
    link.retryNow();
    await pass(50);
    expect([server.attempts() - before, link.connection()]).toEqual([1, 'connected']);
    // The pause that was cut short does not end a second time.
    await pass(10_000);
    expect(server.attempts() - before).toBe(1);
  });
});

it('a stream that is left while it waits for the connection opens nothing, and its reader is told the end', async () => {
  const { link, server, pass } = start(true);
  const left = link.client.stream('chat.watchList', {});
  const kept = link.client.stream('chat.watchList', {});
  const events = [left.next(), kept.next()];
  await left.return?.();
  await pass(50);
  expect(await events[0]).toEqual({ done: true, value: undefined });
  expect(await events[1]).toMatchObject({ value: { type: 'snapshot' } });
  expect(server.streams()).toBe(1);
});

it('a listener that has left hears nothing more, and one that leaves while it is told takes nobody along', async () => {
  const { link, server, pass } = start(true);
  const told: string[] = [];
  const leave = link.subscribe(() => {
    told.push('first');
    leave();
  });
  link.subscribe(() => told.push('second'));
  await pass(50);
  server.cut();
  await pass(1000);
  expect(told).toEqual(['first', 'second', 'second', 'second']);
});
