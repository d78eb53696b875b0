/**
 * What goes into the next batch, and with how many threads. Tokens of replies go first, prompts share what is left; llama.cpp
 * takes one thread count per batch, so the count is set right before each.
 */
import type { CustomBatchingPrioritizationStrategy, Llama, PrioritizedBatchItem } from 'node-llama-cpp';
import type { Tuning } from './protocol.ts';

/** A batch of more tokens is a prompt's: its work grows with the tokens, and more threads pay. */
const DECODE_TOKENS = 16;

/** Turns of the promise queue that a batch waits for replies that are late; a reply that waits for its reader takes longer. */
const MAX_PASSES = 32;

export interface Batching {
  readonly strategy: CustomBatchingPrioritizationStrategy;
  tune(tuning: Tuning): void;
  tuning(): Tuning;
  /** A reply begins to compute; what this answers is called at its end. */
  enter(): () => void;
  /** When the last batch was put together or work began, in `performance.now()` time. */
  lastBatchAt(): number;
}

export function createBatching(llama: Llama, first: Tuning): Batching {
  let tuning = first;
  let lastBatchAt = performance.now();
  let computing = 0;
  let passes = 0;
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
      prompts.sort((a, b) => b.evaluationPriority - a.evaluationPriority);
      for (const [index, item] of prompts.entries()) {
        if (left <= 0) break;
        const equals = prompts.slice(index).filter((one) => one.evaluationPriority === item.evaluationPriority).length;
        const processAmount = Math.min(item.tokens.length, Math.max(1, Math.floor(left / equals)));
        chosen.push({ item, processAmount });
        left -= processAmount;
      }
      const total = chosen.reduce((sum, { processAmount }) => sum + processAmount, 0);
      llama.maxThreads = total > DECODE_TOKENS ? tuning.promptThreads : tuning.decodeThreads;
      return chosen;
    },
    tune(next) {
      tuning = next;
    },
    tuning: () => tuning,
    enter() {
      if (computing === 0) lastBatchAt = performance.now();
      computing++;
      let left = false;
      return () => {
        if (!left) computing--;
        left = true;
      };
    },
    lastBatchAt: () => lastBatchAt,
  };
}
