/**
 * What goes into the next batch, and with how many threads. Tokens of replies go first, prompts share what is left; llama.cpp
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

/** A batch of more tokens is a prompt's: its work grows with the tokens, and more threads pay. */
const DECODE_TOKENS = 16;

/** Turns of the promise queue that a batch waits for replies that are late; a reply that waits for its reader takes longer. */
const MAX_PASSES = 32;

/**
 * The priority of a request's tokens, a window's before a program's. Its fraction says which sequence they are of: llama.cpp computes
 * tokens of several sequences together only where they stand in the batch as 0, 1, 2 …, and the library tells its strategy nothing
 * else of an item.
 */
export function priorityOf(kind: 'window' | 'api', sequence: number): EvaluationPriority {
  return ((kind === 'window' ? 5 : 2) + sequence / MAX_SEQUENCES) as EvaluationPriority;
}

const MAX_SEQUENCES = 1024;
const kindOf = (item: BatchItem): number => Math.floor(item.evaluationPriority);
const sequenceOf = (item: BatchItem): number => item.evaluationPriority % 1;

/** Tokens that llama.cpp's flash attention on the processor takes at once (GGML_FA_TILE_Q). Fewer are taken one by one. */
const TILE_TOKENS = 64;

/**
 * How many of the `common` tokens that a sequence holds already are worth keeping for a prompt of `total`. With flash attention on the
 * processor a whole tile is faster than half of one, so that where half a tile or more is new behind a long text, it is filled with the
 * text's last tokens (measured behind 4,000 tokens: 64 new ones took 425 ms, and 32 took 562).
 */
export function tokensToKeep(common: number, total: number): number {
  const fresh = total - common;
  return fresh >= TILE_TOKENS / 2 && fresh < TILE_TOKENS && common >= 1024 ? total - TILE_TOKENS : common;
}

/** A reply that computes, from its first evaluation to `leave`. */
export interface Work {
  /** To be awaited between two steps, before the next tokens are asked for. */
  pass(): Promise<void> | null;
  /** As `Batching.alone`, for the reply itself. */
  alone<T>(act: () => Promise<T>): Promise<T>;
  leave(): void;
}

export interface Batching {
  readonly strategy: CustomBatchingPrioritizationStrategy;
  tune(tuning: Tuning): void;
  tuning(): Tuning;
  enter(): Work;
  /**
   * Does what needs the context for itself (state in, state out, taking tokens away) while the replies pause between two tokens. The
   * library keeps its lock for as long as tokens are queued: beside replies that are being written, such an act would wait for their end.
   */
  alone<T>(act: () => Promise<T>): Promise<T>;
  /** When the last batch was put together or work began, in `performance.now()` time. */
  lastBatchAt(): number;
}

export function createBatching(llama: Llama, first: Tuning): Batching {
  let tuning = first;
  let lastBatchAt = performance.now();
  /** Replies that will have tokens queued in a moment. */
  let computing = 0;
  let passes = 0;
  let acts = 0;
  const paused: (() => void)[] = [];

  async function alone<T>(act: () => Promise<T>): Promise<T> {
    acts++;
    try {
      return await act();
    } finally {
      if (--acts === 0) for (const goOn of paused.splice(0)) goOn();
    }
  }

  /** Meanwhile no batch waits for the reply. */
  async function away<T>(until: Promise<T>): Promise<T> {
    computing--;
    try {
      return await until;
    } finally {
      computing++;
    }
  }

  return {
    strategy({ items, size }) {
      // The library asks as soon as the first reply has its token. Batches that hold all of them are several times faster
      // together (llama.cpp multiplies four rows at once), so the others, which are only some promises away, are awaited.
      if (items.length < computing && passes < MAX_PASSES) {
        passes++;
        return [];
      }
      passes = 0;
      lastBatchAt = performance.now();
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
      // A reply that is being written must not wait for more than one step of another's prompt.
      if (chosen.length > 0) left = Math.min(left, tuning.batchSize);
      prompts.sort((a, b) => kindOf(b) - kindOf(a));
      for (const [index, item] of prompts.entries()) {
        if (left <= 0) break;
        const equals = prompts.slice(index).filter((one) => kindOf(one) === kindOf(item)).length;
        const processAmount = Math.min(item.tokens.length, Math.max(1, Math.floor(left / equals)));
        chosen.push({ item, processAmount });
        left -= processAmount;
      }
      const total = chosen.reduce((sum, { processAmount }) => sum + processAmount, 0);
      llama.maxThreads = total > DECODE_TOKENS ? tuning.promptThreads : tuning.decodeThreads;
      return chosen.sort((a, b) => sequenceOf(a.item) - sequenceOf(b.item));
    },
    tune(next) {
      tuning = next;
    },
    tuning: () => tuning,
    enter() {
      if (computing === 0) lastBatchAt = performance.now();
      computing++;
      let left = false;
      return {
        pass: () => (acts > 0 ? away(new Promise((resolve) => paused.push(resolve))) : null),
        alone: (act) => away(alone(act)),
        leave() {
          if (!left) computing--;
          left = true;
        },
      };
    },
    alone,
    lastBatchAt: () => lastBatchAt,
  };
}
