/** The contract's sampling in node-llama-cpp's terms. */
import { LlamaGrammarEvaluationState, TokenBias } from 'node-llama-cpp';
import type { Llama, LlamaGrammar, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import type { Sampling } from '../../preload/contract/chat.ts';
import { AppError } from '../../preload/contract/errors.ts';

/** Tokens that the repeat penalty looks back on, as llama.cpp's default. */
const PENALTY_TOKENS = 64;
/** Tokens of the reply that presence and frequency penalties count; what is older is forgotten. */
const COUNTED_TOKENS = 4096;

export interface Sampler {
  readonly options: SequenceEvaluateOptions;
  /** To be told every token of the reply, in order. */
  accept(token: Token): void;
  /** Texts that end the reply besides the caller's own. */
  readonly stop: readonly string[];
  /** Whether the same text comes out when tokens are guessed ahead: penalties look at what was really written. */
  readonly allowsGuessing: boolean;
}

/**
 * The sampler of one reply. `paused` says whether the grammar does not count now (the model thinks aloud).
 * @throws AppError `invalid_input` for a grammar or schema that is none.
 */
export async function createSampler(
  llama: Llama,
  model: LlamaModel,
  sampling: Sampling,
  seed: number,
  prompt: readonly Token[],
  contextSize: number,
  paused: () => boolean,
): Promise<Sampler> {
  const {
    temperature,
    topK,
    topP,
    minP,
    repeatPenalty,
    presencePenalty = 0,
    frequencyPenalty = 0,
    xtc,
    dry,
  } = sampling;
  const recent: Token[] = repeatPenalty === 1 ? [] : prompt.slice(-PENALTY_TOKENS);
  const reach = repeatPenalty === 1 ? COUNTED_TOKENS : PENALTY_TOKENS;
  const penalised = repeatPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0;

  const bias = biasOf(model, sampling);
  const grammar = await grammarOf(llama, model, sampling);
  const evaluation = grammar && new LlamaGrammarEvaluationState({ model, grammar });

  return {
    options: {
      temperature,
      topK,
      topP,
      minP,
      seed,
      ...(penalised
        ? {
            repeatPenalty: {
              punishTokens: () => recent,
              penalty: repeatPenalty,
              presencePenalty,
              frequencyPenalty,
              maxPunishTokens: reach,
            },
          }
        : {}),
      ...(xtc && xtc.probability > 0 ? { xtc } : {}),
      ...(dry && dry.strength > 0
        ? {
            dryRepeatPenalty: {
              strength: dry.strength,
              base: dry.base,
              allowedLength: dry.allowedLength,
              // The library's own "whole context" (null) turns DRY off.
              lastTokens: dry.lastTokens ?? contextSize,
            },
          }
        : {}),
      ...(bias ? { tokenBias: bias } : {}),
      ...(evaluation ? { grammarEvaluationState: () => (paused() ? undefined : evaluation) } : {}),
    },
    accept(token) {
      if (!penalised) return;
      recent.push(token);
      if (recent.length > reach) recent.shift();
    },
    stop: sampling.grammar?.kind === 'json_schema' ? ['\n\n\n\n'] : [],
    allowsGuessing: !penalised && !dry && !xtc && !evaluation,
  };
}

function biasOf(model: LlamaModel, sampling: Sampling): TokenBias | undefined {
  if (!sampling.logitBias || sampling.logitBias.length === 0) return undefined;
  const bias = new TokenBias(model.tokenizer);
  for (const one of sampling.logitBias) bias.set(one.text, one.bias <= -100 ? 'never' : { logit: one.bias });
  return bias;
}

async function grammarOf(llama: Llama, model: LlamaModel, sampling: Sampling): Promise<LlamaGrammar | undefined> {
  const wanted = sampling.grammar;
  if (!wanted) return undefined;
  const refuse = (what: string, error: unknown): AppError =>
    new AppError('invalid_input', `The ${what} could not be used: ${reasonOf(error)}`, { field: 'grammar' });
  switch (wanted.kind) {
    case 'gbnf':
      try {
        const grammar = await llama.createGrammar({ grammar: wanted.text });
        // llama.cpp reads it only here; what it cannot read it would let pass without a word.
        new LlamaGrammarEvaluationState({ model, grammar });
        return grammar;
      } catch (error) {
        throw refuse('grammar', error);
      }
    case 'json_schema':
      try {
        const schema = JSON.parse(wanted.text) as Parameters<Llama['createGrammarForJsonSchema']>[0];
        if (typeof schema !== 'object') throw new Error('it is not an object.');
        return await llama.createGrammarForJsonSchema(schema);
      } catch (error) {
        throw refuse('JSON schema', error);
      }
    default:
      return wanted satisfies never;
  }
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}
