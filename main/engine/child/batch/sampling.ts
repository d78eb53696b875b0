/** Translates the contract's sampling settings into node-llama-cpp's, grammars included. */
import { LlamaGrammarEvaluationState } from 'node-llama-cpp';
import type { Llama, LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import type { Sampling } from '../../../../preload/contract/chat.ts';
import { AppError, isAppError } from '../../../../preload/wire/errors.ts';
import { readExactJson } from '../../../../preload/wire/json.ts';
import { literalText, schemaGrammar, schemaNumber, type Schema } from '../../../json-schema/json-schema.ts';
import { hideLines } from '../../../process/hidden-lines.ts';
import { callSchemas } from '../../../chat-format/call-schema.ts';
import type { ToolDefinition } from '../../../chat-format/messages.ts';
import { createBias } from './token-bias.ts';
import type { ArgumentGrammar } from '../grammar/argument-grammar.ts';
import { followWays, readGrammar, type GrammarWays } from '../../../gbnf/gbnf.ts';
import type { ToolForm } from '../../../chat-format/template/tool-prompt.ts';

/** The window of the repeat penalty, in tokens: llama.cpp's default. */
const PENALTY_TOKENS = 64;
/** The window of presence and frequency penalties, in tokens of the reply. */
const COUNTED_TOKENS = 4096;

export interface Sampler {
  readonly options: SequenceEvaluateOptions;
  /**
   * To be called with every token of the reply, in order.
   * @throws AppError `invalid_input` when the grammar has become so ambiguous that the next token would not come in time.
   */
  accept(token: Token): void;
  /** No further token is chosen. */
  end(): void;
  /** Whether a grammar forbids that the reply ends here; false where that is not known. */
  forbidsEnd(): boolean;
  /** Whether a grammar decides which tokens may be chosen. */
  readonly hasGrammar: boolean;
  /** Whether speculative decoding gives the same text: penalties must see the tokens that were really written. */
  readonly allowsSpeculation: boolean;
}

/** The replies for which a grammar chooses a token now, with the time of its beginning. */
export type Choosing = Map<object, number>;

export interface SamplerOptions {
  readonly sampling: Sampling;
  readonly seed: number;
  readonly prompt: readonly Token[];
  /** In tokens. */
  readonly contextSize: number;
  readonly choosing: Choosing;
  /** Whether the grammar is suspended now: the model is in its reasoning. */
  readonly paused: () => boolean;
  /** Marks with which this model may begin its reasoning, before the text that the grammar constrains. */
  readonly thinkingMarks: readonly string[];
  /** The tools of which the reply must call one, and the form of that call; null when the reply is free. */
  readonly forcedCall: { readonly tools: readonly ToolDefinition[]; readonly form: ToolForm } | null;
  /** Holds the arguments of calls that the model makes by itself; null where there are no tools. */
  readonly callArguments: ArgumentGrammar | null;
}

/**
 * The sampler of one reply.
 * @throws AppError `invalid_input` for a malformed grammar or schema, and for a forced call together with a grammar.
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
  const windowTokens = penaltyWindow(sampling, contextSize);
  const recent: Token[] = repeatPenalty === 1 || windowTokens === 0 ? [] : prompt.slice(-windowTokens);
  const penalized = windowTokens > 0 && (repeatPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0);

  const bias = createBias(model, sampling);
  const isHeld = sampling.grammar || options.forcedCall;
  const held = isHeld
    ? await hideLines(() => holdToGrammar(llama, model, options))
    : options.callArguments && followArguments(options.callArguments, options.choosing);

  return {
    options: {
      temperature,
      topK,
      topP,
      minP,
      seed,
      ...(penalized
        ? {
            repeatPenalty: {
              punishTokens: () => recent,
              penalty: repeatPenalty,
              presencePenalty,
              frequencyPenalty,
              maxPunishTokens: windowTokens,
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
              ...(dry.breakers && { sequenceBreakers: dry.breakers }),
            },
          }
        : {}),
      ...(bias ? { tokenBias: bias.ofNext } : {}),
      ...(held ? { grammarEvaluationState: held.state } : {}),
    },
    accept(token) {
      held?.accept(token);
      bias?.accept();
      if (!penalized) return;
      recent.push(token);
      if (recent.length > windowTokens) recent.shift();
    },
    end: () => held?.end(),
    forbidsEnd: () => held?.forbidsEnd() ?? false,
    hasGrammar: Boolean(held),
    allowsSpeculation: !penalized && !dry && !xtc && !held && !sampling.minTokens,
  };
}

/** How many of the last tokens penalties look at. */
function penaltyWindow({ penaltyTokens, repeatPenalty }: Sampling, contextSize: number): number {
  if (penaltyTokens === undefined) return repeatPenalty === 1 ? COUNTED_TOKENS : PENALTY_TOKENS;
  return Math.min(penaltyTokens ?? contextSize, contextSize);
}

/** The grammar that the reply is held to. Errors of llama.cpp may quote the user's grammar, so only their reason is used. */
async function holdToGrammar(
  llama: Llama,
  model: LlamaModel,
  options: SamplerOptions,
): Promise<HeldGrammar | undefined> {
  const grammar = await grammarOf(llama, model, options);
  return grammar && (await followGrammar(llama, model, grammar, options));
}

interface HeldGrammar extends Pick<Sampler, 'accept' | 'end' | 'forbidsEnd'> {
  /** The state of the grammar for the next token; undefined where all tokens are allowed. */
  state(): LlamaGrammarEvaluationState | undefined;
}

/** The state of a call's arguments while they are written. */
function followArguments(callArguments: ArgumentGrammar, choosing: Choosing): HeldGrammar {
  const reply = {};
  return {
    state() {
      const state = callArguments.state();
      if (state) choosing.set(reply, performance.now());
      return state;
    },
    accept: () => void choosing.delete(reply),
    end: () => void choosing.delete(reply),
    // llama.cpp's grammar allows no end within arguments.
    forbidsEnd: () => callArguments.state() !== undefined,
  };
}

interface Grammar {
  readonly text: string;
  readonly root: string;
}

/**
 * The state of the grammar at each step: none while the model reasons, so that all tokens are allowed. At the very start the marks that
 * begin reasoning are allowed as well. After the reasoning the grammar starts from its root.
 */
async function followGrammar(
  llama: Llama,
  model: LlamaModel,
  { text, root }: Grammar,
  { paused, thinkingMarks, choosing, prompt }: SamplerOptions,
): Promise<HeldGrammar> {
  const stateOf = async (grammar: string, rootRuleName: string): Promise<LlamaGrammarEvaluationState> =>
    new LlamaGrammarEvaluationState({ model, grammar: await llama.createGrammar({ grammar, rootRuleName }) });
  const startText = `${text}\nhearth-start ::= ${[...thinkingMarks.map(literalText), root].join(' | ')}\n`;
  const hasStart = thinkingMarks.length > 0;
  // Before llama.cpp sees either of them.
  const waysOf = (one: string, rootRule: string): GrammarWays | null => {
    const rules = readGrammar(one);
    return rules && followWays(rules, rootRule);
  };
  let ways = hasStart ? waysOf(startText, 'hearth-start') : waysOf(text, root);
  const answer = await stateOf(text, root);
  const start = hasStart ? await stateOf(startText, 'hearth-start') : answer;
  let thought = false;
  let isRestarted = false;
  let isFollowed = false;
  const reply = {};
  let unread: Token[] = [];
  // Without tokens before it, the first token would lose the space at its beginning.
  let before: Token[] = prompt.slice(-4);
  return {
    state() {
      isFollowed = !paused();
      if (!isFollowed) {
        thought = true;
        return undefined;
      }
      choosing.set(reply, performance.now());
      if (!thought) return start;
      if (start !== answer && !isRestarted) {
        isRestarted = true;
        ways = waysOf(text, root);
      }
      return answer;
    },
    accept(token) {
      choosing.delete(reply);
      if (!isFollowed || !ways) return;
      unread.push(token);
      const read = model.detokenize(unread, true, before);
      // The bytes of one character may be several tokens.
      if (read.endsWith('\uFFFD') && unread.length < 4) return;
      before = [...before, ...unread].slice(-4);
      unread = [];
      ways.accept(read);
    },
    end: () => void choosing.delete(reply),
    // A special token that ends the turn is not read by the grammar, so llama.cpp may choose it where nothing is allowed.
    forbidsEnd: () => isFollowed && unread.length === 0 && ways?.mayEnd() === false,
  };
}

async function grammarOf(
  llama: Llama,
  model: LlamaModel,
  { sampling, forcedCall }: SamplerOptions,
): Promise<Grammar | undefined> {
  const refuse = (what: string, error: unknown): AppError =>
    isAppError(error)
      ? error
      : new AppError('invalid_input', `The ${what} could not be used: ${reasonOf(error)}`, {
          reason: 'grammar',
          field: 'grammar',
        });
  const wanted = sampling.grammar;
  if (forcedCall) {
    if (wanted)
      throw new AppError('invalid_input', 'A reply can have a grammar or a required call, but not both.', {
        reason: 'grammar_and_tools',
        field: 'toolChoice',
      });
    return callGrammar(forcedCall.tools, forcedCall.form);
  }
  if (!wanted) return undefined;
  switch (wanted.kind) {
    case 'gbnf':
      try {
        const rules = readGrammar(wanted.text);
        // What cannot be read cannot be checked, and llama.cpp must not see it.
        if (!rules) throw new Error('it is not GBNF');
        followWays(rules, 'root');
        const grammar = await llama.createGrammar({ grammar: wanted.text });
        // llama.cpp parses it only here. Later it would silently ignore a grammar that it cannot parse.
        new LlamaGrammarEvaluationState({ model, grammar });
        return { text: wanted.text, root: 'root' };
      } catch (error) {
        throw refuse('grammar', error);
      }
    case 'json_schema':
      try {
        return { text: schemaGrammar(readExactJson(wanted.text, schemaNumber) as Schema), root: 'root' };
      } catch (error) {
        throw refuse('JSON schema', error);
      }
    default:
      return wanted satisfies never;
  }
}

/** One call of one of the tools, in the form of the model's family: on one line, as the families write calls. */
function callGrammar(tools: readonly ToolDefinition[], form: ToolForm): Grammar {
  const key = form === 'llama' ? 'parameters' : 'arguments';
  const text = schemaGrammar({ anyOf: callSchemas(tools, key) } as Schema, { whitespace: 'line' });
  const around = {
    hermes: ['<tool_call>\n', '\n</tool_call>'],
    mistral: ['[TOOL_CALLS][', ']'],
    llama: ['', ''],
  } as const;
  const [open, close] = around[form];
  return { text: `${text}hearth-call ::= ${[open, close].map(literalText).join(' root ')}\n`, root: 'hearth-call' };
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}
