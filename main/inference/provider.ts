/** The interface of providers, which run models: this computer's engine (local.ts), and servers elsewhere (remote.ts). */
import type { RemoteAbilities } from '../../preload/contract/providers.ts';
import type { GenerateEvent, GenerateRequest, PromptRequest } from '../engine/engine.ts';

/** A model that a provider can open. */
export interface ProvidedModel {
  readonly modelId: string;
  readonly name: string;
  /** Tokens of one conversation, where a server elsewhere tells them before its model is opened. */
  readonly contextSize?: number | null;
  /** What a server elsewhere tells of it. */
  readonly abilities?: RemoteAbilities;
}

/** The capabilities of a model. */
export interface Capabilities {
  /** Tokens of one conversation, its reply included; null where a server elsewhere does not tell. */
  readonly contextSize: number | null;
  /** Conversations that it can serve in parallel; null where a server elsewhere does not tell. */
  readonly sequences: number | null;
  /** A conversation's state can be written to a file and used again. */
  readonly states: boolean;
}

export interface OpenOrder {
  /** Ends the wait for the model, and what is embedded, ranked or counted with it. */
  readonly signal?: AbortSignal;
  /** Opens the model even if it failed too often before, because the user asked for it. */
  readonly retry?: boolean;
  /** Windows are served before programs. Default: window. */
  readonly priority?: 'window' | 'api';
  /** The program that asks. Programs are served in turn. */
  readonly client?: string;
  /**
   * For how long the model stays in memory after its last use, in milliseconds; 0: it is unloaded as soon as nobody uses it; null: it stays.
   * The latest order decides. Absent: as the settings say. A provider elsewhere has its own rule.
   */
  readonly keepMs?: number | null;
  /** Conversations that the model should serve in parallel, where it must be loaded and they fit. The model's own load settings come first. */
  readonly sequences?: number;
}

export interface Embedding {
  readonly vectors: readonly (readonly number[])[];
  /** Tokens of all texts. */
  readonly tokens: number;
}

/** A text, or the input of a reply. */
export type Countable = { readonly text: string } | Renderable;

/** What the prompt of a reply is made of. */
export type Renderable = PromptRequest;

/** The prompt of a reply. Counts are in tokens. */
export interface Rendered {
  readonly text: string;
  readonly promptTokens: number;
  /** Null where a server elsewhere does not tell. */
  readonly contextSize: number | null;
  /** Older messages that do not fit into the context. */
  readonly omittedMessages: number;
  /** The first of them, counted from 0 without the system text. */
  readonly omittedFrom: number;
}

/** A token of a vocabulary. */
export interface TextToken {
  readonly id: number;
  /** Its text behind the tokens before it. Bytes of an unfinished character are U+FFFD. */
  readonly text: string;
  /** The bytes of such a token, where the provider tells them. */
  readonly bytes?: readonly number[];
}

/**
 * `special`: texts of special tokens become those tokens; otherwise they are plain text. `withEnds`: with the tokens that the vocabulary
 * puts before and behind a text. `asPieces`: the texts are as in the middle of a text, so that a space with which the vocabulary begins a text
 * is among them.
 */
export interface TokenizeOptions {
  readonly special: boolean;
  readonly withEnds?: boolean;
  readonly asPieces?: boolean;
}

/** An open model, which is in use until it is disposed. */
export interface OpenModel extends Disposable {
  readonly modelId: string;
  readonly capabilities: Capabilities;
  /** Generates a reply as events, the last of which is `end`. Ends early, with `end`, when `signal` fires. Throws engine.*, template.invalid, busy. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
  /** One vector per text, in order; `dimensions` cuts each and normalizes it again. Throws unsupported. */
  embed(texts: readonly string[], options?: { dimensions?: number; normalize?: boolean }): Promise<Embedding>;
  /** One score from 0 to 1 per document, in order. Throws unsupported for a model that is no reranker. */
  rerank(query: string, documents: readonly string[]): Promise<readonly number[]>;
  /** The number of the model's tokens. Throws template.invalid, engine.context_full. */
  count(what: Countable): Promise<number>;
  /** The tokens of a text. Throws invalid_input for a text that is too long, unsupported. */
  tokenize(text: string, options: TokenizeOptions): Promise<{ readonly tokens: readonly TextToken[] }>;
  /** The text of tokens, special ones included. Throws invalid_input for too many or ids outside of the vocabulary, unsupported. */
  detokenize(ids: readonly number[], options?: Pick<TokenizeOptions, 'asPieces'>): Promise<string>;
  /** The prompt that `generate` would evaluate. Throws template.invalid, engine.context_full, unsupported. */
  render(what: Renderable): Promise<Rendered>;
}

export interface Provider {
  list(): Promise<readonly ProvidedModel[]>;
  /** Finds a model, without opening it. Throws model.missing, model.corrupt, model.unsupported. */
  find(modelId: string): Promise<FoundModel>;
}

export interface FoundModel extends ProvidedModel {
  /** Opens the model, loads it when needed, and counts a user of it. Throws model.*, engine.*, busy, cancelled. */
  open(order?: OpenOrder): Promise<OpenModel>;
}
