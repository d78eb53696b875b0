/** What runs models: this computer's engine (local.ts), and later an address that speaks OpenAI's protocol. */
import type { GenerateEvent, GenerateRequest } from '../engine/engine.ts';

/** A model that a provider can open. */
export interface ProvidedModel {
  readonly modelId: string;
  readonly name: string;
}

/** What a model can do here. */
export interface Capabilities {
  /** Tokens of one conversation, its reply included. */
  readonly contextSize: number;
  /** Conversations that it writes for at once. */
  readonly sequences: number;
  /** A conversation's state can be written to a file and used again. */
  readonly states: boolean;
}

export interface OpenOrder {
  /** Ends the wait for the model. */
  readonly signal?: AbortSignal;
  /** Opens also what failed too often before: somebody asked by hand. */
  readonly retry?: boolean;
  /** A window goes before programs. Default: window. */
  readonly priority?: 'window' | 'api';
  /** Who asks: programs are served in turn. */
  readonly client?: string;
}

export interface Embedding {
  readonly vectors: readonly (readonly number[])[];
  /** Tokens of all texts. */
  readonly tokens: number;
}

/** A text, or what a reply would be asked for. */
export type Countable = { readonly text: string } | Pick<GenerateRequest, 'input' | 'policy'>;

/** A model in use, for as long as it is not disposed. */
export interface OpenModel extends Disposable {
  readonly modelId: string;
  readonly capabilities: Capabilities;
  /** A reply, as events; the last is `end`. It ends early, with its `end`, when `signal` fires. Throws engine.*, template.invalid, busy. */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
  /** One vector per text, in order; `dimensions` cuts each and normalizes it again. Throws unsupported. */
  embed(texts: readonly string[], options?: { dimensions?: number; normalize?: boolean }): Promise<Embedding>;
  /** One score from 0 to 1 per document, in order. Throws unsupported for a model that is no reranker. */
  rerank(query: string, documents: readonly string[]): Promise<readonly number[]>;
  /** How many tokens it is to this model. Throws template.invalid, engine.context_full. */
  count(what: Countable): Promise<number>;
}

export interface Provider {
  list(): Promise<readonly ProvidedModel[]>;
  /** Finds a model, without opening it. Throws model.missing, model.corrupt, model.unsupported. */
  find(modelId: string): Promise<FoundModel>;
}

export interface FoundModel extends ProvidedModel {
  /** Brings the model into memory where it must be, and counts a user of it. Throws model.*, engine.*, busy, cancelled. */
  open(order?: OpenOrder): Promise<OpenModel>;
}
