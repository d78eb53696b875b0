import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AppError } from '../../../preload/wire/errors.ts';
import type { GenerateEvent, GenerateRequest } from '../protocol.ts';
import { newInstance, type Instance, type UsableInstance } from './instance.ts';
import { createLease, type Lease } from './lease.ts';
import { defaultLoadSettings } from './load-plan.ts';

const used = { rssBytes: 7e9, vramBytes: 2e9 };

/** A lease on a model whose child answers from `answers`, and takes the same memory whenever it is asked. */
function leaseOf(answers: Readonly<Record<string, (signal?: AbortSignal) => unknown>>): {
  lease: Lease;
  instance: Instance;
  asked: string[];
} {
  const asked: string[] = [];
  const model = { modelId: 'a', name: 'a', path: '/a', weightsBytes: 1, contextSize: 512 };
  const instance = newInstance(model, defaultLoadSettings, { ifRoom: false }, 0);
  const call = async (route: string, _input: unknown, options?: { signal?: AbortSignal }): Promise<unknown> => {
    asked.push(route);
    return route === 'memory' ? used : answers[route]?.(options?.signal);
  };
  const loaded = { info: { contextSize: 4096, gpuLayers: 0, layerCount: 2 } };
  Object.assign(instance, { loaded, child: { client: { call }, explain: async (thrown: unknown) => thrown } });
  const residents = {
    measured: async (one: Instance, { rssBytes, vramBytes }: typeof used) =>
      void (one.state = { ...one.state, memoryBytes: rssBytes, vramBytes }),
    run: () => () => {},
    grow: async () => {},
  };
  const lease = createLease({ instance: instance as UsableInstance, release: () => {} }, {}, residents, {
    fitThreads: async () => {},
  });
  return { lease, instance, asked };
}

describe('the memory of a context for vectors', () => {
  it('counts as the model’s from the first use on, also when a later text was refused', async () => {
    const vectors = { vectors: [[1]], tokens: 3 };
    const { lease, instance } = leaseOf({ embed: () => vectors });
    expect(await lease.embed({ texts: ['a'] })).toBe(vectors);
    expect(instance.state).toMatchObject({ memoryBytes: 7e9, vramBytes: 2e9 });

    const refusing = leaseOf({
      rerank: () => {
        throw new AppError('engine.context_full', 'Too long.');
      },
    });
    await expect(refusing.lease.rerank({ query: 'q', documents: ['d'] })).rejects.toMatchObject({
      code: 'engine.context_full',
    });
    expect(refusing.instance.state.memoryBytes).toBe(7e9);
  });

  it('is not asked for while a reply is written, nor for what takes none', async () => {
    const { lease, instance, asked } = leaseOf({ embed: () => null, tokenize: () => null });
    instance.running = 1;
    await lease.embed({ texts: ['a'] });
    instance.running = 0;
    await lease.tokenize({ text: 'a', special: false });
    expect(asked).toEqual(['embed', 'tokenize']);
  });
});

it.each(['prompt', 'tokenize', 'embed', 'rerank'] as const)(
  'an abort reaches the child while it works on %s',
  async (route) => {
    const begun = Promise.withResolvers<void>();
    const { lease } = leaseOf({
      [route]: (signal?: AbortSignal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new AppError('cancelled', 'Cancelled.')));
          begun.resolve();
        }),
    });
    const abort = new AbortController();
    const ends = {
      prompt: () => lease.prompt({ input: { kind: 'raw', text: 'a' } } as never, abort.signal),
      tokenize: () => lease.tokenize({ text: 'a', special: false }, abort.signal),
      embed: () => lease.embed({ texts: ['a'] }, abort.signal),
      rerank: () => lease.rerank({ query: 'q', documents: ['d'] }, abort.signal),
    };
    const ended = expect(ends[route]()).rejects.toMatchObject({ code: 'cancelled' });
    await begun.promise;
    abort.abort();
    await ended;
  },
);

describe('a stop that the child does not answer', () => {
  it('ends the wait by name after its limit, and the model runs on until the child has answered', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const answer = Promise.withResolvers<IteratorResult<GenerateEvent>>();
    const left: string[] = [];
    const { instance, asked } = leaseOf({ stop: () => null });
    let running = 0;
    const events = {
      next: () => answer.promise,
      return: () => Promise.resolve({ done: true, value: void left.push('stream') }),
      [Symbol.asyncIterator]: () => events,
    };
    Object.assign(instance.child?.client ?? {}, { stream: () => events });
    const residents = {
      measured: async () => {},
      grow: async () => {},
      run() {
        running++;
        return () => void running--;
      },
    };
    const own = createLease({ instance: instance as UsableInstance, release: () => {} }, {}, residents, {
      fitThreads: async () => {},
    });
    const stop = new AbortController();
    const reply = own.generate({ input: { rawPrompt: 'Once' } } as GenerateRequest, stop.signal).next();
    reply.catch(() => {});
    await vi.advanceTimersByTimeAsync(60_000);
    stop.abort();
    await vi.advanceTimersByTimeAsync(4999);
    expect(running).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await expect(reply).rejects.toMatchObject({
      code: 'busy',
      data: { reason: 'stop_unanswered', waitedMs: 5000 },
    });
    expect([running, left, asked]).toEqual([1, [], ['stop']]);
    answer.resolve({ done: false, value: { type: 'text', content: 'a', reasoning: '' } });
    await vi.advanceTimersByTimeAsync(0);
    expect([running, left]).toEqual([0, ['stream']]);
  });
});
