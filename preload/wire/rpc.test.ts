import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError, decodeError, isAppError, type ErrorCode } from './errors.ts';
import {
  call,
  callOnce,
  connect,
  createPortPair,
  isFrame,
  serve,
  stream,
  type CallContext,
  type Handlers,
} from './rpc.ts';

const table = {
  'math.half': call(z.strictObject({ of: z.number() })).returns<number>(),
  'math.wait': call(z.strictObject({})).returns<string>(),
  'math.count': stream(z.strictObject({ to: z.int().min(0).default(3) })).emits<{ n: number }>(),
};
type Table = typeof table;

// What the compiler must refuse. Each line is an error; were it none, the check of types would fail.
const full: Handlers<Table> = {
  'math.half': ({ of }) => of / 2,
  'math.wait': () => 'x',
  'math.count': async function* () {},
};
// @ts-expect-error a missing handler
export const missing: Handlers<Table> = { 'math.half': ({ of }) => of / 2, 'math.wait': () => 'x' };
// @ts-expect-error a handler that no route has
export const extra: Handlers<Table> = { ...full, 'math.double': () => 4 };
// @ts-expect-error a wrong answer
export const wrongOutput: Handlers<Table> = { ...full, 'math.half': () => 'two' };
// @ts-expect-error a wrong input
export const wrongInput: Handlers<Table> = { ...full, 'math.half': (input: { of: string }) => input.of.length };
// @ts-expect-error a call in place of a stream
export const wrongKind: Handlers<Table> = { ...full, 'math.count': () => ({ n: 1 }) };

const code = (wanted: ErrorCode) => (error: unknown) => isAppError(error, wanted);

function start(handlers: Partial<Handlers<Table>> = {}) {
  const [near, far] = createPortPair();
  const defects: string[] = [];
  const failures: string[] = [];
  serve<Table, CallContext>(
    table,
    { ...full, ...handlers } as Handlers<Table>,
    far,
    (signal) => ({ signal }),
    (route, error) => {
      failures.push(route);
      if (!isAppError(error)) defects.push(route);
    },
  );
  return { client: connect<Table>(near), near, defects, failures };
}

describe('calls', () => {
  it('answer, validate, and carry typed errors', async () => {
    const { client, defects, failures } = start({
      'math.wait': () => {
        throw new AppError('disk.full', 'No room.', { neededBytes: 7 });
      },
    });
    expect(await client.call('math.half', { of: 8 })).toBe(4);
    await expect(client.call('math.wait', {})).rejects.toMatchObject({
      code: 'disk.full',
      message: 'No room.',
      data: { neededBytes: 7 },
    });
    await expect(client.call('math.half', { of: 'x' as never })).rejects.toMatchObject({
      code: 'invalid_input',
      data: { field: 'of' },
    });
    await expect(client.call('math.half', { of: 1, also: 2 } as never)).rejects.toSatisfy(code('invalid_input'));
    expect(defects).toEqual([]);
    expect(failures).toEqual(['math.wait', 'math.half', 'math.half']);
  });

  it('reach no route that the table has not, the prototype’s included', async () => {
    const { client } = start();
    for (const route of ['nope', 'constructor', '__proto__', 'toString', 'math.count'])
      await expect(client.call(route as 'math.half', { of: 1 })).rejects.toSatisfy(code('not_found'));
    await expect(
      callOnce(table, full, 'hasOwnProperty', {}, { signal: new AbortController().signal }),
    ).rejects.toSatisfy(code('not_found'));
  });

  it('report a defect, and tell the caller its message alone', async () => {
    const { client, defects } = start({
      'math.half': () => {
        throw new TypeError('of undefined');
      },
    });
    await expect(client.call('math.half', { of: 1 })).rejects.toMatchObject({
      code: 'internal',
      message: 'of undefined',
    });
    expect(defects).toEqual(['math.half']);
  });

  it('are cancelled through to the handler', async () => {
    let seen = false;
    const { client } = start({
      'math.wait': (_input, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            seen = true;
            reject(new Error('aborted'));
          }),
        ),
    });
    const abort = new AbortController();
    const waiting = client.call('math.wait', {}, { signal: abort.signal });
    await client.call('math.half', { of: 1 });
    abort.abort();
    await expect(waiting).rejects.toSatisfy(code('cancelled'));
    await client.call('math.half', { of: 1 });
    expect(seen).toBe(true);
  });
});

describe('streams', () => {
  it('emit in order until the end, with the schema’s defaults', async () => {
    const { client } = start({
      async *'math.count'({ to }) {
        for (let n = 1; n <= to; n++) yield { n };
      },
    });
    const got: number[] = [];
    for await (const { n } of client.stream('math.count', {} as { to: number })) got.push(n);
    expect(got).toEqual([1, 2, 3]);
    const many: number[] = [];
    for await (const { n } of client.stream('math.count', { to: 1000 })) many.push(n);
    expect(many.length).toBe(1000);
  });

  it('wait for a reader that does not read', async () => {
    let made = 0;
    const { client } = start({
      async *'math.count'() {
        // With an end, so that a stream that does not wait fails here instead of going on for ever.
        while (made < 100_000) yield { n: ++made };
      },
    });
    const reader = client.stream('math.count', { to: 0 });
    await reader.next();
    // Many turns of the event loop: a handler that nobody holds back would go on in each of them.
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeLessThan(200);
    for (let i = 0; i < 500; i++) await reader.next();
    expect(made).toBeGreaterThan(500);
    await reader.return?.();
  });

  it('end the handler when the reader leaves', async () => {
    let left = false;
    const { client } = start({
      async *'math.count'(_input, { signal }) {
        try {
          yield { n: 1 };
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        } finally {
          left = true;
        }
      },
    });
    for await (const _ of client.stream('math.count', { to: 1 })) break;
    await client.call('math.half', { of: 1 });
    expect(left).toBe(true);
  });

  it('carry an error after events, and everything settles when the connection goes', async () => {
    const { client, near } = start({
      async *'math.count'({ to }) {
        yield { n: 1 };
        if (to === 1) throw new AppError('not_found', 'Gone.');
        await new Promise(() => {});
      },
      'math.wait': () => new Promise(() => {}),
    });
    const failing = client.stream('math.count', { to: 1 });
    expect((await failing.next()).value).toEqual({ n: 1 });
    await expect(failing.next()).rejects.toSatisfy(code('not_found'));
    expect(await failing.next()).toMatchObject({ done: true });

    const open = client.stream('math.count', { to: 2 });
    await open.next();
    const rest = [open.next(), client.call('math.wait', {})];
    near.close();
    for (const one of rest) await expect(one).rejects.toSatisfy(code('disconnected'));
    await expect(client.call('math.half', { of: 2 })).rejects.toSatisfy(code('disconnected'));
  });
});

it('isFrame refuses what is none', () => {
  for (const odd of [
    null,
    1,
    'x',
    [],
    {},
    { t: 'call' },
    { t: 'call', id: 1 },
    { t: 'call', id: 1.5, route: 'x' },
    { t: 'x', id: 1 },
    { t: 'credit', id: 1 },
  ])
    expect(isFrame(odd)).toBe(false);
  expect(isFrame({ t: 'call', id: 1, route: 'a.b', input: {} })).toBe(true);
});

it('reads an error of any shape', () => {
  const shapeless = { code: '__proto__', message: { toString: 1 }, data: { freeBytes: 7, path: { toString: 1 } } };
  expect(decodeError(shapeless)).toMatchObject({ code: 'internal', message: '', data: { freeBytes: 7 } });
  expect(decodeError({ code: 'busy', message: 'x', data: ['y'] })).toMatchObject({ code: 'busy', data: {} });
});
