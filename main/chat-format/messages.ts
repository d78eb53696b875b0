/** A conversation as the engine takes it: messages of parts, tools, calls and results. */

/** A function that the model may call. `parameters` is the JSON schema of an object. */
export interface ToolDefinition {
  /** Letters, digits, `_`, `-` and `.`, 64 at most. */
  readonly name: string;
  readonly description?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface ToolCall {
  /** Nine letters and digits: Mistral's templates require that, and others accept it. */
  readonly id: string;
  readonly name: string;
  /** The JSON text of an object: its numbers are those that the model wrote. */
  readonly arguments: string;
}

/** A file of a message, to be read by the child. */
export interface PromptFile {
  readonly path: string;
  /** For people. */
  readonly name: string;
  readonly mediaType: string;
}
/** What a text within a message is, where it is not what its message is. */
export type TextOrigin = 'summary' | 'recalled' | 'files';

export interface PromptText {
  readonly type: 'text';
  readonly text: string;
  /** Only for the account of what a prompt is made of. Absent: as the message. */
  readonly origin?: TextOrigin;
}
export type PromptMedia = PromptFile & { readonly type: 'image' | 'audio' };

export type PromptPart =
  | PromptText
  | PromptMedia
  /** Of an assistant's message. */
  | { readonly type: 'tool_call'; readonly call: ToolCall }
  /** Of a tool's message: the result of the call. */
  | {
      readonly type: 'tool_result';
      readonly callId: string;
      readonly name: string;
      readonly parts: readonly (PromptText | PromptMedia)[];
    };

export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  /** A string stands for one part of text. */
  readonly content: string | readonly PromptPart[];
}

/** `none` leaves the tools out. `required` and a name force one call by a grammar, which the smallest models keep to as well. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** The beginning of a reply; at least one of its texts is not empty. */
export interface ReplyBeginning {
  readonly reasoning: string;
  readonly text: string;
}

export interface ConversationInput {
  /** The reply goes on from here, and its events do not repeat it. */
  readonly begun?: ReplyBeginning;
  readonly messages: readonly PromptMessage[];
  readonly tools?: readonly ToolDefinition[];
  /** Default: auto. */
  readonly toolChoice?: ToolChoice;
}
