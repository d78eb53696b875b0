/**
 * Speculative decoding: a draft model or the prompt itself drafts tokens that the model then verifies in one step. Switched per reply,
 * and off by itself when a measured stretch with it is not faster than one without.
 */
import { DraftSequenceTokenPredictor, InputLookupTokenPredictor } from 'node-llama-cpp';
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token, TokenPredictor } from 'node-llama-cpp';
import type { DraftProblem } from '../../../../preload/contract/load-notes.ts';

export type SpeculationKind = 'draft' | 'lookup';

/** Tokens: after a warm-up that is not measured, one stretch without drafts and one with. */
const WARM_UP = 4;
const STRETCH = 24;
/** The factor by which drafts must be faster to stay on. */
const WORTH = 1.02;

/** Drafts tokens for one sequence. */
export interface Drafter {
  readonly kind: SpeculationKind;
  readonly predictor: TokenPredictor;
  /** Begins a reply. `enabled` false leaves drafts off throughout. */
  begin(prompt: readonly Token[], enabled: boolean): void;
  /** To be called for every token of the reply, at this time in milliseconds. */
  wrote(atMs: number): void;
  /** Tokens drafted and accepted since `begin`; null when none were drafted. */
  counts(sequence: LlamaContextSequence): DraftCounts | null;
  /** Whether drafts are on at this moment. */
  isOn(): boolean;
}

export interface DraftCounts {
  readonly draftedTokens: number;
  readonly acceptedTokens: number;
}

/** Drafts from the text so far: what followed the same tokens before (prompt lookup). */
export function createLookupDrafter(): Drafter {
  const lookup = new InputLookupTokenPredictor({ patternLength: { min: 2 }, predictionLength: { min: 1, max: 8 } });
  return createDrafter('lookup', lookup);
}

/** Drafts with a small model; takes a sequence of its context. */
export function createModelDrafter(draft: LlamaContext): Drafter {
  return createDrafter(
    'draft',
    new DraftSequenceTokenPredictor(draft.getSequence(), { minTokens: 8, maxTokens: 8, minConfidence: 0.6 }),
  );
}

function createDrafter(kind: SpeculationKind, inner: TokenPredictor): Drafter {
  const trial = createTrial();
  let before = { validated: 0, refuted: 0, used: 0 };
  let hasDrafted = false;
  let sequence: LlamaContextSequence | undefined;
  let prompt: readonly Token[] = [];
  /** The last reset and the tokens since: what a start in the middle of a reply must tell the inner predictor. */
  let lastReset: Parameters<TokenPredictor['reset']>[0] | undefined;
  let since: Token[] = [];
  /** The inner predictor knows all tokens so far. */
  let isCurrent = false;

  async function start(): Promise<void> {
    if (!lastReset) return;
    isCurrent = true;
    const stateTokens = [...lastReset.stateTokens, ...since];
    // Lookup searches the reply so far as well: text repeats itself.
    inner.updateInputTokens(kind === 'lookup' ? stateTokens.slice(0, -1) : [...prompt]);
    await inner.reset({ ...lastReset, stateTokens });
  }

  const predictor: TokenPredictor = {
    async reset(state) {
      sequence = state.targetSequence;
      lastReset = state;
      since = [];
      isCurrent = false;
      if (!trial.isOn()) return;
      await start();
    },
    pushTokens(tokens) {
      for (const token of tokens) since.push(token);
      if (trial.isOn() && isCurrent) void inner.pushTokens(tokens);
    },
    async predictTokens() {
      if (!trial.isOn() || !lastReset) return [];
      if (!isCurrent) await start();
      hasDrafted = true;
      return await inner.predictTokens();
    },
    stop(untilExhausted) {
      if (isCurrent) void inner.stop(untilExhausted);
    },
    updateInputTokens(tokens) {
      inner.updateInputTokens(tokens);
    },
    // A sequence that is replaced disposes of its predictor; this one serves the next sequence as well.
    dispose: () => {},
    [Symbol.dispose]: () => {},
  };

  return {
    kind,
    predictor,
    begin(tokens, enabled) {
      prompt = tokens;
      trial.begin(enabled);
      hasDrafted = false;
      isCurrent = false;
      before = sequence ? { ...sequence.tokenPredictions } : { validated: 0, refuted: 0, used: 0 };
    },
    wrote: trial.wrote,
    counts(of) {
      if (!hasDrafted) return null;
      const now = of.tokenPredictions;
      return {
        draftedTokens: now.validated - before.validated + (now.refuted - before.refuted),
        acceptedTokens: now.used - before.used,
      };
    },
    isOn: trial.isOn,
  };
}

/** Finds out within one reply whether drafts make it faster: a stretch without them, a stretch with them, then the faster of both. */
function createTrial(): Pick<Drafter, 'wrote' | 'isOn'> & { begin(enabled: boolean): void } {
  let on = false;
  let isDecided = false;
  let written = 0;
  let stretchFrom = 0;
  let withoutMsPerToken = 0;
  return {
    begin(enabled) {
      on = false;
      isDecided = !enabled;
      written = 0;
    },
    wrote(atMs) {
      written++;
      if (isDecided) return;
      if (written === WARM_UP) stretchFrom = atMs;
      else if (written === WARM_UP + STRETCH) {
        withoutMsPerToken = (atMs - stretchFrom) / STRETCH;
        on = true;
      } else if (written === WARM_UP + STRETCH + WARM_UP) stretchFrom = atMs;
      else if (written === WARM_UP + STRETCH + WARM_UP + STRETCH) {
        const withMsPerToken = (atMs - stretchFrom) / STRETCH;
        on = withMsPerToken * WORTH <= withoutMsPerToken;
        isDecided = true;
      }
    },
    isOn: () => on,
  };
}

/** Why a model cannot draft for another; null when it can. Each token id must stand for the same text in both. */
export function vocabularyMismatch(target: LlamaModel, draft: LlamaModel): DraftProblem | null {
  if (target.vocabularyType !== draft.vocabularyType) return { why: 'other_tokenizer' };
  const texts = (model: LlamaModel): string[] | undefined =>
    model.fileInfo.metadata.tokenizer?.ggml.tokens as string[] | undefined;
  const a = texts(target);
  const b = texts(draft);
  if (!a || !b) return { why: 'vocabulary_unreadable' };
  // llama.cpp allows as many tokens of padding at the end.
  if (Math.abs(a.length - b.length) > 128) return { why: 'other_size', draftTokens: b.length, modelTokens: a.length };
  for (let index = 0; index < Math.min(a.length, b.length); index++)
    if (a[index] !== b[index]) return { why: 'other_tokens' };
  if (target.tokens.bos !== draft.tokens.bos || target.tokens.eos !== draft.tokens.eos) return { why: 'other_tokens' };
  return null;
}
