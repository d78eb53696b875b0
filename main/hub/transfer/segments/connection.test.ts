import { describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, PROGRESS_BYTES, type TransferProblem } from '../transfer-state.ts';
import { createHubClient } from '../../api/hub-client.ts';
import type { ByteRange } from '../byte-ranges.ts';
import { addRange } from '../byte-ranges.ts';
import type { TransferContext, TransferOrder } from '../order.ts';
import { planRetry, runConnection, type FailedAttempt, type PassWork } from './connection.ts';
import { createPass, type Connection, type SegmentSink } from './pass.ts';
import { createSegmentWriter } from './segment-writer.ts';

const cut: TransferProblem = { kind: 'cut' };
const busy = (retryAfterMs: number | null): TransferProblem => ({
  kind: 'status',
  status: 503,
  fromHub: false,
  retryAfterMs,
});
const failed = (facts: Partial<FailedAttempt> = {}): FailedAttempt => ({
  problem: cut,
  receivedBytes: 0,
  segment: { start: 0, end: 1000, failures: 0 },
  atBytes: 0,
  connections: 2,
  ...facts,
});
const plan = (facts: Partial<FailedAttempt> = {}): ReturnType<typeof planRetry> => planRetry(failed(facts), 0.5);

describe('a segment whose request failed', () => {
  it('goes to another connection after its first failure', () => {
    expect(plan()).toEqual({ failures: 1, delayMs: 500, concernsAll: false, isHandedOver: true });
  });

  it('waits with its own connection after the second, and where there is no other', () => {
    const second = plan({ segment: { start: 0, end: 1000, failures: 1 } });
    expect(second).toEqual({ failures: 2, delayMs: 1000, concernsAll: false, isHandedOver: false });
    expect(plan({ connections: 1 }).isHandedOver).toBe(false);
  });

  it('begins to count again when enough of it came', () => {
    const segment = { start: 0, end: 1_000_000, failures: 4 };
    expect(plan({ segment, receivedBytes: PROGRESS_BYTES - 1 }).failures).toBe(5);
    expect(plan({ segment, receivedBytes: PROGRESS_BYTES, atBytes: PROGRESS_BYTES })).toMatchObject({
      failures: 1,
      isHandedOver: true,
    });
  });

  it('is not handed over when all of it came', () => {
    expect(plan({ atBytes: 1000 }).isHandedOver).toBe(false);
  });

  it('waits with all connections when the server names a time', () => {
    expect(plan({ problem: busy(9000) })).toEqual({
      failures: 1,
      delayMs: 9000,
      concernsAll: true,
      isHandedOver: false,
    });
    expect(plan({ problem: busy(null) })).toMatchObject({ concernsAll: false, isHandedOver: true });
  });

  it('is given up after too many failures', () => {
    const segment = { start: 0, end: 1000, failures: MAX_ATTEMPTS - 1 };
    expect(plan({ segment }).delayMs).toBeNull();
  });
});

describe('two connections of a pass', () => {
  /**
   * Fetches two segments at once and then a third; `refusal` answers the first request. Bodies have `extraBytes` of 9 after the bytes
   * of their segment, in the same chunk.
   */
  async function fetchThree(
    refusal: () => Response,
    extraBytes = 0,
  ): Promise<{ events: string[]; done: readonly ByteRange[]; file: Uint8Array }> {
    const events: string[] = [];
    const abort = new AbortController();
    const opened = Promise.withResolvers<void>();
    const hubClient = createHubClient({
      endpoint: () => 'https://hub.example',
      token: () => null,
      fetch: (_input, init) => {
        const range = new Headers(init?.headers).get('range') ?? '';
        events.push(`asked for ${range}`);
        if (events.length === 1) return Promise.resolve(refusal());
        const [start = 0, last = 0] = [...range.matchAll(/\d+/g)].map(Number);
        const headers = { 'content-range': `bytes ${String(start)}-${String(last)}/300` };
        const body = new Uint8Array(last - start + 1 + extraBytes).fill(9);
        return Promise.resolve(new Response(body.fill(1, 0, last - start + 1), { status: 206, headers }));
      },
      offlineBy: null,
      now: () => 0,
      sleep: () => Promise.resolve(),
    });
    let done: readonly ByteRange[] = [];
    const file = new Uint8Array(400);
    const sink: SegmentSink = {
      get done() {
        return done;
      },
      entityTag: null,
      phase: 'receiving',
      write(position, bytes) {
        for (const [index, byte] of bytes.entries()) file[position + index] = byte;
        done = addRange(done, { start: position, end: position + bytes.byteLength });
        return Promise.resolve();
      },
      reset: () => Promise.resolve(),
    };
    const context: TransferContext = {
      client: hubClient,
      clock: {
        now: () => 0,
        elapsedMs: () => 0,
        async sleep(ms) {
          events.push(`waits ${String(ms)} ms`);
          await opened.promise;
        },
      },
      stallMs: 60_000,
      bucket: { take: () => Promise.resolve() },
      segmentBytes: null,
      maxConnections: 4,
      openFile: () => Promise.reject(new Error('nothing is opened')),
    };
    const order: TransferOrder = {
      repoId: 'a/b',
      path: 'x.gguf',
      url: 'https://hub.example/x',
      sizeBytes: 300,
      hash: { kind: 'sha256', hex: 'a'.repeat(64) },
      partialFile: 'x',
      signal: abort.signal,
      onProgress: () => {},
      log: () => {},
    };
    const pass = createPass(4);
    // Four may run, and two after the refusal.
    pass.count.sample(0, 1_000, 1);
    pass.count.sample(0, 4_000, 2);
    const left = [{ start: 200, end: 300, failures: 0 }];
    const work: PassWork = {
      context,
      order,
      sink,
      pass,
      signal: abort.signal,
      report: () => {},
      claim() {
        const next = pass.returned.shift() ?? left.shift() ?? null;
        if (next?.start === 200) {
          events.push('free for more');
          setImmediate(() => {
            events.push('time is up');
            opened.resolve();
          });
        }
        return next;
      },
    };
    const connections = [0, 100].map((start): Connection => {
      const segment = { start, end: start + 100, failures: 0 };
      const writer = createSegmentWriter((position, bytes) => sink.write(position, bytes));
      return { segment, atBytes: start, isReceiving: false, writer };
    });
    for (const connection of connections) pass.connections.add(connection);
    await Promise.all(connections.map((connection) => runConnection(work, connection)));
    return { events, done, file };
  }
  const refused = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });

  it.each([429, 503])('both wait when one is told a time with status %i', async (status) => {
    const { events, done } = await fetchThree(() => refused(status, { 'retry-after': '60' }));
    expect(events).toEqual([
      'asked for bytes=0-99',
      'asked for bytes=100-199',
      'waits 60000 ms',
      'free for more',
      'time is up',
      expect.stringContaining('asked for bytes='),
      expect.stringContaining('asked for bytes='),
    ]);
    expect(done).toEqual([{ start: 0, end: 300 }]);
  });

  it('go on beside each other when no time is named', async () => {
    const { events, done } = await fetchThree(() => refused(429));
    const late = events.slice(events.indexOf('time is up'));
    expect(events.filter((event) => event.startsWith('asked'))).toHaveLength(4);
    expect(late.filter((event) => event.startsWith('asked')).length).toBeLessThan(2);
    expect(done).toEqual([{ start: 0, end: 300 }]);
  });

  it('write no byte behind their segment, however long the body is', async () => {
    const { done, file } = await fetchThree(() => refused(500), 50);
    expect(done).toEqual([{ start: 0, end: 300 }]);
    expect(file).toEqual(new Uint8Array(400).fill(1, 0, 300));
  });
});
