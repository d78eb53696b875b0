/** A turn on a clock, a disk and a model of the test. */
import { describe, expect, it } from 'vitest';
import type { Message, Sampling } from '../../preload/contract/chat.ts';
import { textOf, type Append } from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { GenerateResult } from '../engine/engine.ts';
import type { ReplyEvent } from '../inference/inference.ts';
import { runTurn, type TurnOptions, type TurnOutcome } from './turn.ts';

const sampling: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: 1 };
const reply: Message = {
  ...{ id: 'r', chatId: 'c', parentId: 'q', role: 'assistant', parts: [], status: 'pending', error: null },
  ...{ modelId: 'a/b/c.gguf', modelName: null, sampling, timing: null, createdAt: 0 },
};
const result: GenerateResult = {
  ...{ promptTokens: 3, reusedTokens: 1, promptMs: 2, generatedTokens: 4, generateMs: 5, contextSize: 100 },
  ...{ omittedMessages: 0, seed: 1, restoredTokens: 0, queuedMs: 0, endReason: 'end_of_turn' },
  makeUp: { systemTokens: 0, historyTokens: 0, messageTokens: 1, templateTokens: 0 },
};
const text = (content: string, reasoning = ''): ReplyEvent => ({ type: 'text', content, reasoning });
const end: ReplyEvent = { type: 'end', result };
const full = new AppError('disk.full', 'Full.');

interface Turn {
  readonly outcome: TurnOutcome;
  /** What the disk got, oldest first, with the time of each. */
  readonly saved: readonly { readonly atMs: number; readonly message: Message }[];
  readonly told: readonly Message[];
  readonly appended: readonly Append[];
}

/** Runs a turn whose model writes one event after each of the given times. */
async function run(
  events: readonly (readonly [number, ReplyEvent | Error])[],
  more: Partial<TurnOptions> & {
    readonly onSave?: (message: Message, atMs: number) => void;
    /** The time of the load; absent: the model is in memory. */
    readonly loadingMs?: number;
  } = {},
): Promise<Turn> {
  const { onSave, loadingMs, ...options } = more;
  let nowMs = 1_000_000;
  const saved: { atMs: number; message: Message }[] = [];
  const told: Message[] = [];
  const appended: Append[] = [];
  const outcome = await runTurn({
    reply,
    tell: () => Promise.resolve({ messages: [] }),
    isLoaded: () => true,
    contextPolicy: 'roll',
    plainTemplate: false,
    states: undefined,
    inference: {
      async *generate() {
        nowMs += loadingMs ?? 0;
        yield await Promise.resolve({ type: 'opened', ...(loadingMs !== undefined && { afterLoad: true }) } as const);
        for (const [afterMs, event] of events) {
          nowMs += afterMs;
          if (event instanceof Error) throw event;
          yield event;
        }
      },
    },
    signal: new AbortController().signal,
    now: () => nowMs,
    save(message) {
      onSave?.(message, nowMs - 1_000_000);
      saved.push({ atMs: nowMs - 1_000_000, message });
    },
    onMessage: (message) => told.push(message),
    onAppend: (_message, append) => appended.push(append),
    ...options,
  });
  return { outcome, saved, told, appended };
}

describe('the journal', () => {
  it('has the reply at least once a second while it is written, and not at each token', async () => {
    const { saved } = await run([...Array.from({ length: 100 }, () => [50, text('x')] as const), [0, end]]);
    const journaled = saved.slice(0, -1);
    expect(journaled.every(({ message }) => message.status === 'streaming')).toBe(true);
    // One event each 50 ms: what the row lacks at any moment is what came within the last second.
    expect(journaled.map(({ atMs, message }) => atMs / 50 - textOf(message).length)).toEqual(journaled.map(() => 0));
    const times = [0, ...saved.map(({ atMs }) => atMs)];
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1000);
    expect(journaled.length).toBeLessThan(15);
    expect(saved.at(-1)?.message).toMatchObject({ status: 'complete', parts: [{ text: 'x'.repeat(100) }] });
  });

  it('finds no room without the reply ending, and the end is stored when there is room by then', async () => {
    let tries = 0;
    const { outcome, saved } = await run(
      [
        [900, text('one ')],
        [900, text('two ')],
        [900, text('three')],
        [0, end],
      ],
      {
        onSave(message) {
          tries++;
          if (message.status === 'streaming') throw full;
        },
      },
    );
    expect(tries).toBe(4);
    expect(saved).toHaveLength(1);
    expect(outcome).toMatchObject({ unsaved: null, message: { status: 'complete', error: null } });
    expect(textOf(outcome.message)).toBe('one two three');
  });

  it('that fails by a defect ends the reply, which says so and keeps its text', async () => {
    const { outcome } = await run(
      [
        [900, text('one')],
        [0, end],
      ],
      {
        onSave({ status }) {
          if (status === 'streaming') throw new TypeError('of undefined');
        },
      },
    );
    expect(outcome.message).toMatchObject({ status: 'interrupted', error: { code: 'internal' } });
    expect(textOf(outcome.message)).toBe('one');
  });
});

describe('the end of a reply', () => {
  it.each([
    [
      'by the model',
      [
        [10, text('x')],
        [0, end],
      ],
      'complete',
      null,
    ],
    ['by a failure before its first text', [[10, new AppError('engine.crashed', 'x')]], 'failed', 'engine.crashed'],
    [
      'by a failure after it',
      [
        [10, text('x')],
        [0, new AppError('engine.crashed', 'x')],
      ],
      'interrupted',
      'engine.crashed',
    ],
    ['without a result', [[10, text('x')]], 'interrupted', 'engine.crashed'],
  ] as const)('%s is one outcome, told last and as it was stored', async (_how, events, status, code) => {
    const { outcome, saved, told } = await run(events);
    expect(outcome.message).toMatchObject({ status, error: code === null ? null : { code } });
    expect(saved.at(-1)?.message).toEqual(outcome.message);
    expect(told.at(-1)).toEqual(outcome.message);
    expect(told.filter((message) => message.status === status)).toHaveLength(1);
  });

  it('is a stop when the user stopped it, whatever the model did then', async () => {
    const stopped = { ...result, endReason: 'stopped' } as const;
    for (const last of [
      new AppError('cancelled', 'The load was cancelled.'),
      new AppError('engine.crashed', 'It ended.'),
      { type: 'end', result: stopped } as const,
    ])
      for (const before of [[], [[10, text('Once')] as const]]) {
        const { outcome } = await run([...before, [0, last]], { signal: AbortSignal.abort() });
        expect(outcome.message).toMatchObject({ status: 'stopped', error: null });
      }
  });

  it('that finds no room is shown with the reason, and held without it', async () => {
    const onSave = (): never => {
      throw full;
    };
    const ended = await run(
      [
        [10, text('x')],
        [0, end],
      ],
      { onSave },
    );
    expect(ended.outcome).toMatchObject({
      message: { status: 'complete', error: { code: 'disk.full' } },
      unsaved: { status: 'complete', error: null, parts: [{ text: 'x' }] },
    });
    expect(ended.told.at(-1)).toEqual(ended.outcome.message);
    // Its own failure is the more important one.
    const failed = await run(
      [
        [10, text('x')],
        [0, new AppError('engine.crashed', 'x')],
      ],
      { onSave },
    );
    expect(failed.outcome).toMatchObject({
      message: { error: { code: 'engine.crashed' } },
      unsaved: { error: { code: 'engine.crashed' } },
    });
  });
});

it('the time to the first token is that of the first text, reasoning or not', async () => {
  const { outcome } = await run([
    [300, text('', 'Hm')],
    [400, text('Yes')],
    [500, text('.')],
    [600, end],
  ]);
  expect(outcome.message.timing).toMatchObject({ firstTokenMs: 300, promptTokens: 3, generatedTokens: 4 });
  // Without a text it is the whole time.
  const blank = await run([[700, end]]);
  expect(blank.outcome.message.timing?.firstTokenMs).toBe(700);
});

it('the time of the load is told apart from the rest of the time to the first token, and is stored', async () => {
  const events = [
    [300, text('Yes')],
    [500, end],
  ] as const;
  const { outcome, saved } = await run(events, { loadingMs: 4_000 });
  expect(outcome.message.timing).toMatchObject({ loadMs: 4_000, firstTokenMs: 4_300 });
  expect(saved.at(-1)?.message.timing).toEqual(outcome.message.timing);
  const warm = await run(events);
  expect(warm.outcome.message.timing).toMatchObject({ firstTokenMs: 300 });
  expect(warm.outcome.message.timing).not.toHaveProperty('loadMs');
});

it('a continued reply counts the tokens of all its turns, and goes on from what it had', async () => {
  const first = (
    await run([
      [10, text('Once')],
      [0, end],
    ])
  ).outcome.message;
  const second = await run(
    [
      [10, text(' upon')],
      [0, end],
    ],
    { reply: { ...first, status: 'pending' } },
  );
  expect(second.appended).toEqual([{ partIndex: 0, partType: 'text', offset: 4, text: ' upon' }]);
  expect(second.outcome.message.timing).toMatchObject({ generatedTokens: 4, continuedTokens: 4 });
  const third = await run([[0, end]], { reply: { ...second.outcome.message, status: 'pending' } });
  expect(third.outcome.message.timing).toMatchObject({ generatedTokens: 4, continuedTokens: 8 });
  // A turn that failed leaves the counts of the last one.
  const failed = await run([[0, new AppError('engine.crashed', 'x')]], { reply: { ...first, status: 'pending' } });
  expect(failed.outcome.message).toMatchObject({ status: 'interrupted', timing: first.timing });
});
