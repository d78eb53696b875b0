/** What is known of a server elsewhere after it was asked. */
import type { RemoteAbilities, ServerKind } from '../../../preload/contract/providers.ts';

/** A model as its server tells of it. */
export interface ServerModel {
  readonly name: string;
  /** Tokens of one conversation; null where the server does not tell. */
  readonly contextSize: number | null;
  /** Conversations at once; null where the server does not tell. */
  readonly sequences: number | null;
  readonly abilities: RemoteAbilities;
}

export interface Server {
  readonly kind: ServerKind;
  readonly version: string | null;
  /** Where its methods of OpenAI's protocol are. */
  readonly api: string;
  readonly models: readonly ServerModel[];
  /** Models that it named and that are not in the list. */
  readonly modelsLeftOut: number;
}

export const unknownAbilities: RemoteAbilities = {
  ...{ chat: null, vision: null, audio: null, tools: null },
  ...{ reasoning: null, embeddings: null, tokenize: null },
};

/**
 * What a kind of server takes beside OpenAI's protocol, by its own documentation of 2026. What is not known of a kind is not sent to it.
 */
export interface ServerDialect {
  /** The names of samplers that OpenAI does not have; absent: the server does not take it. */
  readonly samplers: {
    readonly topK?: string;
    readonly minP?: string;
    readonly repeatPenalty?: string;
    readonly minTokens?: string;
    /** XTC and DRY under llama.cpp's names. */
    readonly llamaSamplers?: true;
  };
  /** How a reply goes on from a beginning; null: it cannot. `prefill`: the last message is the assistant's, and nothing else is said. */
  readonly continuing: 'continue_final_message' | 'prefill' | null;
  /** How a reply is held to a GBNF grammar; null: it cannot. */
  readonly grammar: 'grammar' | 'structured_outputs' | 'ebnf' | null;
  /** The name of the variables for the chat template; null: it takes none. */
  readonly templateOptions: 'chat_template_kwargs' | null;
  /** How text is filled in between two others; null: it cannot. */
  readonly infill: 'infill' | 'suffix' | null;
  /** The form of its own `/tokenize`; null: it has none. */
  readonly tokenizer: 'llama' | 'vllm' | 'tgi' | null;
  /** A call can be required. */
  readonly forcesCalls: boolean;
  /** A logit bias may name a text instead of a token. */
  readonly biasByText: boolean;
}

const plain: ServerDialect = {
  samplers: {},
  ...{ continuing: null, grammar: null, templateOptions: null, infill: 'suffix', tokenizer: null },
  ...{ forcesCalls: true, biasByText: false },
};

const llama: ServerDialect = {
  samplers: { topK: 'top_k', minP: 'min_p', repeatPenalty: 'repeat_penalty', llamaSamplers: true },
  ...{ continuing: 'prefill', grammar: 'grammar', templateOptions: 'chat_template_kwargs', infill: 'infill' },
  ...{ tokenizer: 'llama', forcesCalls: true, biasByText: true },
};

/** The dialect of a kind of server. */
export function dialectOf(kind: ServerKind): ServerDialect {
  switch (kind) {
    case 'llama-server':
      return llama;
    case 'hearth':
      return {
        ...llama,
        samplers: { ...llama.samplers, minTokens: 'min_tokens' },
        ...{ continuing: 'continue_final_message', biasByText: false },
      };
    case 'vllm':
      return {
        samplers: { topK: 'top_k', minP: 'min_p', repeatPenalty: 'repetition_penalty', minTokens: 'min_tokens' },
        ...{ continuing: 'continue_final_message', grammar: 'structured_outputs', infill: null, tokenizer: 'vllm' },
        ...{ templateOptions: 'chat_template_kwargs', forcesCalls: true, biasByText: false },
      };
    case 'sglang':
      return {
        samplers: { topK: 'top_k', minP: 'min_p', repeatPenalty: 'repetition_penalty', minTokens: 'min_tokens' },
        ...{ continuing: 'continue_final_message', grammar: 'ebnf', infill: null, tokenizer: 'vllm' },
        ...{ templateOptions: 'chat_template_kwargs', forcesCalls: true, biasByText: false },
      };
    case 'tgi':
      return { ...plain, infill: null, tokenizer: 'tgi' };
    case 'ollama':
      // It takes `tool_choice` and does not heed it.
      return { ...plain, continuing: 'prefill', forcesCalls: false };
    case 'lm-studio':
      return { ...plain, samplers: { topK: 'top_k', repeatPenalty: 'repeat_penalty' }, infill: null };
    case 'openai':
      return plain;
    case 'unknown':
      // Gateways pass these on to many kinds of engines. Who does not know them says so, and is asked again without.
      return { ...plain, samplers: { topK: 'top_k', minP: 'min_p' } };
    default:
      return kind satisfies never;
  }
}
