/** One loaded model and the sequences of its context: replies, prompts, measurements and the states of chats. */
import type { LlamaContext, LlamaModel } from 'node-llama-cpp';
import { AppError } from '../../../preload/wire/errors.ts';
import type {
  BenchOrder,
  BenchSample,
  GenerateEvent,
  GenerateRequest,
  Measurement,
  PromptRequest,
  RenderedPrompt,
  StateFile,
  Tuning,
} from '../protocol.ts';
import type { Batching } from './batch/batching.ts';
import { createScheduler } from './batch/scheduler.ts';
import type { Drafter } from './batch/speculation.ts';
import { benchSample } from './bench.ts';
import { measureSpeed, type Candidates } from './measure.ts';
import { createReplyMaker } from './prepare-reply.ts';
import type { PlainForm } from '../../chat-format/template/chat-template.ts';
import { piecesOf } from './prompt/prompt.ts';
import type { TemplateHost, TemplateHosts } from '../../chat-format/template/template-host.ts';
import type { Tokenizer } from './prompt/tokenizer.ts';
import { createSlots, type SequenceSlot } from './sequence-slots.ts';
import { createPrefixStore, saveState } from './state.ts';
import { createGeneration } from './generation.ts';
import { hashTokens } from './token-hash.ts';

export interface SessionOptions {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly tokenizer: Tokenizer;
  /** Null: the model has none, or one that does not work. */
  readonly template: TemplateHost | null;
  /** Renders the templates that come with requests. */
  readonly givenTemplates: TemplateHosts;
  /** Takes the place of a template; null for a base model, whose prompt is the texts as they are. */
  readonly plain: PlainForm | null;
  /** Makes the drafter of one sequence; null where nothing drafts. */
  readonly createDrafter: () => Drafter | null;
  readonly batching: Pick<Batching, 'join' | 'withRepliesPaused' | 'tuning'>;
  /** Attention is computed on the processor in tiles of tokens, and the last tokens of a sequence can be taken away alone. */
  readonly usesAttentionTiles: boolean;
  readonly stateKey: string;
  readonly scratchFolder: string | null;
}

/** Sets the threads and the size of a step from the next batch on. */
type Tune = (tuning: Tuning) => void;

export interface Session {
  /** Generates until the model ends its turn, a limit is met or `signal` fires; the last event is always `end`. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent>;
  /** The prompt that `generate` would make. */
  prompt(request: PromptRequest, signal: AbortSignal): Promise<RenderedPrompt>;
  /** @throws AppError `busy` while a reply is written or waits. */
  measure(candidates: Candidates, tune: Tune): Promise<Measurement[]>;
  /** One sample of a benchmark. @throws AppError `busy` while a reply is written or waits, `engine.context_full`. */
  bench(order: BenchOrder, tune: Tune, signal: AbortSignal): Promise<BenchSample>;
  /** Writes a chat's state to a file; null when no free sequence holds it. */
  saveState(chatKey: string, file: string): Promise<StateFile | null>;
  dropState(chatKey: string): Promise<void>;
  /** Replies that have their sequence. */
  active(): number;
  /** Replies that wait for one. */
  waiting(): number;
  /** As of a `ReplyMaker`. */
  grammarMs(): number | null;
}

/** A session over all sequences of a context. */
export function createSession(options: SessionOptions): Session {
  const { model, context, batching, stateKey, scratchFolder } = options;
  const slots = createSlots(context, options.createDrafter);
  const scheduler = createScheduler(slots);
  const replies = createReplyMaker(options);
  const prefixes = scratchFolder === null ? null : createPrefixStore(scratchFolder, stateKey);
  const generationContext = {
    ...{ model, contextSize: context.contextSize, replies, scheduler, batching },
    evaluation: { batching, prefixes, stateKey, usesAttentionTiles: options.usesAttentionTiles },
  };

  /** Does work on a free slot while nothing else goes on. Afterwards the slot is empty and the tuning is as before. */
  async function withQuietSlot<T>(tune: Tune, work: (slot: SequenceSlot, before: Tuning) => Promise<T>): Promise<T> {
    const slot = [...slots].sort((a, b) => a.lastUsed - b.lastUsed)[0];
    if (!slot || scheduler.active() > 0 || scheduler.waiting() > 0)
      throw new AppError('busy', 'The model is writing. Measure it when it is quiet.', { reason: 'model_writing' });
    slot.busy = true;
    const member = batching.join();
    const before = batching.tuning();
    try {
      slot.drafter?.begin([], false);
      return await work(slot, before);
    } finally {
      tune(before);
      await slot.sequence.clearHistory();
      slot.stateOf = null;
      slot.chatKey = null;
      member.leave();
      scheduler.release(slot);
    }
  }

  return {
    generate: (request, signal) => createGeneration(generationContext, request, signal).run(),

    async prompt(request, signal) {
      const prompt = await replies.prompt(request, signal);
      return {
        text: prompt.text,
        pieces: await piecesOf(model, prompt),
        contextSize: context.contextSize,
        promptTokens: prompt.tokens.length,
        promptHash: hashTokens(prompt.tokens),
        omittedMessages: prompt.omittedMessages,
        omittedFrom: prompt.omittedFrom,
        makeUp: prompt.makeUp,
        ...(prompt.overflow ? { overflow: prompt.overflow } : {}),
      };
    },

    measure: (candidates, tune) =>
      withQuietSlot(tune, (slot, before) =>
        measureSpeed(model, context, slot.sequence, candidates, (change) => tune({ ...before, ...change })),
      ),

    bench: (order, tune, signal) =>
      withQuietSlot(tune, (slot, before) => {
        tune({ ...before, decodeThreads: order.threads, promptThreads: order.threads });
        return benchSample(model, context, slot.sequence, order, signal);
      }),

    async saveState(chatKey, file) {
      const slot = slots.find((one) => one.stateOf === chatKey && one.chatKey === chatKey && !one.busy);
      if (!slot || slot.sequence.nextTokenIndex === 0) return null;
      return await batching.withRepliesPaused(() => saveState(slot.sequence, file, stateKey));
    },

    async dropState(chatKey) {
      for (const slot of slots) {
        if (slot.chatKey !== chatKey || slot.busy) continue;
        slot.chatKey = null;
        slot.stateOf = null;
        await batching.withRepliesPaused(() => slot.sequence.clearHistory());
      }
    },

    active: scheduler.active,
    waiting: scheduler.waiting,
    grammarMs: replies.grammarMs,
  };
}
