/** The states of a generation and its effects, on a real model in the process of the test. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LlamaContext } from 'node-llama-cpp';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createBatching, type Batching } from '../../../main/engine/child/batch/batching.ts';
import { createScheduler, type Scheduler } from '../../../main/engine/child/batch/scheduler.ts';
import { createReplyMaker } from '../../../main/engine/child/prepare-reply.ts';
import { createTokenizer } from '../../../main/engine/child/prompt/tokenizer.ts';
import { systemEnd } from '../../../main/engine/child/prompt-evaluation.ts';
import { createSlots, type SequenceSlot } from '../../../main/engine/child/sequence-slots.ts';
import { createPrefixStore, saveState } from '../../../main/engine/child/state.ts';
import {
  createGeneration,
  type Generation,
  type GenerationContext,
  type GenerationState,
} from '../../../main/engine/child/generation.ts';
import type { GenerateEvent, GenerateRequest } from '../../../main/engine/protocol.ts';
import { emberPath, greedy, say } from '../../support/engine-child.ts';
import { startInProcess } from '../../support/engine-in-process.ts';
import { inTime } from '../../support/in-time.ts';

let folder: string;
let context: GenerationContext;
let scheduler: Scheduler<SequenceSlot>;
let slot: SequenceSlot;
let batching: Batching;
let made: LlamaContext;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-generation-'));
  const { llama } = await startInProcess();
  const model = await llama.loadModel({ modelPath: emberPath, gpuLayers: 0 });
  batching = createBatching(llama, { decodeThreads: 1, promptThreads: 1, batchSize: 16 });
  made = await model.createContext({
    contextSize: 512,
    batching: { itemPrioritizationStrategy: batching.strategy },
  });
  const slots = createSlots(made, () => null);
  scheduler = createScheduler(slots);
  slot = slots[0]!;
  context = {
    ...{ model, contextSize: 512, scheduler, batching },
    replies: createReplyMaker({
      ...{ model, context: made, tokenizer: createTokenizer(model), template: null, plain: null },
      givenTemplates: { of: () => expect.fail('no request has a template'), close: () => Promise.resolve() },
    }),
    evaluation: { batching, prefixes: createPrefixStore(folder, 'key'), stateKey: 'key', usesAttentionTiles: false },
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  await slot.sequence.clearHistory();
  slot.stateOf = null;
});

const generationOf = (request: Partial<GenerateRequest> = {}, signal = new AbortController().signal): Generation =>
  createGeneration(context, { input: { rawPrompt: 'Once upon a time' }, sampling: greedy, ...request }, signal);
const resultOf = (event: GenerateEvent | undefined): (GenerateEvent & { type: 'end' })['result'] => {
  if (event?.type !== 'end') throw new Error(`not the end: ${event?.type}`);
  return event.result;
};
const longPrompt = { input: { rawPrompt: 'Once upon a time there was a fire. '.repeat(8) } };
async function finish(generation: Generation, onEvent = (_: GenerateEvent): void => {}): Promise<GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  for await (const event of generation.run()) {
    events.push(event);
    onEvent(event);
  }
  return events;
}

function resultAndText(events: readonly GenerateEvent[]): { text: string; result: ReturnType<typeof resultOf> } {
  const text = events.map((event) => (event.type === 'text' ? event.content : '')).join('');
  return { text, result: resultOf(events.at(-1)) };
}

describe('a generation', () => {
  it('goes through its states from rendering to finished, and frees its slot', async () => {
    const generation = generationOf({ chatKey: 'a' });
    expect(generation.state).toBe('rendering');
    const seen = new Map<GenerateEvent['type'], GenerationState>();
    const events = await finish(generation, ({ type }) => seen.set(type, generation.state));
    expect([...seen]).toEqual([
      ['prompt', 'waiting'],
      ['text', 'decoding'],
      ['end', 'decoding'],
    ]);
    expect(generation.state).toBe('finished');
    expect(resultOf(events.at(-1)).generatedTokens).toBeGreaterThan(0);
    expect([slot.busy, slot.stateOf, context.batching.tuning().batchSize]).toEqual([false, 'a', 16]);
  });

  it('waits while another generation has the slot, and ends when it is stopped there', async () => {
    const first = generationOf().run();
    await first.next();
    const abort = new AbortController();
    const second = generationOf({}, abort.signal);
    const events = second.run();
    expect((await events.next()).value).toEqual({ type: 'queued', ahead: 1 });
    expect(second.state).toBe('waiting');
    const end = events.next();
    abort.abort();
    expect(resultOf((await end).value as GenerateEvent)).toMatchObject({ endReason: 'stopped', generatedTokens: 0 });
    expect((await events.next()).done).toBe(true);
    expect([second.state, scheduler.waiting(), scheduler.active()]).toEqual(['finished', 0, 1]);
    await first.return(undefined);
    expect(scheduler.active()).toBe(0);
  });

  it('returns a slot that is granted after its reader has left', async () => {
    const first = generationOf().run();
    await first.next();
    const second = generationOf().run();
    expect((await second.next()).value).toMatchObject({ type: 'queued' });
    await second.return(undefined);
    await first.return(undefined);
    await expect.poll(() => [scheduler.waiting(), scheduler.active()]).toEqual([0, 0]);
  });

  it('frees its slot wherever its reader leaves, and when its prompt cannot be made', async () => {
    for (const type of ['prompt', 'text'] as const) {
      const generation = generationOf({ chatKey: 'a' });
      for await (const event of generation.run()) if (event.type === type) break;
      // The tokens in the sequence belong to no state.
      expect([generation.state, scheduler.active(), slot.stateOf]).toEqual(['finished', 0, null]);
    }
    const failed = generationOf({ input: { rawPrompt: 'once '.repeat(600) } });
    await expect(finish(failed)).rejects.toMatchObject({ code: 'engine.context_full' });
    expect([failed.state, scheduler.active()]).toEqual(['finished', 0]);
  });

  it('ends at once when it is stopped while a long history is tokenized, and before anything of it is known', async () => {
    const abort = new AbortController();
    const talk = say(...Array.from({ length: 40 }, () => 'word '.repeat(4000)), 'Hello');
    const generation = generationOf({ input: talk, policy: 'roll' }, abort.signal);
    const ending = finish(generation);
    expect(generation.state).toBe('rendering');
    abort.abort();
    const events = await ending;
    expect(events).toHaveLength(1);
    expect(resultOf(events[0])).toMatchObject({ endReason: 'stopped', promptTokens: 0, generatedTokens: 0 });
    expect([generation.state, scheduler.active()]).toEqual(['finished', 0]);
  });

  it('of a program pauses for a window in the midst of its prompt, and writes the same text as alone', async () => {
    const api = { ...longPrompt, priority: 'api', client: 'p' } as const;
    const alone = resultAndText(await finish(generationOf(api)));
    const other = { input: { rawPrompt: 'The cat' }, sampling: { ...greedy, maxTokens: 5 }, chatKey: 'w' };
    await finish(generationOf({ ...other, chatKey: 'x' }));
    const order: string[] = [];
    const program = generationOf(api);
    let window: Promise<unknown> | undefined;
    const events = await finish(program, ({ type }) => {
      if (type === 'prompt') window = finish(generationOf(other)).then(() => order.push('window'));
      if (type === 'text') order.push('text');
    });
    await window;
    expect(order[0]).toBe('window');
    const { text, result } = resultAndText(events);
    expect([text, result.generatedTokens]).toEqual([alone.text, alone.result.generatedTokens]);
    expect(result.queuedMs).toBeGreaterThan(0);
    expect([program.state, scheduler.waiting(), scheduler.active()]).toEqual(['finished', 0, 0]);
  });

  it('of a program whose reader takes no events makes way for windows, and goes on with the same text', async () => {
    const api = { priority: 'api', client: 'p', sampling: { ...greedy, maxTokens: 60 } } as const;
    const alone = resultAndText(await finish(generationOf(api)));
    for (const stage of ['prompt', 'text'] as const) {
      const seen: GenerateEvent[] = [];
      for await (const event of generationOf(api).run()) {
        seen.push(event);
        if (event.type !== stage) continue;
        // Two windows in turn have the only slot while this event is not taken.
        for (const rawPrompt of ['The cat', 'Tom and']) {
          const window = await finish(generationOf({ input: { rawPrompt }, chatKey: rawPrompt }));
          expect(resultOf(window.at(-1)).generatedTokens).toBeGreaterThan(0);
        }
      }
      const { text, result } = resultAndText(seen);
      expect([text, result.generatedTokens]).toEqual([alone.text, alone.result.generatedTokens]);
      expect(result.queuedMs).toBeGreaterThan(0);
      expect([scheduler.waiting(), scheduler.active(), batching.idleMs()]).toEqual([0, 0, null]);
    }
  });

  it.each(['reader', 'signal'] as const)('that has made way for a window ends with its %s', async (who) => {
    const abort = new AbortController();
    const window = generationOf({ chatKey: 'w', sampling: { ...greedy, maxTokens: 300 } });
    let ending: Promise<GenerateEvent[]> | undefined;
    const program = generationOf({ priority: 'api', client: 'p' }, abort.signal);
    let last: GenerateEvent | undefined;
    for await (const event of program.run()) {
      last = event;
      if (event.type !== 'text' || ending) continue;
      let begun = (): void => {};
      const writes = new Promise<void>((resolve) => (begun = resolve));
      ending = finish(window, ({ type }) => type === 'text' && begun());
      await writes;
      if (who === 'reader') break;
      abort.abort();
    }
    if (who === 'signal') expect(resultOf(last)).toMatchObject({ endReason: 'stopped' });
    expect(resultOf((await ending)?.at(-1)).endReason).not.toBe('stopped');
    await expect.poll(() => [scheduler.waiting(), scheduler.active(), batching.idleMs()]).toEqual([0, 0, null]);
  });

  it('computes at most one more token, or one more step of its prompt, after a stop', async () => {
    const abort = new AbortController();
    const length = (): number => slot.sequence.nextTokenIndex;
    let before = 0;
    const events = await finish(
      generationOf({ sampling: { ...greedy, maxTokens: null } }, abort.signal),
      ({ type }) => {
        if (type !== 'text' || abort.signal.aborted) return;
        before = length();
        abort.abort();
      },
    );
    expect(resultOf(events.at(-1)).endReason).toBe('stopped');
    await expect.poll(() => scheduler.active()).toBe(0);
    expect(length() - before).toBeLessThanOrEqual(1);

    await slot.sequence.clearHistory();
    const stop = new AbortController();
    const long = { input: { rawPrompt: longPrompt.input.rawPrompt.repeat(4) } };
    const program = generationOf(long, stop.signal);
    const ending = finish(program);
    await expect.poll(length, { interval: 0 }).toBeGreaterThan(0);
    const steps = length();
    stop.abort();
    const { promptTokens } = resultOf((await ending).at(-1));
    await expect.poll(() => scheduler.active()).toBe(0);
    expect(length() - steps).toBeLessThanOrEqual(16);
    expect(length()).toBeLessThan(promptTokens);
  });

  it('ends without a token when it is stopped at its prompt', async () => {
    const abort = new AbortController();
    const events = await finish(generationOf({}, abort.signal), ({ type }) => type === 'prompt' && abort.abort());
    expect(events.map(({ type }) => type)).toEqual(['prompt', 'end']);
    expect(resultOf(events.at(-1))).toMatchObject({ endReason: 'stopped', generatedTokens: 0 });
  });

  it('restores nothing of its own chat, evaluates only new tokens, and keeps a long system prompt for others', async () => {
    const system = { role: 'system' as const, content: 'You are kind and speak of fire and water. '.repeat(12) };
    const ask = (chatKey: string): Partial<GenerateRequest> => ({
      chatKey,
      input: { messages: [system, ...say(`I am ${chatKey}.`).messages] },
    });
    const one = resultOf((await finish(generationOf(ask('a')))).at(-1));
    expect(one).toMatchObject({ reusedTokens: 0, restoredTokens: 0 });
    const again = resultOf((await finish(generationOf(ask('a')))).at(-1));
    expect(again).toMatchObject({ reusedTokens: one.promptTokens - 1, restoredTokens: 0 });
    await slot.sequence.clearHistory();
    const other = resultOf((await finish(generationOf(ask('b')))).at(-1));
    expect(other.restoredTokens).toBeGreaterThan(64);
    expect(other.reusedTokens).toBe(other.restoredTokens);
  });
});

describe('a Stop', () => {
  type Work = 'decodeBatch' | 'sampleToken' | 'loadSequenceStateFromFile' | 'saveSequenceStateToFile';

  /** From now on this work of llama.cpp, which nothing can end, does not go on before `open`. */
  function hold(work: Work): { readonly begun: Promise<void>; open(): void } {
    const native = Reflect.get(made, '_ctx') as Record<Work, (...input: unknown[]) => Promise<unknown>>;
    const begun = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const run = native[work].bind(native);
    const held = async (...input: unknown[]): Promise<unknown> => {
      begun.resolve();
      await opened.promise;
      return await run(...input);
    };
    Object.defineProperty(native, work, { value: held, configurable: true });
    onTestFinished(() => {
      Reflect.deleteProperty(native, work);
      opened.resolve();
    });
    return { begun: begun.promise, open: opened.resolve };
  }

  const ofSystem = (text: string): Partial<GenerateRequest> => ({
    input: { messages: [{ role: 'system', content: text.repeat(12) }, ...say('Hello').messages] },
  });
  /** A prompt whose state is in a file and no longer in the sequence. */
  async function withState(): Promise<Partial<GenerateRequest>> {
    await finish(generationOf(longPrompt));
    const state = await saveState(slot.sequence, path.join(folder, 'chat.state'), 'key');
    await slot.sequence.clearHistory();
    return { ...longPrompt, state };
  }

  it.each<readonly [string, Work, () => Promise<Partial<GenerateRequest>>]>([
    ['a batch is computed', 'decodeBatch', () => Promise.resolve(longPrompt)],
    ['a token is chosen', 'sampleToken', () => Promise.resolve({})],
    ['a state comes from the disk', 'loadSequenceStateFromFile', withState],
    [
      'the state of a system prompt goes to the disk',
      'saveSequenceStateToFile',
      () => Promise.resolve(ofSystem('You are calm and speak of stones. ')),
    ],
  ])('ends the reply while %s, and the slot is free once that is over', async (what, work, prepare) => {
    const request = await prepare();
    const { begun, open } = hold(work);
    const abort = new AbortController();
    const ending = finish(generationOf(request, abort.signal));
    await inTime(begun, what);
    abort.abort();
    const events = await inTime(ending, `the end of a reply that is stopped while ${what}`);
    expect(resultOf(events.at(-1))).toMatchObject({ endReason: 'stopped', generatedTokens: 0 });
    expect(scheduler.active()).toBe(1);
    open();
    await expect.poll(() => scheduler.active()).toBe(0);
    const next = await finish(generationOf(longPrompt));
    expect(resultOf(next.at(-1)).generatedTokens).toBeGreaterThan(0);
  });
});

describe('the state of a chat', () => {
  it('is not saved while a reply has its sequence, also before the reply has changed it', async () => {
    const { load } = await startInProcess();
    const { session } = await load(emberPath);
    const ask = { ...longPrompt, chatKey: 'a', sampling: { ...greedy, maxTokens: 4 } };
    for await (const event of session.generate(ask, new AbortController().signal)) void event;
    const file = path.join(folder, 'own.state');
    const reply = session.generate(ask, new AbortController().signal);
    for await (const { type } of { [Symbol.asyncIterator]: () => ({ next: () => reply.next() }) })
      if (type === 'prompt') break;
    expect(await session.saveState('a', file)).toBeNull();
    expect(existsSync(file)).toBe(false);
    // Its reader has left before the first token, so the sequence still holds what it held.
    await reply.return(undefined);
    expect(await session.saveState('b', file)).toBeNull();
    expect(await session.saveState('a', file)).toMatchObject({ path: file });
  });
});

describe('systemEnd', () => {
  it('is after the last token of the system text that precedes all messages', () => {
    expect(systemEnd({ origins: ['template', 'system', 'system', 'template', 'message'] })).toBe(3);
    expect(systemEnd({ origins: ['template', 'history', 'system', 'message'] })).toBe(0);
    expect(systemEnd({ origins: ['system', 'template'] })).toBe(1);
    expect(systemEnd({ origins: [] })).toBe(0);
  });
});
