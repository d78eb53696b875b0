/** Random and damaged frames for both ends of the protocol: a typed answer or none, and nothing that ends the process. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { contract, type HearthContract } from '../../../preload/contract/contract.ts';
import { errorCodes, isAppError } from '../../../preload/wire/errors.ts';
import { connect, isFrame, serve, type CallContext, type Frame, type Port } from '../../../preload/wire/rpc.ts';
import { cheapHandlers, damagedValue, oddInput, oddValue, routeNames, watchProcess } from '../../support/odd-calls.ts';
import { createRandom, pick, type Random } from '../../support/random.ts';

const SEED = 20_261_128;
const SERVED_FRAMES = 20_000;
const CLIENT_FRAMES = 8000;
const FRAMES_PER_PORT = 400;
const GROWN_BYTES_MAX = 60_000_000;

/** A port as of a WebSocket: what is not JSON or no frame never reaches the protocol. */
function textPort(onPost: (frame: Frame) => void): Port & { take(text: string): boolean; close(): void } {
  const frames: ((frame: Frame) => void)[] = [];
  const closes: (() => void)[] = [];
  return {
    post: (frame) => onPost(JSON.parse(JSON.stringify(frame)) as Frame),
    onFrame: (listener) => void frames.push(listener),
    onClose: (listener) => void closes.push(listener),
    take(text) {
      const frame: unknown = JSON.parse(text);
      if (!isFrame(frame)) return false;
      for (const listener of frames) listener(frame);
      return true;
    },
    close: () => closes.forEach((listener) => listener()),
  };
}

const oddRoutes = ['', '__proto__', 'constructor', 'toString', 'chat', 'x'.repeat(5000), '\ud800'];

function oddRequest(random: Random, id: number): unknown {
  const known = pick(random, [0, 1, id, id, id - 1, -1, 2 ** 53 - 1]);
  const route = pick(random, routeNames);
  switch (random(10)) {
    case 0:
      return { t: 'cancel', id: known };
    case 1:
      return { t: 'credit', id: known, n: pick(random, [1, 32, 64, 65, 0, -1, 1e9, 0.5]) };
    case 2:
      return { t: pick(random, ['ok', 'event', 'end', 'error', 'x', '__proto__']), id: known, error: oddValue(random) };
    case 3:
      return { t: pick(random, ['call', 'open']), id: known, route: pick(random, oddRoutes), input: oddValue(random) };
    case 4:
      return damagedValue({ t: 'call', id, route, input: oddInput(route, random) }, random);
    case 5:
      return { t: pick(random, ['call', 'open']), id, route, input: oddInput(route, random) };
    default:
      return { t: contract[route].kind === 'call' ? 'call' : 'open', id, route, input: oddInput(route, random) };
  }
}

it('answers every request once, with a result or a typed error', async () => {
  const random = createRandom(SEED);
  const { handlers, running, ran } = cheapHandlers(random);
  const watch = watchProcess();
  onTestFinished(watch.end);
  const counts = { frames: 0, refused: 0, requests: 0, ok: 0, event: 0, end: 0, error: 0 };
  const defects: unknown[] = [];
  let longest = 0;
  for (let round = 0; counts.frames < SERVED_FRAMES; round++) {
    const due = new Map<number, number>();
    const cancelled = new Set<number>();
    const credits: string[] = [];
    const port = textPort((frame) => {
      if (frame.t !== 'ok' && frame.t !== 'event' && frame.t !== 'end' && frame.t !== 'error')
        return void defects.push(frame);
      counts[frame.t]++;
      if (frame.t === 'event') return void credits.push(JSON.stringify({ t: 'credit', id: frame.id, n: 1 }));
      due.set(frame.id, (due.get(frame.id) ?? 0) - 1);
      if (frame.t !== 'error') return;
      longest = Math.max(longest, JSON.stringify(frame).length);
      if (!errorCodes.includes(frame.error.code) || frame.error.code === 'internal') defects.push(frame);
    });
    serve<HearthContract, CallContext>(
      contract,
      handlers,
      port,
      (signal) => ({ signal }),
      (route, error) => isAppError(error) || defects.push([route, error]),
    );
    for (let i = 1; i <= FRAMES_PER_PORT; i++) {
      const text = JSON.stringify(oddRequest(random, i)) ?? 'null';
      const frame = JSON.parse(text) as { t: string; id: number } | null;
      counts.frames++;
      // Noted before: an answer may come while the frame is taken.
      const isRequest = isFrame(frame) && (frame.t === 'call' || frame.t === 'open');
      if (isRequest) due.set(frame.id, (due.get(frame.id) ?? 0) + 1);
      if (isFrame(frame) && frame.t === 'cancel') cancelled.add(frame.id);
      if (isRequest) counts.requests++;
      if (!port.take(text)) counts.refused++;
      if (random(8) === 0) await nextTurn();
      while (random(2) === 0 && credits.length > 0) port.take(credits.shift() ?? '');
    }
    // Every other connection is lost with streams that wait for credit.
    if (round % 2 === 0) {
      for (let turns = 0; turns < 2 || credits.length > 0; turns++) {
        for (const credit of credits.splice(0)) port.take(credit);
        await nextTurn();
      }
      const wrong = [...due].filter(([id, left]) => (cancelled.has(id) ? left < 0 : left !== 0));
      expect(wrong).toEqual([]);
    }
    port.close();
    await nextTurn();
    expect(running()).toBe(0);
    if (round === 4) watch.settled();
  }
  console.log(`rpc served: seed ${SEED}, ${JSON.stringify(counts)}, longest error ${longest} bytes`);
  expect(defects).toEqual([]);
  expect(watch.errors).toEqual([]);
  expect(watch.grownBytes()).toBeLessThan(GROWN_BYTES_MAX);
  expect(longest).toBeLessThan(2000);
  // The inputs are no mere noise: handlers ran for a good part of them, and a good part was refused.
  expect(ran()).toBeGreaterThan(counts.requests / 10);
  expect(counts.error).toBeGreaterThan(counts.requests / 10);
});

it('settles every call and stream of a client, whatever is answered', async () => {
  const random = createRandom(SEED + 1);
  const watch = watchProcess();
  onTestFinished(watch.end);
  const counts = { frames: 0, refused: 0, answered: 0, failed: 0 };
  const defects: unknown[] = [];
  while (counts.frames < CLIENT_FRAMES) {
    const posted: Frame[] = [];
    const port = textPort((frame) => void posted.push(frame));
    const client = connect<HearthContract>(port);
    const work = Array.from({ length: 100 }, async (_, index) => {
      try {
        if (index % 2 === 0) await client.call('system.info', {});
        else for await (const event of client.stream('jobs.watch', {})) if (event === (1 as unknown)) break;
        counts.answered++;
      } catch (error) {
        counts.failed++;
        const isSound =
          isAppError(error) &&
          typeof error.message === 'string' &&
          Object.values(error.data).every((fact) => fact === null || typeof fact !== 'object');
        if (!isSound) defects.push(error);
      }
    });
    for (let i = 0; i < FRAMES_PER_PORT; i++) {
      counts.frames++;
      const t = pick(random, ['ok', 'event', 'event', 'end', 'error', 'error', 'call', 'credit', 'x']);
      const error = random(2) === 0 ? oddValue(random) : damagedValue({ code: 'busy', message: 'x', data: {} }, random);
      const answer = { t, id: random(110), output: oddValue(random), event: oddValue(random), error, n: 1, route: 'x' };
      if (!port.take(JSON.stringify(answer))) counts.refused++;
      if (random(8) === 0) await nextTurn();
    }
    port.close();
    await Promise.all(work);
  }
  console.log(`rpc client: seed ${SEED + 1}, ${JSON.stringify(counts)}`);
  expect(defects).toEqual([]);
  expect(watch.errors).toEqual([]);
  expect(Math.min(counts.answered, counts.failed)).toBeGreaterThan(100);
});
