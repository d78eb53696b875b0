/** The lease on a loaded model, with the methods that work while it is held. */
import { randomUUID } from 'node:crypto';
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { CallName, InputOf, OutputOf } from '../../../preload/wire/rpc.ts';
import { createStopRace } from '../../base/stop-race.ts';
import { unlessAborted } from '../../base/unless-aborted.ts';
import type { ChildContract, GenerateEvent, GenerateRequest } from '../protocol.ts';
import { usable, type UsableInstance } from './instance.ts';
import type { Residents, Use } from './residents.ts';
import type { Tuning } from './machine/tuning.ts';
import { useWithVectors, vectorTokensOf, type VectorRoute } from './vector-room.ts';

type Verb<R extends CallName<ChildContract>> = (
  input: InputOf<ChildContract, R>,
  signal?: AbortSignal,
) => Promise<OutputOf<ChildContract, R>>;

/** The priority of requests, and the client by which they are served fairly. */
export interface RequestOrder {
  readonly priority?: GenerateRequest['priority'];
  readonly client?: string | undefined;
}

/**
 * A counted use of a loaded model, held with `using`. Until it is disposed the model is neither evicted nor unloaded for idleness; only
 * the user can unload it. Each method throws engine.crashed when the child ends during the call, engine.not_loaded after disposal,
 * cancelled when its signal fires, which ends the child's work too, and the errors of its route in the child's contract.
 */
export interface Lease extends Disposable {
  readonly modelId: string;
  /** As windows see the model now. */
  state(): LoadedModel;
  /**
   * Generates a reply as events, the last of which is `end`. When `signal` fires the model stops within a token, and `end` still comes.
   * Throws template.invalid, engine.context_full, busy, cancelled; busy with the reason `stop_unanswered` when the child does not answer a
   * stop for seconds. The model then counts as running until it does, or has ended.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent>;
  /** The prompt that `generate` would make. */
  readonly prompt: Verb<'prompt'>;
  readonly tokenize: Verb<'tokenize'>;
  readonly detokenize: Verb<'detokenize'>;
  /** One sample of a benchmark. Throws engine.context_full, and busy while a reply is written. */
  readonly bench: Verb<'bench'>;
  readonly embed: Verb<'embed'>;
  readonly rerank: Verb<'rerank'>;
  /** Writes a chat's state to a file; null when the context holds none of it. */
  readonly saveState: Verb<'saveState'>;
}

/** A child answers a stop within a tenth of a second. One that takes so long is short of processor time or hangs. */
const STOP_LIMIT_MS = 5000;
const STOPPED = 'Stopped before the reply began.';

/** How often the threads of a generating model are adjusted to the cores that other programs leave. */
const REFIT_MS = 2000;

/** The lease over a counted use. */
export function createLease(
  { instance, release }: Use,
  { priority, client }: RequestOrder,
  residents: Pick<Residents, 'measured' | 'run' | 'grow'>,
  tuning: Pick<Tuning, 'fitThreads'>,
): Lease {
  let isHeld = true;
  /** @throws AppError `engine.not_loaded` once the lease is disposed, or why the child ended. */
  function held(): UsableInstance {
    if (!isHeld) throw new AppError('engine.not_loaded', 'The model is no longer in use here.');
    return usable(instance);
  }
  const verb =
    <R extends CallName<ChildContract>>(route: R): Verb<R> =>
    async (input, signal) => {
      const { child } = held();
      try {
        return await child.client.call(route, input, signal && { signal });
      } catch (thrown) {
        throw await child.explain(thrown);
      }
    };

  /** Publishes the memory that the model takes now, unless replies run besides the `own` ones of the caller: it would slow them down. */
  async function publishMemory(own: 0 | 1): Promise<void> {
    if (instance.child.death || instance.running !== own) return;
    const memory = await instance.child.client.call('memory', {}).catch(() => null);
    if (memory) await residents.measured(instance, memory);
  }

  /**
   * Vectors have a context of their own, which stays in memory and counts from then on where other models need room. Memory is made for it
   * before it is made or grows.
   */
  const withOwnContext =
    <R extends VectorRoute>(route: R): Verb<R> =>
    async (input, signal) => {
      const tokens = vectorTokensOf(input as InputOf<ChildContract, VectorRoute>, held());
      if (tokens > instance.vectorTokens[route]) {
        const needed = useWithVectors(held(), tokens);
        if (needed) await unlessAborted(residents.grow(instance, needed), signal, 'Stopped.');
        instance.vectorTokens[route] = tokens;
      }
      try {
        return await verb(route)(input, signal);
      } finally {
        await publishMemory(0);
      }
    };

  return {
    modelId: instance.model.modelId,
    state: () => instance.state,
    async *generate(request, signal) {
      const { child } = held();
      if (signal.aborted) throw new AppError('cancelled', STOPPED);
      const stops = createStopRace(signal, STOP_LIMIT_MS);
      const requestId = request.requestId ?? randomUUID();
      const stop = (): void => void child.client.call('stop', { requestId }).catch(() => {});
      const isFirst = instance.running === 0;
      const end = residents.run(instance);
      // The load of other programs changes during a long reply.
      const refit = setInterval(() => void tuning.fitThreads(instance).catch(() => {}), REFIT_MS);
      let events: AsyncIterableIterator<GenerateEvent> | undefined;
      let isUnanswered = false;
      try {
        if (isFirst) await unlessAborted(tuning.fitThreads(instance), signal, STOPPED);
        if (signal.aborted) throw new AppError('cancelled', STOPPED);
        const order = { ...(priority && { priority }), ...(client !== undefined && { client }) };
        // The child ignores a stop for a reply that it does not know, so nothing may be awaited between here and the request.
        signal.addEventListener('abort', stop);
        events = child.client.stream('generate', { ...order, ...request, requestId });
        for (;;) {
          const next = await stops.unlessStopped(events.next());
          isUnanswered = !next;
          if (!next) throw unanswered();
          if (next.done === true) break;
          yield next.value;
        }
      } catch (thrown) {
        throw await child.explain(thrown);
      } finally {
        clearInterval(refit);
        signal.removeEventListener('abort', stop);
        if (!isUnanswered) {
          await events?.return?.();
          await stops.unlessStopped(publishMemory(1));
        }
        stops.afterwards(() => {
          void events?.return?.();
          end();
        });
      }
    },
    prompt: verb('prompt'),
    tokenize: verb('tokenize'),
    detokenize: verb('detokenize'),
    bench: verb('bench'),
    embed: withOwnContext('embed'),
    rerank: withOwnContext('rerank'),
    saveState: verb('saveState'),
    [Symbol.dispose]() {
      isHeld = false;
      release();
    },
  };
}

const unanswered = (): AppError =>
  new AppError('busy', 'The model did not answer the stop. It ends when it answers again, or is ended.', {
    reason: 'stop_unanswered',
    waitedMs: STOP_LIMIT_MS,
  });
