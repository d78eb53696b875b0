import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHubClient } from '../../api/hub-client.ts';
import type { TransferContext, TransferOrder } from '../order.ts';
import { createPass, type Connection, type SegmentSink } from './pass.ts';
import { attempt, type Outcome } from './segment-attempt.ts';
import { createSegmentWriter } from './segment-writer.ts';

const STALL_MS = 30_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Asks for nine bytes. The server sends a third of them every `pauseMs`, and the speed limit lets a third pass every `limitMs`. */
async function receive(pauseMs: number, limitMs: number): Promise<{ outcome: Outcome; bytes: number[] }> {
  const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const client = createHubClient({
    ...{ endpoint: () => 'https://hub.example', token: () => null, offlineBy: null },
    ...{ now: () => 0, sleep: () => Promise.resolve() },
    fetch(_input, init) {
      let sent = 0;
      const body = new ReadableStream<Uint8Array>(
        {
          start: (controller) => init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason)),
          async pull(controller) {
            await pass(pauseMs);
            if (init?.signal?.aborted === true) return;
            controller.enqueue(new Uint8Array(3).fill(++sent));
            if (sent === 3) controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      return Promise.resolve(new Response(body, { headers: { 'content-length': '9' } }));
    },
  });
  const bytes = Array<number>(9).fill(0);
  const sink: SegmentSink = {
    ...{ done: [], entityTag: null, phase: 'receiving', reset: () => Promise.resolve() },
    write: (position, some) => {
      some.forEach((byte, index) => (bytes[position + index] = byte));
      return Promise.resolve();
    },
  };
  const context: TransferContext = {
    ...{ client, stallMs: STALL_MS, segmentBytes: null, maxConnections: 1 },
    clock: { now: () => 0, elapsedMs: () => 0, sleep: () => Promise.resolve() },
    bucket: { take: () => pass(limitMs) },
    openFile: () => Promise.reject(new Error('nothing is opened')),
  };
  const { signal } = new AbortController();
  const order: TransferOrder = {
    ...{ repoId: 'a/b', path: 'x.gguf', url: 'https://hub.example/x', sizeBytes: 9, partialFile: 'x', signal },
    ...{ hash: { kind: 'sha256', hex: 'a'.repeat(64) }, onProgress: () => {}, log: () => {} },
  };
  const connection: Connection = {
    segment: { start: 0, end: 9, failures: 0 },
    atBytes: 0,
    isReceiving: false,
    writer: createSegmentWriter((position, some) => sink.write(position, some)),
  };
  const work = attempt(context, order, sink, createPass(1), connection, signal, { receivedBytes: 0 });
  let outcome: Outcome | undefined;
  void work.then((value) => (outcome = value));
  while (outcome === undefined) await vi.advanceTimersByTimeAsync(1000);
  return { outcome, bytes };
}

describe('a server', () => {
  it('is not taken for stalled while the speed limit makes it wait', async () => {
    const { outcome, bytes } = await receive(0, 3 * STALL_MS);
    expect(outcome).toEqual({ kind: 'done' });
    expect(bytes).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
  });

  it('is not stalled while it sends anything within the time', async () => {
    expect((await receive(STALL_MS - 5000, 0)).outcome).toEqual({ kind: 'done' });
  });

  it('is stalled when it sends nothing for that long', async () => {
    expect((await receive(STALL_MS + 5000, 0)).outcome).toMatchObject({ problem: { kind: 'stalled' } });
  });
});
