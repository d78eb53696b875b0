/** The interface of providers, which run models. Today there is one, this computer's engine (local.ts). */
import type { GenerateEvent, GenerateRequest } from '../engine/engine.ts';

/** A model that a provider can open. */
export interface ProvidedModel {
  readonly modelId: string;
  readonly name: string;
}

/** The capabilities of a model. */
export interface Capabilities {
  /** Tokens of one conversation, its reply included. */
  readonly contextSize: number;
  /** Conversations that it can serve in parallel. */
  readonly sequences: number;
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
}

export interface Embedding {
  readonly vectors: readonly (readonly number[])[];
  /** Tokens of all texts. */
  readonly tokens: number;
}

/** A text, or the input of a reply. */
export type Countable = { readonly text: string } | Pick<GenerateRequest, 'input' | 'policy'>;

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
