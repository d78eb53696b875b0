/** The serving side against callers that cancel, go, ask twice or too much, frame by frame. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { AppError, encodeError } from './errors.ts';
import { call, connect, createPortPair, serve, stream, type CallContext, type Frame, type Handlers } from './rpc.ts';

const table = {
  'math.wait': call(z.strictObject({})).returns<string>(),
  'math.count': stream(z.strictObject({})).emits<number>(),
};
type Table = typeof table;

/** A server, and its client's frames one by one. */
function start(handlers: Partial<Handlers<Table>> = {}) {
  const [near, far] = createPortPair();
  const failures: string[] = [];
  serve<Table, CallContext>(
    table,
    { 'math.wait': () => 'x', async *'math.count'() {}, ...handlers },
    far,
    (signal) => ({ signal }),
    (route) => failures.push(route),
  );
  const answers: Frame[] = [];
  near.onFrame((frame) => answers.push(frame));
  const of = (id: number): string[] => answers.filter((frame) => frame.id === id).map(({ t }) => t);
  return { near, answers, of, failures };
}
/** Lets all frames arrive, and what they cause. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Events without an end; says how many were made and whether its generator was left. */
function counter() {
  const seen = { made: 0, isLeft: false };
  const handlers: Partial<Handlers<Table>> = {
    async *'math.count'() {
      try {
        // With an end, so that a stream that nobody holds back fails here instead of going on for ever.
        while (seen.made < 10_000) yield ++seen.made;
      } finally {
        seen.isLeft = true;
      }
    },
  };
  return { seen, handlers };
}

it.each([
  ['cancels', (near: ReturnType<typeof createPortPair>[0]) => near.post({ t: 'cancel', id: 1 })],
  ['goes', (near: ReturnType<typeof createPortPair>[0]) => near.close()],
])('a stream that waits for its reader is left when the reader %s', async (_how, leave) => {
  const { seen, handlers } = counter();
  const { near } = start(handlers);
  near.post({ t: 'open', id: 1, route: 'math.count', input: {} });
  await settle();
  expect(seen).toEqual({ made: 64, isLeft: false });
  leave(near);
  await settle();
  expect(seen).toEqual({ made: 64, isLeft: true });
});

it('a reader has no more credit than the window, whatever it gives', async () => {
  const { seen, handlers } = counter();
  const { near } = start(handlers);
  near.post({ t: 'open', id: 1, route: 'math.count', input: {} });
  await settle();
  for (const n of [64, 64, 64, 1e9, -5, 0, NaN, 65]) near.post({ t: 'credit', id: 1, n });
  await settle();
  // Three windows that were given at once, while at most one had been sent, are one or two; not a billion.
  expect(seen.made).toBeGreaterThan(64);
  expect(seen.made).toBeLessThanOrEqual(64 * 4);
  const before = seen.made;
  await settle();
  expect(seen.made).toBe(before);
});

it('credit that is given before any event does not add up', async () => {
  const { seen, handlers } = counter();
  const { near } = start(handlers);
  near.post({ t: 'open', id: 1, route: 'math.count', input: {} });
  // In one turn with the opening: nothing has been sent yet.
  for (let times = 0; times < 50; times++) near.post({ t: 'credit', id: 1, n: 64 });
  await settle();
  expect(seen.made).toBeLessThanOrEqual(64 * 4);
});

it('an id that is in use is refused, and the first request of it goes on', async () => {
  const gate = Promise.withResolvers<string>();
  let calls = 0;
  const { near, answers, of } = start({ 'math.wait': () => (calls++, gate.promise) });
  for (let times = 0; times < 2; times++) near.post({ t: 'call', id: 7, route: 'math.wait', input: {} });
  await settle();
  expect([calls, answers]).toMatchObject([1, [{ t: 'error', id: 7, error: { code: 'busy' } }]]);
  gate.resolve('late');
  await settle();
  expect(answers.at(-1)).toEqual({ t: 'ok', id: 7, output: 'late' });
  // Free again.
  near.post({ t: 'call', id: 7, route: 'math.wait', input: {} });
  await settle();
  expect(of(7)).toEqual(['error', 'ok', 'ok']);
});

it('takes 512 requests at once and refuses more, streams that have ended not counted', async () => {
  const gate = Promise.withResolvers<string>();
  const { near, of, answers } = start({ 'math.wait': () => gate.promise });
  for (let id = 1; id <= 600; id++) near.post({ t: 'open', id, route: 'math.count', input: {} });
  await settle();
  near.post({ t: 'open', id: 601, route: 'math.count', input: {} });
  await settle();
  expect(of(601)).toEqual(['end']);
  answers.length = 0;
  for (let id = 1001; id <= 1513; id++) near.post({ t: 'call', id, route: 'math.wait', input: {} });
  await settle();
  expect(answers).toMatchObject([{ t: 'error', id: 1513, error: { code: 'busy' } }]);
  gate.resolve('x');
  await settle();
  expect(answers.filter(({ t }) => t === 'ok')).toHaveLength(512);
});

it('answers nothing to what was cancelled, whether it ends well or not, and reports no failure of it', async () => {
  const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let calls = 0;
  const { near, answers, failures } = start({ 'math.wait': () => gates[calls++]?.promise ?? '' });
  for (const id of [1, 2]) near.post({ t: 'call', id, route: 'math.wait', input: {} });
  await settle();
  for (const id of [1, 2]) near.post({ t: 'cancel', id });
  await settle();
  gates[0]?.resolve('late');
  gates[1]?.reject(new Error('aborted'));
  await settle();
  expect([answers, failures]).toEqual([[], []]);
});

it('a call whose signal has fired is not sent, and one that ended leaves no listener on its signal', async () => {
  let calls = 0;
  const { near } = start({ 'math.wait': () => (calls++, 'x') });
  const client = connect<Table>(near);
  await expect(client.call('math.wait', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'cancelled',
  });
  await settle();
  expect(calls).toBe(0);
  const abort = new AbortController();
  const counts = { added: 0, removed: 0 };
  const { signal } = abort;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (counts.added++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (counts.removed++, remove(...args));
  await client.call('math.wait', {}, { signal });
  for await (const _ of client.stream('math.count', {}, { signal }));
  expect(counts).toEqual({ added: 2, removed: 2 });
});

it('a reader that leaves gets nothing more of what has arrived', async () => {
  const { near } = start(counter().handlers);
  const events = connect<Table>(near).stream('math.count', {});
  expect((await events.next()).value).toBe(1);
  await settle();
  await events.return?.();
  expect(await events.next()).toEqual({ done: true, value: undefined });
});

it('events that came before an error are read before it', async () => {
  const { near } = start({
    async *'math.count'() {
      yield 1;
      yield 2;
      throw new AppError('not_found', 'Gone.');
    },
  });
  const events = connect<Table>(near).stream('math.count', {});
  const first = events.next();
  await settle();
  expect((await first).value).toBe(1);
  expect((await events.next()).value).toBe(2);
  await expect(events.next()).rejects.toMatchObject({ code: 'not_found' });
});

it('an abort crosses as one, and is no defect', () => {
  expect(encodeError(AbortSignal.abort().reason)).toEqual({ code: 'cancelled', message: 'Cancelled.' });
});
