/**
 * One protocol over four transports: Electron IPC, WebSocket, a child's IPC channel and an in-memory pair.
 * `serve` answers a port from a table of handlers; `connect` is the typed client of the other end.
 *
 * There are two verbs. A `call` has one answer. A `stream` has events until its end; leaving the loop on either side cancels it.
 * Streams are credited: the server sends at most `WINDOW` events that the client has not yet taken, and then the
 * handler's generator waits. A handler that keeps only the latest state therefore never builds a backlog.
 */
import { AppError, decodeError, encodeError, type ErrorBody } from './errors.ts';

/** A validator, such as a schema of zod. Structural, so that this file needs no zod. */
export interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/** Takes what its type says, where both ends are processes of this program. */
export const trusted = <T>(): Schema<T> => ({ safeParse: (value) => ({ success: true, data: value as T }) });

export interface CallRoute<I, O> {
  readonly kind: 'call';
  readonly input: Schema<I>;
  readonly output?: O;
}
export interface StreamRoute<I, E> {
  readonly kind: 'stream';
  readonly input: Schema<I>;
  readonly event?: E;
}
export type Route = CallRoute<any, any> | StreamRoute<any, any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- variance: a table holds routes of every type
export type Contract = Readonly<Record<string, Route>>;

/** A route with one answer of type `O`. Use as `call(schema).returns<O>()`. */
export function call<I>(input: Schema<I>): { returns<O>(): CallRoute<I, O> } {
  return { returns: <O>() => ({ kind: 'call', input }) as CallRoute<I, O> };
}
/** A route with events of type `E` until the end. Use as `stream(schema).emits<E>()`. */
export function stream<I>(input: Schema<I>): { emits<E>(): StreamRoute<I, E> } {
  return { emits: <E>() => ({ kind: 'stream', input }) as StreamRoute<I, E> };
}

export type Frame =
  | { t: 'call' | 'open'; id: number; route: string; input: unknown }
  | { t: 'cancel'; id: number }
  | { t: 'credit'; id: number; n: number }
  | { t: 'ok'; id: number; output: unknown }
  | { t: 'event'; id: number; event: unknown }
  | { t: 'end'; id: number }
  | { t: 'error'; id: number; error: ErrorBody };

/** One end of a transport. `post` never throws; after `onClose` has fired nothing more arrives. */
export interface Port {
  post(frame: Frame): void;
  onFrame(listener: (frame: Frame) => void): void;
  onClose(listener: () => void): void;
}

/** What a handler gets besides its input. `signal` fires when the caller cancels or disconnects. */
export interface CallContext {
  readonly signal: AbortSignal;
}

export type Handlers<C extends Contract, X extends CallContext = CallContext> = {
  readonly [R in keyof C]: C[R] extends CallRoute<infer I, infer O>
    ? (input: I, context: X) => Promise<O> | O
    : C[R] extends StreamRoute<infer I, infer E>
      ? (input: I, context: X) => AsyncIterable<E>
      : never;
};

type CallNames<C extends Contract> = { [R in keyof C]: C[R] extends CallRoute<any, any> ? R : never }[keyof C]; // eslint-disable-line @typescript-eslint/no-explicit-any -- matches any route of that kind
type StreamNames<C extends Contract> = { [R in keyof C]: C[R] extends StreamRoute<any, any> ? R : never }[keyof C]; // eslint-disable-line @typescript-eslint/no-explicit-any -- matches any route of that kind
export type InputOf<C extends Contract, R extends keyof C> =
  C[R] extends CallRoute<infer I, unknown> ? I : C[R] extends StreamRoute<infer I, unknown> ? I : never;
export type OutputOf<C extends Contract, R extends keyof C> = C[R] extends CallRoute<any, infer O> ? O : never; // eslint-disable-line @typescript-eslint/no-explicit-any -- matches any input
export type EventOf<C extends Contract, R extends keyof C> = C[R] extends StreamRoute<any, infer E> ? E : never; // eslint-disable-line @typescript-eslint/no-explicit-any -- matches any input
export type CallName<C extends Contract> = CallNames<C> & string;
export type StreamName<C extends Contract> = StreamNames<C> & string;

/** Events in flight per stream before the handler waits for the reader. */
const WINDOW = 64;
/** Limit of open calls and streams per port. A page has some dozens; more means a defect or an attack. */
const MAX_OPEN = 512;

/** Validates `input` for `route`, or throws `invalid_input` naming the first field that is wrong. */
function parseInput<I>(route: string, schema: Schema<I>, input: unknown): I {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const field = first?.path.map(String).join('.') ?? '';
  throw new AppError(
    'invalid_input',
    `${field === '' ? 'The input' : `"${field}"`} is not valid: ${first?.message ?? 'wrong shape'}.`,
    {
      route,
      field,
    },
  );
}

function findRoute<C extends Contract>(contract: C, route: unknown, kind: Route['kind']): Route {
  // hasOwn: a route named `constructor` or `__proto__` must not reach the prototype.
  const found = typeof route === 'string' && Object.hasOwn(contract, route) ? contract[route] : undefined;
  if (found?.kind !== kind)
    throw new AppError('not_found', `There is no ${kind} route of that name.`, { route: String(route).slice(0, 100) });
  return found;
}

/** Answers one call outside a port (the http shell's POST /rpc). Throws AppError; validates like a port does. */
export async function callOnce<C extends Contract, X extends CallContext>(
  contract: C,
  handlers: Handlers<C, X>,
  route: string,
  input: unknown,
  context: X,
): Promise<unknown> {
  const found = findRoute(contract, route, 'call');
  const handler = handlers[route] as (input: unknown, context: X) => unknown;
  return await handler(parseInput(route, found.input, input), context);
}

/**
 * Serves all requests from `port`, and aborts their handlers when it closes. `contextFor` adds the shell's facts about the caller.
 * `onFailure` is told of each call and stream that is answered with an error.
 */
export function serve<C extends Contract, X extends CallContext>(
  contract: C,
  handlers: Handlers<C, X>,
  port: Port,
  contextFor: (signal: AbortSignal) => X,
  onFailure: (route: string, error: unknown) => void = () => {},
): void {
  const open = new Map<number, { abort: AbortController; credit: number; wake: () => void }>();

  const fail = (id: number, route: string, error: unknown): void => {
    const body = encodeError(error);
    onFailure(route, error);
    port.post({ t: 'error', id, error: body });
  };

  const run = async (frame: Frame & { t: 'call' | 'open' }): Promise<void> => {
    const { id, route } = frame;
    const abort = new AbortController();
    const entry = { abort, credit: WINDOW, wake: () => {} };
    open.set(id, entry);
    try {
      if (frame.t === 'call') {
        const output = await callOnce(contract, handlers, route, frame.input, contextFor(abort.signal));
        if (!abort.signal.aborted) port.post({ t: 'ok', id, output });
        return;
      }
      const found = findRoute(contract, route, 'stream');
      const handler = handlers[route] as (input: unknown, context: X) => AsyncIterable<unknown>;
      for await (const event of handler(parseInput(route, found.input, frame.input), contextFor(abort.signal))) {
        if (abort.signal.aborted) return;
        port.post({ t: 'event', id, event });
        entry.credit--;
        while (entry.credit <= 0 && !abort.signal.aborted) await new Promise<void>((resolve) => (entry.wake = resolve));
        if (abort.signal.aborted) return;
      }
      if (!abort.signal.aborted) port.post({ t: 'end', id });
    } catch (error) {
      if (!abort.signal.aborted) fail(id, route, error);
    } finally {
      open.delete(id);
    }
  };

  port.onFrame((frame) => {
    switch (frame.t) {
      case 'call':
      case 'open':
        if (open.has(frame.id) || open.size >= MAX_OPEN) {
          fail(frame.id, frame.route, new AppError('busy', 'Too many requests are open on this connection.'));
        } else void run(frame);
        return;
      case 'cancel': {
        const entry = open.get(frame.id);
        entry?.abort.abort();
        entry?.wake();
        return;
      }
      case 'credit': {
        const entry = open.get(frame.id);
        if (entry && frame.n > 0 && frame.n <= WINDOW) {
          entry.credit = Math.min(WINDOW, entry.credit + frame.n);
          entry.wake();
        }
        return;
      }
      default:
        return; // answers have no meaning on the serving side
    }
  });
  port.onClose(() => {
    for (const entry of open.values()) {
      entry.abort.abort();
      entry.wake();
    }
  });
}

/** The typed client of a contract. Every pending call and stream settles exactly once, with `disconnected` when the port closes. */
export interface Client<C extends Contract> {
  call<R extends CallName<C>>(
    route: R,
    input: InputOf<C, R>,
    options?: { signal?: AbortSignal },
  ): Promise<OutputOf<C, R>>;
  stream<R extends StreamName<C>>(
    route: R,
    input: InputOf<C, R>,
    options?: { signal?: AbortSignal },
  ): AsyncIterableIterator<EventOf<C, R>>;
}

interface Pending {
  settle(frame: Frame): void;
}

export function connect<C extends Contract>(port: Port): Client<C> {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let closed = false;
  const gone = (): AppError => new AppError('disconnected', 'The connection to Hearth was lost.');

  port.onFrame((frame) => pending.get(frame.id)?.settle(frame));
  port.onClose(() => {
    closed = true;
    for (const [id, entry] of [...pending]) entry.settle({ t: 'error', id, error: encodeError(gone()) });
  });

  return {
    call(route, input, options) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(gone());
        const signal = options?.signal;
        if (signal?.aborted) return reject(new AppError('cancelled', 'Cancelled.'));
        const id = nextId++;
        const onAbort = (): void => {
          port.post({ t: 'cancel', id });
          done();
          reject(new AppError('cancelled', 'Cancelled.'));
        };
        const done = (): void => {
          pending.delete(id);
          signal?.removeEventListener('abort', onAbort);
        };
        signal?.addEventListener('abort', onAbort);
        pending.set(id, {
          settle(frame) {
            done();
            if (frame.t === 'ok') resolve(frame.output as never);
            else if (frame.t === 'error') reject(decodeError(frame.error));
            else reject(new AppError('internal', 'A call was answered with a stream.'));
          },
        });
        port.post({ t: 'call', id, route, input });
      });
    },

    stream(route, input, options) {
      return openStream(
        port,
        pending,
        () => (closed ? undefined : nextId++),
        gone,
        route,
        input,
        options?.signal,
      ) as never;
    },
  };
}

function openStream(
  port: Port,
  pending: Map<number, Pending>,
  takeId: () => number | undefined,
  gone: () => AppError,
  route: string,
  input: unknown,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<unknown> {
  const queue: unknown[] = [];
  let finished: { error?: AppError } | undefined;
  let wake: (() => void) | undefined;
  let id: number | undefined;
  let taken = 0;

  const finish = (error?: AppError): void => {
    if (finished) return;
    finished = error ? { error } : {};
    if (id !== undefined) pending.delete(id);
    signal?.removeEventListener('abort', leave);
    wake?.();
  };
  const leave = (): void => {
    if (!finished && id !== undefined) port.post({ t: 'cancel', id });
    queue.length = 0;
    finish();
  };
  const start = (): void => {
    id = takeId();
    if (id === undefined) return finish(gone());
    if (signal?.aborted) return finish();
    signal?.addEventListener('abort', leave);
    pending.set(id, {
      settle(frame) {
        if (frame.t === 'event') {
          queue.push(frame.event);
          wake?.();
        } else if (frame.t === 'end') finish();
        else if (frame.t === 'error') finish(decodeError(frame.error));
      },
    });
    port.post({ t: 'open', id, route, input });
  };

  let started = false;
  return {
    async next() {
      if (!started) {
        started = true;
        start();
      }
      while (queue.length === 0 && !finished) await new Promise<void>((resolve) => (wake = resolve));
      if (queue.length > 0) {
        // Half a window at a time: one credit frame for 32 events.
        if (++taken === WINDOW / 2 && id !== undefined && !finished) {
          port.post({ t: 'credit', id, n: taken });
          taken = 0;
        }
        return { done: false, value: queue.shift() };
      }
      const error = finished?.error;
      if (finished?.error) finished = {};
      if (error) throw error;
      return { done: true, value: undefined };
    },
    async return() {
      started = true;
      leave();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Two connected ports in one process, for tests. Frames are cloned, so that what cannot cross a process cannot cross here either. */
export function createPortPair(): [Port & { close(): void }, Port & { close(): void }] {
  const make = (): { frame: ((f: Frame) => void)[]; close: (() => void)[] } => ({ frame: [], close: [] });
  const a = make();
  const b = make();
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    for (const listener of [...a.close, ...b.close]) listener();
  };
  const end = (own: typeof a, other: typeof a): Port & { close(): void } => ({
    post(frame) {
      const copy = structuredClone(frame);
      queueMicrotask(() => {
        if (!closed) for (const listener of other.frame) listener(copy);
      });
    },
    onFrame: (listener) => void own.frame.push(listener),
    onClose: (listener) => void own.close.push(listener),
    close,
  });
  return [end(a, b), end(b, a)];
}

/** True when a value from a transport has the outer form of a frame. The route's schema validates its content. */
export function isFrame(value: unknown): value is Frame {
  if (typeof value !== 'object' || value === null) return false;
  const frame = value as Record<string, unknown>;
  if (typeof frame['id'] !== 'number' || !Number.isSafeInteger(frame['id'])) return false;
  switch (frame['t']) {
    case 'call':
    case 'open':
      return typeof frame['route'] === 'string';
    case 'credit':
      return typeof frame['n'] === 'number';
    case 'error':
      return typeof frame['error'] === 'object' && frame['error'] !== null;
    case 'cancel':
    case 'ok':
    case 'event':
    case 'end':
      return true;
    default:
      return false;
  }
}
