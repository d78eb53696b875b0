/** The sequences of the context as the slots of the scheduler. */
import type { LlamaContext, LlamaContextSequence } from 'node-llama-cpp';
import type { Slot } from './batch/scheduler.ts';
import type { Drafter } from './batch/speculation.ts';

export interface SequenceSlot extends Slot {
  /** Of the sequence in its context. */
  readonly index: number;
  /** Another one after `replaceSequence`. */
  readonly sequence: LlamaContextSequence;
  readonly drafter: Drafter | null;
  /** The chat whose state is complete in the sequence. `chatKey` is already the next chat's while that one's prompt is evaluated. */
  stateOf: string | null;
  /** Disposes of a sequence whose state is broken, and takes an empty one in its place. */
  replaceSequence(): Promise<void>;
}

/** A slot for every sequence of the context, each with a drafter of its own. */
export function createSlots(context: LlamaContext, createDrafter: () => Drafter | null): readonly SequenceSlot[] {
  return Array.from({ length: context.totalSequences }, (_, index) => createSlot(context, index, createDrafter()));
}

function createSlot(context: LlamaContext, index: number, drafter: Drafter | null): SequenceSlot {
  const newSequence = (): LlamaContextSequence =>
    context.getSequence(drafter ? { tokenPredictor: drafter.predictor } : {});
  let sequence = newSequence();
  return {
    index,
    get sequence() {
      return sequence;
    },
    drafter,
    chatKey: null,
    stateOf: null,
    busy: false,
    lastUsed: 0,
    tokens: () => sequence.contextTokens,
    async replaceSequence() {
      await sequence.dispose();
      sequence = newSequence();
    },
  };
}
