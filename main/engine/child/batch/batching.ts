/**
 * Which tokens make the next batch, and with how many threads. Tokens of replies come first, prompts share what is left; llama.cpp
 * takes one thread count per batch, so the count is set right before each.
 */
import type {
  BatchItem,
  CustomBatchingPrioritizationStrategy,
  EvaluationPriority,
  Llama,
  PrioritizedBatchItem,
} from 'node-llama-cpp';
import type { Tuning } from '../../protocol.ts';
import { createProgressWatch } from './progress-watch.ts';

/** Above this many tokens a batch item is a prompt: its work grows with the tokens, and more threads pay. */
const DECODE_TOKENS = 16;

/** Microtask turns that a batch waits for late replies. A reply that waits for its reader takes longer than that. */
const MAX_PASSES = 32;

/**
 * The priority of a request's tokens, a window's above API work. Its fraction is the index of the sequence: llama.cpp computes tokens
 * of several sequences together only where they stand in the batch as 0, 1, 2 …, and the library tells its strategy nothing else of
 * an item.
 */
export function priorityOf(kind: 'window' | 'api', sequence: number): EvaluationPriority {
  return ((kind === 'window' ? 5 : 2) + sequence / MAX_SEQUENCES) as EvaluationPriority;
}

const MAX_SEQUENCES = 1024;
const kindOf = (item: BatchItem): number => Math.floor(item.evaluationPriority);
const sequenceOf = (item: BatchItem): number => item.evaluationPriority % 1;

/** Tokens in a tile of llama.cpp's flash attention on the processor (GGML_FA_TILE_Q). Fewer are computed one by one. */
const TILE_TOKENS = 64;

/**
 * How many of the `common` tokens of a sequence to keep for a prompt of `total` tokens. With flash attention on the processor a whole
 * tile is faster than half of one. Behind a long prefix a tile that is at least half new is therefore filled up with the last tokens
 * of the prefix (measured behind 4,000 tokens: 64 new ones took 425 ms, and 32 took 562).
 */
export function tokensToKeep(common: number, total: number): number {
  const fresh = total - common;
  return fresh >= TILE_TOKENS / 2 && fresh < TILE_TOKENS && common >= 1024 ? total - TILE_TOKENS : common;
}

/** A reply that takes part in batches, from its first evaluation to `leave`. */
export interface BatchMember {
  /** To be awaited between two steps, before the next tokens are queued; null when there is nothing to wait for. */
  betweenSteps(): Promise<void> | null;
  /** As `Batching.withRepliesPaused`, for the reply's own sequence. */
  withRepliesPaused<T>(act: () => Promise<T>): Promise<T>;
  /** The reply hands an event to its reader, who may take any time for it. No batch is due for the reply until `resume`. */
  awaitReader(): void;
  resume(): void;
  /** May be called more than once. */
  leave(): void;
}

export interface Batching {
  readonly strategy: CustomBatchingPrioritizationStrategy;
  tune(tuning: Tuning): void;
  tuning(): Tuning;
  /** A reply begins to take part. */
  join(): BatchMember;
  /**
   * Runs what changes a sequence from outside (state in, state out, taking tokens away) while the replies pause between two tokens.
   * The library holds its context lock for as long as tokens are queued: beside replies that decode, such an act would wait for
   * their end. Two acts at once exclude each other by that lock alone.
   */
  withRepliesPaused<T>(act: () => Promise<T>): Promise<T>;
  /** For how long a batch has been due and was not begun, or not finished, in milliseconds; null while none is due. */
  idleMs(): number | null;
}

/** Batching of one context. `now` in milliseconds. */
export function createBatching(llama: Llama, first: Tuning, now = (): number => performance.now()): Batching {
  let tuning = first;
  const progress = createProgressWatch(now);
  /** Replies that will have tokens queued in a moment. */
  let computing = 0;
  let passes = 0;
  let acts = 0;
  const paused: (() => void)[] = [];
  /** For each reply whose reader has not taken its event: batches wait for the reply no more, until the reader has. */
  const withReaders = new Set<() => void>();

  async function withRepliesPaused<T>(act: () => Promise<T>): Promise<T> {
    acts++;
    try {
      return await act();
    } finally {
      if (--acts === 0) for (const resume of paused.splice(0)) resume();
    }
  }

  function join(): BatchMember {
    let hasLeft = false;
    let isWithReader = false;
    let isForgotten = false;
    const forget = (): void => {
      isForgotten = true;
      computing--;
    };
    const noteReader = (isThere: boolean): void => {
      isWithReader = isThere;
      if (isThere) withReaders.add(forget);
      else withReaders.delete(forget);
    };
    /** Meanwhile no batch waits for the reply. */
    const away = async <T>(until: Promise<T>): Promise<T> => {
      computing--;
      progress.end();
      try {
        return await until;
      } finally {
        computing++;
        progress.begin();
      }
    };
    computing++;
    progress.begin();
    return {
      betweenSteps: () => (acts > 0 ? away(new Promise((resolve) => paused.push(resolve))) : null),
      withRepliesPaused: (act) => away(withRepliesPaused(act)),
      awaitReader() {
        noteReader(true);
        progress.end();
      },
      resume() {
        noteReader(false);
        if (isForgotten) computing++;
        isForgotten = false;
        progress.begin();
      },
      leave() {
        if (hasLeft) return;
        hasLeft = true;
        withReaders.delete(forget);
        if (!isForgotten) computing--;
        if (!isWithReader) progress.end();
      },
    };
  }

  return {
    strategy({ items, size }) {
      // The library asks as soon as the first reply has its token. One batch of all replies is several times faster (llama.cpp
      // multiplies four rows at once), and the others are a few promises away: they are awaited.
      if (items.length < computing && passes < MAX_PASSES) {
        passes++;
        return [];
      }
      if (passes === MAX_PASSES) {
        // A slow reader delays the others' next batches no more.
        for (const forget of withReaders) forget();
        withReaders.clear();
      }
      passes = 0;
      progress.made();
      const chosen = chooseTokens(items, size, tuning.batchSize);
      const total = chosen.reduce((sum, { processAmount }) => sum + processAmount, 0);
      llama.maxThreads = total > DECODE_TOKENS ? tuning.promptThreads : tuning.decodeThreads;
      return chosen.sort((a, b) => sequenceOf(a.item) - sequenceOf(b.item));
    },
    tune(next) {
      tuning = next;
    },
    tuning: () => tuning,
    join,
    withRepliesPaused,
    idleMs: progress.idleMs,
  };
}

/** All tokens of replies, and of prompts what is left: windows' first, equals share. `step` limits prompts beside a reply. */
function chooseTokens(items: readonly BatchItem[], size: number, step: number): PrioritizedBatchItem[] {
  const chosen: PrioritizedBatchItem[] = [];
  let left = size;
  const prompts = [];
  for (const item of items) {
    if (item.tokens.length > DECODE_TOKENS) prompts.push(item);
    else if (left > 0) {
      const processAmount = Math.min(left, item.tokens.length);
      chosen.push({ item, processAmount });
      left -= processAmount;
    }
  }
  // A reply that decodes waits for at most one step of another's prompt.
  if (chosen.length > 0) left = Math.min(left, step);
  prompts.sort((a, b) => kindOf(b) - kindOf(a));
  for (const [index, item] of prompts.entries()) {
    if (left <= 0) break;
    const equals = prompts.slice(index).filter((one) => kindOf(one) === kindOf(item)).length;
    const processAmount = Math.min(item.tokens.length, Math.max(1, Math.floor(left / equals)));
    chosen.push({ item, processAmount });
    left -= processAmount;
  }
  return chosen;
}
