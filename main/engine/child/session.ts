/**
 * One loaded model and the sequences of its context. Works on tokens directly rather than through node-llama-cpp's chat
 * session, because the app promises what that would hide: the exact prompt and its length, what was reused, and why it ended.
 */
import type { EvaluationPriority, LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import type { TokenLogprob } from '../../../preload/contract/chat.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { priorityOf, tokensToKeep, type Batching, type Work } from './batch/batching.ts';
import { createReasoningSplitter, reasoningMarks, thinkingTags } from './reply/reasoning.ts';
import type { ReasoningSplit } from './reply/reasoning-split.ts';
import { createStopText } from './reply/stop-text.ts';
import { createReplyCalls } from './reply/calls.ts';
import { requiredTools, toolFormOf, withPlainTools } from './prompt/tool-prompt.ts';
import { toolMarks } from './reply/tool-calls.ts';
import type { PlainForm } from './prompt/chat-template.ts';
import { createPrefixStore, loadState, saveState } from './state.ts';
import { createPromptMaker, piecesOf, type Prompt } from './prompt/prompt.ts';
import { measureSpeed, type Candidates } from './measure.ts';
import type {
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  Measurement,
  RenderedPrompt,
  StateFile,
  Tuning,
} from '../protocol.ts';
import { createDetokenizer, logprobOf, markTokens } from './reply/reply-text.ts';
import { createSampler } from './batch/sampling.ts';
import { commonPrefix, createScheduler, type Slot } from './batch/scheduler.ts';
import type { Guesser } from './batch/speculation.ts';
import type { TemplateHost } from './prompt/template-host.ts';

/** Text is sent once per this time, the first at once. */
const FLUSH_MS = 33;
/** Where the model is computed on the processor each event takes time from it, in every process on its way. */
const PROCESSOR_FLUSH_MS = 50;
/** A system prompt of fewer tokens is evaluated faster than its state is read. */
const PREFIX_TOKENS = 64;

export interface SessionOptions {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  /** Null: the model has none, or one that does not work. */
  readonly template: TemplateHost | null;
  /** What is taken in place of a template; null for a base model, which goes on with the texts as they are. */
  readonly plain: PlainForm | null;
  /** Makes what guesses ahead for one sequence. */
  readonly createGuesser: () => Guesser | null;
  readonly batching: Pick<Batching, 'enter' | 'alone' | 'tuning'>;
  /** Attention is computed on the processor in tiles of tokens, and the last tokens of a sequence can be taken away alone. */
  readonly tiles: boolean;
  readonly stateKey: string;
  readonly scratchFolder: string | null;
}

export interface Session {
  /** Generates until the model ends its turn, a limit is met or `signal` fires; the last event is always `end`. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent>;
  prompt(request: Pick<GenerateRequest, 'input' | 'policy' | 'plainTemplate'>): Promise<RenderedPrompt>;
  measure(candidates: Candidates, tune: (tuning: Tuning) => void): Promise<Measurement[]>;
  saveState(chatKey: string, file: string): Promise<StateFile | null>;
  dropState(chatKey: string): Promise<void>;
  active(): number;
  waiting(): number;
}

interface SequenceSlot extends Slot {
  /** Of the sequence in its context. */
  readonly index: number;
  sequence: LlamaContextSequence;
  readonly guesser: Guesser | null;
  /** Whose state the sequence really holds; `chatKey` is already the next one's while a turn begins. */
  holds: string | null;
}

/** A session over all sequences of a context. */
export function createSession(options: SessionOptions): Session {
  const { model, context } = options;
  const flushMs = model.gpuLayers === 0 ? PROCESSOR_FLUSH_MS : FLUSH_MS;
  const newSequence = (guesser: Guesser | null): LlamaContextSequence =>
    context.getSequence(guesser ? { tokenPredictor: guesser.predictor } : {});
  const slots = Array.from({ length: context.totalSequences }, (_, index): SequenceSlot => {
    const guesser = options.createGuesser();
    const slot: SequenceSlot = {
      index,
      sequence: newSequence(guesser),
      guesser,
      chatKey: null,
      holds: null,
      busy: false,
      lastUsed: 0,
      tokens: () => slot.sequence.contextTokens,
    };
    return slot;
  });
  const scheduler = createScheduler(slots);
  const prompts = createPromptMaker(model, context.contextSize);
  const prefixes = options.scratchFolder === null ? null : createPrefixStore(options.scratchFolder, options.stateKey);
  const shownMarks = markTokens(model, reasoningMarks);
  const shownMarksWithCalls = markTokens(model, [...reasoningMarks, ...toolMarks]);
  const ownThinking = thinkingTags.filter(({ open }) => model.tokenize(open, true).length === 1);

  function makePrompt({
    input,
    policy = 'roll',
    plainTemplate = false,
  }: Parameters<Session['prompt']>[0]): Promise<Prompt> {
    return prompts.make(input, policy, async (messages, tools) => {
      if (options.template && !plainTemplate) return await options.template.render(messages, tools);
      return options.plain
        ? options.plain.render(messages, tools)
        : withPlainTools(messages, tools)
            .map(({ content }) => content)
            .join('\n');
    });
  }

  /** Goes on from what the sequence holds, a beginning of `tokens`, to `end` of them; others have their turns in between. */
  async function evaluateInSteps(
    sequence: LlamaContextSequence,
    tokens: readonly Token[],
    end: number,
    evaluationPriority: EvaluationPriority,
    work: Work,
    signal: AbortSignal,
  ): Promise<void> {
    while (sequence.nextTokenIndex < end && !signal.aborted) {
      const from = sequence.nextTokenIndex;
      const step = tokens.slice(from, Math.min(end, from + options.batching.tuning().batchSize));
      await sequence.evaluateWithoutGeneratingNewTokens(step, { evaluationPriority });
      await work.pass();
    }
  }

  /** Brings the sequence to all of the prompt but its last token. Answers how many tokens were there already. */
  async function evaluatePrompt(
    slot: SequenceSlot,
    request: GenerateRequest,
    prompt: Prompt,
    work: Work,
    signal: AbortSignal,
  ): Promise<{ reused: number; restored: number }> {
    const wanted = prompt.tokens.slice(0, -1);
    const here = (): number => commonPrefix(slot.sequence.contextTokens, wanted);
    const evaluationPriority = priorityOf(request.priority ?? 'window', slot.index);
    const system = systemEnd(prompt);
    let restored = 0;
    const own = request.chatKey !== undefined && slot.holds === request.chatKey;
    slot.holds = null;
    const prepare = async (): Promise<void> => {
      if (!own) await restore();
      const keep = options.tiles ? tokensToKeep(here(), prompt.tokens.length) : wanted.length;
      await slot.sequence.adaptStateToTokens(wanted.slice(0, keep), false);
    };
    const restore = async (): Promise<void> => {
      const bring = async (state: StateFile | undefined): Promise<void> => {
        if (!state || restored > 0 || state.tokenCount <= here()) return;
        const outcome = await loadState(slot.sequence, state, options.stateKey);
        if (outcome === 'loaded') restored = here();
        if (outcome === 'broken') {
          await slot.sequence.dispose();
          slot.sequence = newSequence(slot.guesser);
        }
      };
      await bring(request.state);
      await bring(prefixes?.find(wanted, here()));
    };
    await work.alone(prepare);
    const { sequence } = slot;
    const reused = sequence.nextTokenIndex;
    const evaluateTo = (end: number): Promise<void> =>
      evaluateInSteps(sequence, wanted, end, evaluationPriority, work, signal);
    if (prefixes && system >= PREFIX_TOKENS && reused < system && !prefixes.has(wanted.slice(0, system))) {
      await evaluateTo(system);
      if (!signal.aborted) await work.alone(() => prefixes.keep(sequence));
    }
    // The last part is evaluated with the last token, by the first step that also samples.
    await evaluateTo(wanted.length - (options.batching.tuning().batchSize - 1));
    return { reused: Math.min(reused, wanted.length), restored: Math.min(restored, reused) };
  }

  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
    const started = performance.now();
    const { sampling } = request;
    const prompt = await makePrompt(request);
    const promptTokens = prompt.tokens.length;
    const seed = sampling.seed ?? Math.floor(Math.random() * 4_294_967_295);
    const isChat = 'messages' in request.input;
    const splitter = createReasoningSplitter(isChat ? prompt.text : '');
    const calls = createReplyCalls(request.input);
    const required = isChat ? requiredTools(request.input) : null;
    const usesTemplate = options.template !== null && !request.plainTemplate;
    const sampler = await createSampler(model.llama, model, {
      sampling,
      seed,
      prompt: prompt.tokens,
      contextSize: context.contextSize,
      paused: () => isChat && splitter.inReasoning(),
      // A template that has closed the thinking does not want any.
      thinkingMarks: ownThinking.flatMap(({ open, close }) =>
        isChat && !prompt.text.trimEnd().endsWith(close) ? [open] : [],
      ),
      forcedCall: required && {
        tools: required,
        form: toolFormOf(usesTemplate ? (options.template?.source ?? null) : null),
      },
    });

    const counted = {
      promptTokens,
      omittedMessages: prompt.omittedMessages,
      ...(prompt.overflow ? { overflow: prompt.overflow } : {}),
      makeUp: prompt.makeUp,
      contextSize: context.contextSize,
      seed,
    };
    const nothing = { reusedTokens: 0, restoredTokens: 0, generatedTokens: 0, generateMs: 0 };

    const { ahead, granted } = scheduler.request(
      {
        chatKey: request.chatKey ?? null,
        tokens: prompt.tokens,
        priority: request.priority ?? 'window',
        client: request.client ?? request.chatKey ?? '',
      },
      signal,
    );
    if (ahead > 0) yield { type: 'queued', ahead };
    let slot: SequenceSlot;
    try {
      slot = await granted;
    } catch (error) {
      if (!isAppError(error, 'cancelled')) throw error;
      const waitedMs = performance.now() - started;
      yield {
        type: 'end',
        result: { ...counted, ...nothing, promptMs: waitedMs, queuedMs: waitedMs, endReason: 'stopped' },
      };
      return;
    }
    let work = options.batching.enter();
    let isHeld = true;
    const begun = performance.now();
    const queuedMs = ahead > 0 ? begun - started : 0;
    let lentMs = 0;
    const { guesser } = slot;
    let guessed: ReturnType<Guesser['counts']> = null;
    /**
     * Lets a window's turn go first, and brings the sequence back to where it was. What samples stays as it is meanwhile; what
     * guesses has learnt of the other reply, and stays off.
     */
    const lend = async (sequence: LlamaContextSequence): Promise<void> => {
      const from = performance.now();
      guessed ??= guesser?.counts(sequence) ?? null;
      const tokens = sequence.contextTokens;
      work.leave();
      isHeld = false;
      await scheduler.lend(slot, signal);
      isHeld = true;
      work = options.batching.enter();
      slot.holds = null;
      guesser?.begin(prompt.tokens, false);
      if (slot.sequence !== sequence)
        throw new AppError('busy', 'The reply made way for another one and cannot go on. Try again.');
      await work.alone(() => sequence.adaptStateToTokens(tokens, false));
      await evaluateInSteps(sequence, tokens, tokens.length, priorityOf('api', slot.index), work, signal);
      lentMs += performance.now() - from;
    };
    try {
      yield { type: 'prompt', promptTokens, omittedMessages: prompt.omittedMessages };
      const guesses =
        sampler.allowsGuessing &&
        sampling.logprobs === undefined &&
        (sampling.temperature === 0 || sampling.seed === null);
      guesser?.begin(prompt.tokens, guesses);
      const { reused, restored } = await evaluatePrompt(slot, request, prompt, work, signal);
      const { sequence } = slot;
      const reuse = { reusedTokens: reused, restoredTokens: restored };
      if (signal.aborted) {
        const promptMs = performance.now() - begun;
        yield { type: 'end', result: { ...counted, ...nothing, ...reuse, promptMs, queuedMs, endReason: 'stopped' } };
        return;
      }

      const stop = createStopText([...(sampling.stop ?? []), ...sampler.stop, ...plainStop(request)]);
      const detokenizer = createDetokenizer(model, prompt.tokens, calls ? shownMarksWithCalls : shownMarks);
      const room = context.contextSize - promptTokens;
      const limit = Math.min(sampling.maxTokens ?? Infinity, room);
      let generated = 0;
      let endReason: GenerateResult['endReason'] = 'end_of_turn';
      let stopText: string | null = null;
      let promptDone = 0;
      let waiting: ReasoningSplit = { content: '', reasoning: '' };
      let logprobs: TokenLogprob[] = [];
      let lastFlush = 0;
      const take = (text: string): void => {
        const split = splitter.push(text);
        const shown = stop.push(split.content);
        stopText ??= shown.stopped;
        const content = calls ? calls.push(shown.text) : shown.text;
        waiting = { content: waiting.content + content, reasoning: waiting.reasoning + split.reasoning };
      };
      const flush = (): GenerateEvent => {
        const event: GenerateEvent = { type: 'text', ...waiting, ...(logprobs.length > 0 ? { logprobs } : {}) };
        waiting = { content: '', reasoning: '' };
        logprobs = [];
        return event;
      };

      const iterator = sequence.evaluateWithMetadata(
        prompt.tokens.slice(sequence.nextTokenIndex),
        { probabilities: sampling.logprobs !== undefined },
        {
          ...sampler.options,
          evaluationPriority: priorityOf(request.priority ?? 'window', slot.index),
          // Never reached: the reply ends at the edge. Shifting would forget silently.
          contextShift: { size: 1, strategy: refuseShift },
        },
      );
      for await (const step of iterator) {
        const now = performance.now();
        if (generated === 0) promptDone = now;
        generated++;
        guesser?.wrote(now);
        sampler.accept(step.token);
        if (sampling.logprobs !== undefined)
          logprobs.push(
            logprobOf(
              model,
              step.token,
              (step as { probabilities?: Map<Token, number> }).probabilities,
              sampling.logprobs,
              sequence.contextTokens.slice(-4),
            ),
          );
        take(detokenizer.push(step.token));
        if (now - lastFlush >= flushMs && (waiting.content !== '' || waiting.reasoning !== '')) {
          lastFlush = now;
          yield flush();
        }
        const found = calls?.events() ?? [];
        if (found.length > 0 && waiting.content !== '') yield flush();
        yield* found;
        if (signal.aborted) {
          endReason = 'stopped';
          break;
        }
        if (stopText !== null) {
          // A grammar's own end, or the mark of a next turn in the plain form: that is how this turn ends.
          endReason = sampling.stop?.includes(stopText) ? 'stop_text' : 'end_of_turn';
          break;
        }
        if (generated >= limit) {
          endReason = generated >= room ? 'context_full' : 'max_tokens';
          break;
        }
        await work.pass();
        if (scheduler.isWanted(slot)) {
          if (waiting.content !== '' || waiting.reasoning !== '') yield flush();
          try {
            await lend(sequence);
          } catch (error) {
            if (!isAppError(error, 'cancelled')) throw error;
          }
          if (signal.aborted) {
            endReason = 'stopped';
            break;
          }
        }
      }
      work.leave();
      const done = performance.now();
      if (promptDone === 0) promptDone = done;
      take(detokenizer.end());
      const rest = splitter.end();
      const last = stop.push(rest.content);
      const end = last.text + (last.stopped === null ? stop.end() : '');
      waiting = {
        content: waiting.content + (calls ? calls.push(end) + calls.end() : end),
        reasoning: waiting.reasoning + rest.reasoning,
      };
      if (sampling.grammar?.kind === 'json_schema') waiting = { ...waiting, content: waiting.content.trimEnd() };
      if (waiting.content !== '' || waiting.reasoning !== '' || logprobs.length > 0) yield flush();
      if (calls) yield* calls.events();
      if (isHeld) slot.holds = request.chatKey ?? null;
      guessed ??= guesser?.counts(sequence) ?? null;
      yield {
        type: 'end',
        result: {
          ...counted,
          ...reuse,
          promptMs: promptDone - begun,
          queuedMs: queuedMs + lentMs,
          generatedTokens: generated,
          generateMs: done - promptDone - lentMs,
          endReason: endReason === 'end_of_turn' && calls?.found.length ? 'tool_calls' : endReason,
          ...(calls?.found.length ? { toolCalls: calls.found } : {}),
          ...(endReason === 'stop_text' && stopText !== null ? { stopText } : {}),
          ...(guesser && guessed ? { speculation: { kind: guesser.kind, ...guessed } } : {}),
        },
      };
    } finally {
      work.leave();
      if (isHeld) scheduler.release(slot);
    }
  }

  const plainStop = (request: GenerateRequest): readonly string[] =>
    'messages' in request.input && (request.plainTemplate || !options.template) ? (options.plain?.stop ?? []) : [];

  return {
    generate,

    async prompt(request) {
      const prompt = await makePrompt(request);
      return {
        text: prompt.text,
        pieces: piecesOf(model, prompt),
        contextSize: context.contextSize,
        promptTokens: prompt.tokens.length,
        omittedMessages: prompt.omittedMessages,
        makeUp: prompt.makeUp,
        ...(prompt.overflow ? { overflow: prompt.overflow } : {}),
      };
    },

    async measure(candidates, tune) {
      const slot = [...slots].sort((a, b) => a.lastUsed - b.lastUsed)[0];
      if (!slot || scheduler.active() > 0 || scheduler.waiting() > 0)
        throw new AppError('busy', 'The model is writing. Measure it when it is quiet.');
      slot.busy = true;
      const work = options.batching.enter();
      const before = options.batching.tuning();
      try {
        slot.guesser?.begin([], false);
        return await measureSpeed(model, context, slot.sequence, candidates, (change) =>
          tune({ ...before, ...change }),
        );
      } finally {
        tune(before);
        await slot.sequence.clearHistory();
        slot.holds = null;
        slot.chatKey = null;
        work.leave();
        scheduler.release(slot);
      }
    },

    async saveState(chatKey, file) {
      const slot = slots.find((one) => one.holds === chatKey && one.chatKey === chatKey && !one.busy);
      if (!slot || slot.sequence.nextTokenIndex === 0) return null;
      return await options.batching.alone(() => saveState(slot.sequence, file, options.stateKey));
    },

    async dropState(chatKey) {
      for (const slot of slots) {
        if (slot.chatKey !== chatKey || slot.busy) continue;
        slot.chatKey = null;
        slot.holds = null;
        await options.batching.alone(() => slot.sequence.clearHistory());
      }
    },

    active: () => scheduler.active(),
    waiting: () => scheduler.waiting(),
  };
}

function refuseShift(): never {
  throw new AppError('engine.context_full', 'The context is full.');
}

/** How many tokens at the start belong to the system text and the marks around it. */
function systemEnd(prompt: Prompt): number {
  const first = prompt.origins.findIndex((origin) => origin === 'history' || origin === 'message');
  return prompt.origins.slice(0, first < 0 ? undefined : first).lastIndexOf('system') + 1;
}
