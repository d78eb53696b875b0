/**
 * Holds the arguments of a call to the schema of its tool where the model is free to call or not. The grammar begins with the arguments and
 * ends with them ("lazy"), so that no other token of the reply waits for it.
 */
import { LlamaGrammar, LlamaGrammarEvaluationState } from 'node-llama-cpp';
import type { Llama, LlamaModel, Token } from 'node-llama-cpp';
import { isAppError } from '../../../../preload/wire/errors.ts';
import { literalText, schemaGrammar, type Schema } from '../../../json-schema/json-schema.ts';
import { argumentSchema } from '../../../chat-format/call-schema.ts';
import type { ToolDefinition } from '../../../chat-format/messages.ts';
import type { CallBody } from '../../../chat-format/reply/tool-calls.ts';
import { argumentStart, createObjectEnd, type ArgumentStart } from './argument-start.ts';
import { readGrammar, followWays, type GrammarWays } from '../../../gbnf/gbnf.ts';

export interface ArgumentGrammar {
  /** The state for the next token; undefined outside of arguments, where all tokens are allowed. */
  state(): LlamaGrammarEvaluationState | undefined;
  /**
   * To be called with each token, its text, and the body of the call that is being written behind it, null for none.
   * @throws AppError `invalid_input` when the next token would cost too much.
   */
  wrote(token: Token, text: string, body: CallBody | null): void;
}

interface Held {
  readonly state: LlamaGrammarEvaluationState;
  readonly ways: GrammarWays | null;
  readonly end: ReturnType<typeof createObjectEnd>;
  /** The mark that ends the call is held as well. */
  readonly toClose: boolean;
}

/** The methods of node-llama-cpp's binding by which its own `LlamaChat` feeds a state; it exports no other way. */
interface GrammarBinding {
  readonly _bindings: {
    readonly AddonSampler: {
      acceptGrammarEvaluationStateToken(state: unknown, token: Token): void;
      canBeNextTokenForGrammarEvaluationState(state: unknown, token: Token): boolean;
    };
  };
}

/** Arguments of a tool whose schema no grammar can hold are an object all the same. */
const anyObject: Schema = { type: 'object' };
/** Mistral and Cohere write an id behind the arguments. */
const ID = '(", \\"id\\": \\"" [a-zA-Z0-9_-]{1,40} "\\"")?';
/** Between what announces arguments and their brace. */
const SPACE = '[ \\t\\n]{0,8}';

/** The grammars of one reply that may call these tools. Nothing is computed before a call begins. */
export function createArgumentGrammar(
  llama: Llama,
  model: LlamaModel,
  tools: readonly ToolDefinition[],
): ArgumentGrammar {
  const names = new Set(tools.map(({ name }) => name));
  const schemaTexts = new Map<string, string>();
  let held: Held | null = null;
  /** What was written of the body since its last arguments begins there. */
  let from = 0;
  let recent: { readonly token: Token; readonly text: string }[] = [];

  /** The grammar of a tool's arguments, as `root`. */
  function schemaTextOf(name: string): string {
    const known = schemaTexts.get(name);
    if (known !== undefined) return known;
    const tool = tools.find((one) => one.name === name);
    const made = (tool && checkedGrammar(argumentSchema(tool) as Schema)) ?? schemaGrammar(anyObject);
    schemaTexts.set(name, made);
    return made;
  }

  /** Begins with the last tokens, of whose text `rest` belongs to the arguments already. */
  function begin({ name, depth, inList }: ArgumentStart, rest: string, close: string | null): Held | null {
    let first = recent.length;
    let written = '';
    while (written.length < rest.length && first > 0) written = (recent[--first]?.text ?? '') + written;
    if (!written.endsWith(rest)) return null;
    const before = written.slice(0, written.length - rest.length);
    const start = [...(before === '' ? [] : [literalText(before)]), SPACE, 'root'];
    const ends = Array.from({ length: depth }, (_, index) => `${index === depth - 1 ? `${ID} ` : ''}${SPACE} "}"`);
    const toClose = close !== null && depth > 0 && !inList;
    // The token that ends the mark may have white space behind it.
    if (toClose) ends.push(SPACE, literalText(close), SPACE);
    const text = `${schemaTextOf(name)}\nhearth-arguments ::= ${[...start, ...ends].join(' ')}\n`;
    const rules = readGrammar(text);
    if (!rules) return null;
    const ways = followWays(rules, 'hearth-arguments');
    const grammar = new LlamaGrammar(llama, { grammar: text, rootRuleName: 'hearth-arguments' });
    const state = new LlamaGrammarEvaluationState({ model, grammar });
    const end = createObjectEnd(depth);
    for (const { token } of recent.slice(first)) if (!feed(llama, state, token)) return null;
    ways.accept(written);
    return end.push(rest) && !toClose ? null : { state, ways, end, toClose };
  }

  return {
    state: () => held?.state,
    wrote(token, text, body) {
      if (held) {
        held.ways?.accept(text);
        const hasEnded = held.end.push(text);
        if (held.toClose ? body !== null : !hasEnded) return;
        held = null;
        recent = [];
        from = body?.text.length ?? 0;
        return;
      }
      if (body === null) {
        from = 0;
        if (recent.length > 0) recent = [];
        return;
      }
      recent.push({ token, text });
      // The body of the next call.
      if (body.text.length < from) from = 0;
      const head = body.text.slice(from);
      const start = argumentStart(head, names);
      if (!start) return;
      held = begin(start, head.slice(start.length), body.close);
      if (!held) from = body.text.length;
    },
  };
}

/** The grammar of a schema; null where it cannot be held, or each token would take too long. */
function checkedGrammar(schema: Schema): string | null {
  try {
    const text = schemaGrammar(schema);
    const rules = readGrammar(text);
    if (!rules) return null;
    followWays(rules, 'root');
    return text;
  } catch (error) {
    if (isAppError(error, 'invalid_input')) return null;
    throw error;
  }
}

/** Gives a state a token that is written already. Returns whether the grammar allows it. */
function feed(llama: Llama, state: LlamaGrammarEvaluationState, token: Token): boolean {
  const { AddonSampler } = (llama as unknown as GrammarBinding)._bindings;
  const { _state } = state as unknown as { readonly _state: unknown };
  if (!AddonSampler.canBeNextTokenForGrammarEvaluationState(_state, token)) return false;
  AddonSampler.acceptGrammarEvaluationStateToken(_state, token);
  return true;
}
