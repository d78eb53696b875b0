/** What the API server does now, and the log of its requests. In memory only. */
import { randomUUID } from 'node:crypto';
import type { ApiRequest, ServerActivity, ServerLoad } from '../../../preload/contract/server.ts';

/** Requests that the log keeps. */
const KEPT = 500;
/** Characters of a request and of an answer that are kept, where they are kept at all. */
const KEPT_CHARS = 20_000;
/** Watchers get news at most so often. */
const NEWS_MS = 100;
/** The rate of tokens is that of the last seconds, counted in steps. */
const RATE_STEP_MS = 250;
const RATE_STEPS = 12;

export type RequestFacts = Pick<ApiRequest, 'dialect' | 'method' | 'path' | 'program'>;
type Changes = Partial<Omit<ApiRequest, 'id' | 'at' | keyof RequestFacts | 'sent' | 'answered'>>;

/** The log's record of one request while it is answered. */
export interface Entry {
  readonly id: string;
  /** When it began, by the monotonic clock. */
  readonly startedMs: number;
  /** Fires when the user ends the request. */
  readonly ended: AbortSignal;
  note(changes: Changes): void;
  /** What was sent and answered; dropped unless contents are kept. */
  sent(text: string): void;
  answered(text: string): void;
  /** Counts generated tokens that were just sent. */
  generated(tokens: number): void;
  /** The request is over. */
  end(changes: Changes): void;
}

export interface Totals {
  readonly requests: number;
  readonly failed: number;
  readonly promptTokens: number;
  readonly reusedTokens: number;
  readonly generatedTokens: number;
  readonly promptSeconds: number;
  readonly generateSeconds: number;
}

export interface Activity {
  begin(facts: RequestFacts): Entry;
  /** Counts of all ended replies since the start. */
  count(reply: {
    promptTokens: number;
    reusedTokens: number;
    generatedTokens: number;
    promptMs: number;
    generateMs: number;
  }): void;
  totals(): Totals;
  running(): readonly ApiRequest[];
  /** A snapshot, then what changed, at most ten times a second, until `signal` fires. */
  watch(signal: AbortSignal): AsyncGenerator<ServerActivity>;
  clear(): void;
  /** False where no such request is running. */
  endRequest(id: string): boolean;
}

interface Kept {
  request: ApiRequest;
  readonly abort: AbortController;
}

/** A copy: a slice would keep the whole text in memory, which may have megabytes. */
const beginning = (text: string, length: number): string =>
  text.length <= length ? text : Buffer.from(text.slice(0, length), 'utf16le').toString('utf16le');

export function createActivity(keepsContents: () => boolean, now: () => number = Date.now): Activity {
  const kept = new Map<string, Kept>();
  const readers = new Set<{ changed: Set<string>; isCleared: boolean; wake: () => void }>();
  const rate = createRate();
  const totals = {
    ...{ requests: 0, failed: 0, promptTokens: 0, reusedTokens: 0, generatedTokens: 0 },
    ...{ promptSeconds: 0, generateSeconds: 0 },
  };

  const change = (one: Kept, changes: Partial<ApiRequest>): void => {
    one.request = { ...one.request, ...changes };
    for (const reader of readers) {
      reader.changed.add(one.request.id);
      reader.wake();
    }
  };
  const running = (): readonly ApiRequest[] =>
    [...kept.values()].flatMap(({ request }) => (request.phase === 'ended' ? [] : request));
  const load = (): ServerLoad => ({
    tokensPerSecond: rate.perSecond(performance.now()),
    running: running().map(({ id, modelId, phase, keyName, program, generatedTokens, at }) => ({
      ...{ id, modelId, phase, keyName, program, generatedTokens, at },
    })),
    requests: totals.requests,
    promptTokens: totals.promptTokens,
    generatedTokens: totals.generatedTokens,
  });

  function forgetOldest(): void {
    for (const [id, { request }] of kept) {
      if (kept.size <= KEPT) return;
      if (request.phase === 'ended') kept.delete(id);
    }
  }

  return {
    begin(facts) {
      const abort = new AbortController();
      const one: Kept = { request: { ...emptyRequest, ...facts, id: randomUUID(), at: now() }, abort };
      const { id } = one.request;
      kept.set(id, one);
      totals.requests++;
      forgetOldest();
      change(one, {});
      const startedMs = performance.now();
      return {
        ...{ id, startedMs, ended: abort.signal },
        note: (changes) => change(one, changes),
        sent: (text) => keepsContents() && change(one, { sent: beginning(text, KEPT_CHARS) }),
        answered(text) {
          const before = one.request.answered ?? '';
          if (keepsContents() && before.length < KEPT_CHARS)
            change(one, { answered: before + beginning(text, KEPT_CHARS - before.length) });
        },
        generated(tokens) {
          rate.count(tokens, performance.now());
          change(one, { generatedTokens: one.request.generatedTokens + tokens });
        },
        end(changes) {
          if ((changes.status ?? 200) >= 400) totals.failed++;
          change(one, { ...changes, phase: 'ended', totalMs: performance.now() - startedMs });
        },
      };
    },
    count({ promptTokens, reusedTokens, generatedTokens, promptMs, generateMs }) {
      totals.promptTokens += promptTokens;
      totals.reusedTokens += reusedTokens;
      totals.generatedTokens += generatedTokens;
      totals.promptSeconds += promptMs / 1000;
      totals.generateSeconds += generateMs / 1000;
    },
    totals: () => ({ ...totals }),
    running,
    async *watch(signal) {
      const reader = { changed: new Set<string>(), isCleared: false, wake: () => {} };
      const close = (): void => reader.wake();
      signal.addEventListener('abort', close);
      readers.add(reader);
      try {
        yield { type: 'snapshot', requests: [...kept.values()].map(({ request }) => request), load: load() };
        let isIdle = false;
        for (;;) {
          const isNews = await new Promise<boolean>((resolve) => {
            const timer = isIdle ? undefined : setTimeout(() => resolve(false), RATE_STEP_MS * RATE_STEPS);
            reader.wake = () => {
              clearTimeout(timer);
              resolve(true);
            };
            if (signal.aborted || reader.isCleared || reader.changed.size > 0) reader.wake();
          });
          if (signal.aborted) return;
          // Once more after the last change: by then the rate has fallen to zero.
          isIdle = !isNews;
          if (isNews) await new Promise((resolve) => setTimeout(resolve, NEWS_MS));
          if (reader.isCleared) yield { type: 'cleared', load: load() };
          reader.isCleared = false;
          const requests = [...reader.changed].flatMap((id) => kept.get(id)?.request ?? []);
          reader.changed.clear();
          yield { type: 'changed', requests, load: load() };
        }
      } finally {
        readers.delete(reader);
        signal.removeEventListener('abort', close);
      }
    },
    clear() {
      for (const [id, { request }] of kept) if (request.phase === 'ended') kept.delete(id);
      for (const reader of readers) {
        reader.isCleared = true;
        for (const id of kept.keys()) reader.changed.add(id);
        reader.wake();
      }
    },
    endRequest(id) {
      const one = kept.get(id);
      if (!one || one.request.phase === 'ended') return false;
      one.abort.abort();
      return true;
    },
  };
}

const emptyRequest: Omit<ApiRequest, 'id' | 'at' | keyof RequestFacts> = {
  ...{ keyName: null, modelId: null, phase: 'queued', status: null, error: null, isHungUp: false },
  ...{ queuedMs: null, loadMs: null, firstTokenMs: null, totalMs: null, promptTokens: null, reusedTokens: null },
  ...{ generatedTokens: 0, tokensPerSecond: null, endReason: null, sent: null, answered: null },
};

/** Counts per second over the last three seconds. */
function createRate(): { count(amount: number, at: number): void; perSecond(at: number): number } {
  const steps = new Array<number>(RATE_STEPS).fill(0);
  let last = 0;
  /** Empties the steps that have passed since the last call. */
  function moveTo(at: number): number {
    const step = Math.floor(at / RATE_STEP_MS);
    for (let one = Math.max(last + 1, step - RATE_STEPS + 1); one <= step; one++) steps[one % RATE_STEPS] = 0;
    last = Math.max(last, step);
    return step % RATE_STEPS;
  }
  return {
    count(amount, at) {
      const index = moveTo(at);
      steps[index] = (steps[index] ?? 0) + amount;
    },
    perSecond(at) {
      moveTo(at);
      return steps.reduce((sum, count) => sum + count, 0) / ((RATE_STEPS * RATE_STEP_MS) / 1000);
    },
  };
}
