/** The contract's sampling in node-llama-cpp's terms. */
import { LlamaGrammarEvaluationState, TokenBias } from 'node-llama-cpp';
import type { Llama, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import type { Sampling } from '../../../../preload/contract/chat.ts';
import { AppError } from '../../../../preload/wire/errors.ts';
import type { ToolDefinition } from '../../protocol.ts';
import type { ToolForm } from '../prompt/tool-prompt.ts';

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
  /** Whether speculative decoding gives the same text: penalties must see the tokens that were really written. */
  readonly allowsSpeculation: boolean;
}

export interface SamplerOptions {
  readonly sampling: Sampling;
  readonly seed: number;
  readonly prompt: readonly Token[];
  /** In tokens. */
  readonly contextSize: number;
  /** Whether the grammar does not count now: the model thinks aloud. */
  readonly paused: () => boolean;
  /** Marks with which this model may begin to think aloud by itself, before it writes what the grammar wants. */
  readonly thinkingMarks: readonly string[];
  /** The reply must be a call of one of these, in this form. */
  readonly forcedCall: { readonly tools: readonly ToolDefinition[]; readonly form: ToolForm } | null;
}

/**
 * The sampler of one reply.
 * @throws AppError `invalid_input` for a grammar or schema that is none, and for a forced call together with a grammar.
 */
export async function createSampler(llama: Llama, model: LlamaModel, options: SamplerOptions): Promise<Sampler> {
  const { sampling, seed, prompt, contextSize } = options;
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
  const grammar = await grammarOf(llama, model, options);
  const evaluation = grammar && (await followGrammar(llama, model, grammar, options));

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
      ...(evaluation ? { grammarEvaluationState: evaluation } : {}),
    },
    accept(token) {
      if (!penalised) return;
      recent.push(token);
      if (recent.length > reach) recent.shift();
    },
    stop: grammar?.stopsWithLines ? ['\n\n\n\n'] : [],
    allowsSpeculation: !penalised && !dry && !xtc && !evaluation,
  };
}

function biasOf(model: LlamaModel, sampling: Sampling): TokenBias | undefined {
  if (!sampling.logitBias || sampling.logitBias.length === 0) return undefined;
  const bias = new TokenBias(model.tokenizer);
  for (const one of sampling.logitBias) bias.set(one.text, one.bias <= -100 ? 'never' : { logit: one.bias });
  return bias;
}

interface Grammar {
  readonly text: string;
  readonly root: string;
  /** The end of its text is followed by empty lines, which are no part of the reply. */
  readonly stopsWithLines: boolean;
}

/**
 * What the grammar allows at each step: all while the model thinks aloud, and at the very start also the mark that begins it. After
 * that the grammar begins anew.
 */
async function followGrammar(
  llama: Llama,
  model: LlamaModel,
  { text, root }: Grammar,
  { paused, thinkingMarks }: SamplerOptions,
): Promise<() => LlamaGrammarEvaluationState | undefined> {
  const stateOf = async (grammar: string, rootRuleName: string): Promise<LlamaGrammarEvaluationState> =>
    new LlamaGrammarEvaluationState({ model, grammar: await llama.createGrammar({ grammar, rootRuleName }) });
  const answer = await stateOf(text, root);
  const start =
    thinkingMarks.length === 0
      ? answer
      : await stateOf(
          `${text}\nhearth-start ::= ${[...thinkingMarks.map(literal), root].join(' | ')}\n`,
          'hearth-start',
        );
  let thought = false;
  return () => {
    if (paused()) {
      thought = true;
      return undefined;
    }
    return thought ? answer : start;
  };
}

async function grammarOf(
  llama: Llama,
  model: LlamaModel,
  { sampling, forcedCall }: SamplerOptions,
): Promise<Grammar | undefined> {
  const refuse = (what: string, error: unknown): AppError =>
    new AppError('invalid_input', `The ${what} could not be used: ${reasonOf(error)}`, { field: 'grammar' });
  const wanted = sampling.grammar;
  if (forcedCall) {
    if (wanted)
      throw new AppError('invalid_input', 'A reply can be held to a grammar or to a call, not to both.', {
        field: 'toolChoice',
      });
    try {
      return await callGrammar(llama, forcedCall.tools, forcedCall.form);
    } catch (error) {
      throw refuse('schema of a tool', error);
    }
  }
  if (!wanted) return undefined;
  switch (wanted.kind) {
    case 'gbnf':
      try {
        const grammar = await llama.createGrammar({ grammar: wanted.text });
        // llama.cpp reads it only here; what it cannot read it would let pass without a word.
        new LlamaGrammarEvaluationState({ model, grammar });
        return { text: wanted.text, root: 'root', stopsWithLines: false };
      } catch (error) {
        throw refuse('grammar', error);
      }
    case 'json_schema':
      try {
        const schema = JSON.parse(wanted.text) as JsonSchema;
        if (typeof schema !== 'object') throw new Error('it is not an object.');
        return { text: await schemaGrammar(llama, schema), root: 'root', stopsWithLines: true };
      } catch (error) {
        throw refuse('JSON schema', error);
      }
    default:
      return wanted satisfies never;
  }
}

type JsonSchema = Parameters<Llama['createGrammarForJsonSchema']>[0];

async function schemaGrammar(llama: Llama, schema: JsonSchema): Promise<string> {
  return (await llama.createGrammarForJsonSchema(schema)).grammar;
}

/** One call of one of the tools, in the form of the model's family. */
async function callGrammar(llama: Llama, tools: readonly ToolDefinition[], form: ToolForm): Promise<Grammar> {
  const oneOf = tools.map(({ name, parameters }) => ({
    type: 'object',
    properties: {
      name: { const: name },
      [form === 'llama' ? 'parameters' : 'arguments']: parameters
        ? onlyKnown({ type: 'object', ...parameters })
        : { type: 'object', properties: {} },
    },
  }));
  const text = (await schemaGrammar(llama, { oneOf } as JsonSchema))
    // The library ends the root with empty lines, against models that do not stop; here the closing mark or nothing follows.
    .replace(' "\\n\\n\\n\\n" [\\n]*', '')
    // A small model likes to write exponents that no number has.
    .replaceAll(' ([eE] [-+]? ("0" | [1-9] [0-9]{0,15}))?', '')
    // On one line, as the families write calls.
    .replace(/\[\\n\](?: \([^)]*\))? \| (?=\[ \]\?)/g, '');
  const around = {
    hermes: ['<tool_call>\n', '\n</tool_call>'],
    mistral: ['[TOOL_CALLS][', ']'],
    llama: ['', ''],
  } as const;
  const [open, close] = around[form];
  return {
    text: `${text}\nhearth-call ::= ${[open, close].map(literal).join(' root ')}\n`,
    root: 'hearth-call',
    stopsWithLines: false,
  };
}

/** A schema in the words that the library knows: it takes `oneOf` for `anyOf`. */
function onlyKnown(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(onlyKnown);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key === 'anyOf' && Array.isArray(value) ? 'oneOf' : key,
      key === 'const' || key === 'enum' ? (value as unknown) : onlyKnown(value),
    ]),
  );
}

/** A text in GBNF. */
const literal = (text: string): string => JSON.stringify(text);

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}
