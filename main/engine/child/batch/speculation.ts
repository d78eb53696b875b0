/**
 * Guessing ahead: a draft model or the prompt itself proposes tokens that the model then checks in one step. Switched per reply,
 * and off by itself when a measured stretch with it is not faster than one without.
 */
import { DraftSequenceTokenPredictor, InputLookupTokenPredictor } from 'node-llama-cpp';
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token, TokenPredictor } from 'node-llama-cpp';
import { formatInteger } from '../../../base/format.ts';

export type SpeculationKind = 'draft' | 'lookup';

/** Tokens per stretch: the first few of a reply are not counted, then one stretch without and one with. */
const WARM_UP = 4;
const STRETCH = 24;
/** What guessing must gain to stay on. */
const WORTH = 1.02;

export interface Guesser {
  readonly kind: SpeculationKind;
  readonly predictor: TokenPredictor;
  /** Begins a reply. `on` false leaves it off throughout. */
  begin(prompt: readonly Token[], on: boolean): void;
  /** To be told of every token that was written, at this time (milliseconds). */
  wrote(atMs: number): void;
  /** Tokens guessed and accepted since `begin`; null when nothing was tried. */
  counts(sequence: LlamaContextSequence): { readonly guessedTokens: number; readonly acceptedTokens: number } | null;
  /** Whether it guesses at this moment. */
  isOn(): boolean;
}

/** Guesses from the text that is there already. */
export function lookupGuesser(): Guesser {
  const lookup = new InputLookupTokenPredictor({ patternLength: { min: 2 }, predictionLength: { min: 1, max: 8 } });
  return createGuesser('lookup', lookup);
}

/** Guesses with a small model; takes a sequence of its context. */
export function draftGuesser(draft: LlamaContext): Guesser {
  return createGuesser(
    'draft',
    new DraftSequenceTokenPredictor(draft.getSequence(), { minTokens: 8, maxTokens: 8, minConfidence: 0.6 }),
  );
}

function createGuesser(kind: SpeculationKind, inner: TokenPredictor): Guesser {
  let on = false;
  let pays: boolean | null = null;
  let written = 0;
  let stretchFrom = 0;
  let withoutMsPerToken = 0;
  let before = { validated: 0, refuted: 0, used: 0 };
  let tried = false;
  let sequence: LlamaContextSequence | undefined;
  let prompt: readonly Token[] = [];
  /** Everything that is in the sequence: what a start in the middle of a reply must tell the predictor. */
  let reset: Parameters<TokenPredictor['reset']>[0] | undefined;
  let since: Token[] = [];
  let fresh = false;

  const predictor: TokenPredictor = {
    async reset(state) {
      sequence = state.targetSequence;
      reset = state;
      since = [];
      fresh = false;
      if (!on) return;
      await start();
    },
    pushTokens(tokens) {
      since.push(...tokens);
      if (on && fresh) void inner.pushTokens(tokens);
    },
    async predictTokens() {
      if (!on || !reset) return [];
      if (!fresh) await start();
      tried = true;
      return await inner.predictTokens();
    },
    stop(untilExhausted) {
      if (fresh) void inner.stop(untilExhausted);
    },
    updateInputTokens(tokens) {
      inner.updateInputTokens(tokens);
    },
    // A sequence that is replaced disposes of its predictor; this one goes on with the next sequence.
    dispose: () => {},
    [Symbol.dispose]: () => {},
  };
  async function start(): Promise<void> {
    if (!reset) return;
    fresh = true;
    const stateTokens = [...reset.stateTokens, ...since];
    // The reply so far is looked through as well: what was said once is often said again.
    inner.updateInputTokens(kind === 'lookup' ? stateTokens.slice(0, -1) : [...prompt]);
    await inner.reset({ ...reset, stateTokens });
  }

  return {
    kind,
    predictor,
    begin(tokens, wanted) {
      prompt = tokens;
      on = false;
      pays = wanted ? null : false;
      written = 0;
      tried = false;
      fresh = false;
      before = sequence ? { ...sequence.tokenPredictions } : { validated: 0, refuted: 0, used: 0 };
    },
    wrote(atMs) {
      written++;
      if (pays !== null) return;
      if (written === WARM_UP) stretchFrom = atMs;
      else if (written === WARM_UP + STRETCH) {
        withoutMsPerToken = (atMs - stretchFrom) / STRETCH;
        on = true;
      } else if (written === WARM_UP + STRETCH + WARM_UP) stretchFrom = atMs;
      else if (written === WARM_UP + STRETCH + WARM_UP + STRETCH) {
        const withMsPerToken = (atMs - stretchFrom) / STRETCH;
        pays = withMsPerToken * WORTH <= withoutMsPerToken;
        on = pays;
      }
    },
    counts(of) {
      if (!tried) return null;
      const now = of.tokenPredictions;
      return {
        guessedTokens: now.validated - before.validated + (now.refuted - before.refuted),
        acceptedTokens: now.used - before.used,
      };
    },
    isOn: () => on,
  };
}

/** Why a draft model cannot guess for a model; null when it can. Their tokens must be the same texts. */
export function vocabularyMismatch(target: LlamaModel, draft: LlamaModel): string | null {
  if (target.vocabularyType !== draft.vocabularyType) return 'its tokenizer is of another kind';
  const texts = (model: LlamaModel): string[] | undefined =>
    model.fileInfo.metadata.tokenizer?.ggml.tokens as string[] | undefined;
  const a = texts(target);
  const b = texts(draft);
  if (!a || !b) return 'its vocabulary could not be read';
  // As llama.cpp allows: a few tokens of padding at the end.
  if (Math.abs(a.length - b.length) > 128)
    return `it has ${formatInteger(b.length)} tokens and the model ${formatInteger(a.length)}`;
  for (let index = 0; index < Math.min(a.length, b.length); index++)
    if (a[index] !== b[index]) return `token ${index} is another one`;
  if (target.tokens.bos !== draft.tokens.bos || target.tokens.eos !== draft.tokens.eos)
    return 'its first or last token is another one';
  return null;
}
