/** The parts of messages, and functions to read them. Without zod, so that the page can import them without it. */

/** A file of the data folder. It is named by its hash, so that two messages share one file. */
export interface FileFacts {
  /** 64 lowercase hexadecimal digits. */
  readonly sha256: string;
  /** The original file name, for people; never a path. */
  readonly name: string;
  /** Such as `image/png`. */
  readonly mediaType: string;
  readonly sizeBytes: number;
}

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** The name of a pasted text or of a text file; absent for text that was typed or that a model wrote. */
  readonly name?: string | undefined;
}
/** Reasoning that a model wrote before its answer. It is never sent to a model again. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  /** Null while it is being written, and when the reply ended in it. */
  readonly durationMs: number | null;
}
/** A document of a message. The model gets its text and not its bytes. */
export interface AttachmentPart {
  readonly type: 'attachment';
  readonly file: FileFacts;
}
export interface ImagePart {
  readonly type: 'image';
  readonly file: FileFacts;
  /** In pixels; null when unknown. */
  readonly width: number | null;
  readonly height: number | null;
}
export interface AudioPart {
  readonly type: 'audio';
  readonly file: FileFacts;
  /** Null when unknown. */
  readonly durationMs: number | null;
}
/** A tool call in an assistant's message. Its result is in a tool's message below, with the same `callId`. */
export interface ToolCallPart {
  readonly type: 'tool_call';
  readonly callId: string;
  readonly name: string;
  /** JSON text of an object. */
  readonly arguments: string;
}
/** The result of a call in a tool's message. */
export interface ToolResultPart {
  readonly type: 'tool_result';
  readonly callId: string;
  readonly name: string;
  readonly parts: readonly (TextPart | ImagePart | AudioPart)[];
  /** The tool failed, and `parts` says how. */
  readonly isError: boolean;
}
/** The source of the text before it. */
export interface CitationPart {
  readonly type: 'citation';
  readonly source:
    | { readonly kind: 'file'; readonly sha256: string; readonly name: string }
    | { readonly kind: 'web'; readonly url: string; readonly title: string };
  /** The cited passage, in UTF-16 units of the source's text. Null means the whole source. */
  readonly range: { readonly start: number; readonly end: number } | null;
  /** The passage itself, as it was when it was cited. */
  readonly quote: string;
}

/** A closed union. Every `switch` over it ends in `satisfies never`. */
export type MessagePart =
  TextPart | ReasoningPart | AttachmentPart | ImagePart | AudioPart | ToolCallPart | ToolResultPart | CitationPart;

/** The parts that a user can send. */
export type UserPart = TextPart | AttachmentPart | ImagePart | AudioPart;

interface HasParts {
  readonly parts: readonly MessagePart[];
}

/** Limit for all texts of a message together, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 2_000_000;
export const MAX_PARTS = 100;

/** The text of a message: its text parts, a named one between empty lines. Empty when it has none. */
export function textOf({ parts }: HasParts): string {
  // Nearly every message has one text: no copy is made of it.
  let text = '';
  let isAfterNamed = false;
  for (const part of parts) {
    if (part.type !== 'text') continue;
    const isNamed = part.name !== undefined;
    text = text === '' ? part.text : text + (isNamed || isAfterNamed ? '\n\n' : '') + part.text;
    isAfterNamed = isNamed;
  }
  return text;
}

/** The text of a message without its named texts. */
export function typedTextOf({ parts }: HasParts): string {
  return textOf({ parts: parts.filter((part) => part.type !== 'text' || part.name === undefined) });
}

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** The pasted texts and text files of a message, in order. */
export function namedTextsOf({ parts }: HasParts): NamedText[] {
  return parts.flatMap((part) =>
    part.type === 'text' && part.name !== undefined ? [{ name: part.name, text: part.text }] : [],
  );
}

/** The reasoning of a reply. Empty when it has none. */
export function reasoningOf({ parts }: HasParts): string {
  return parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
}

/** Whether a part is for people alone: models are not trained to read their reasoning and citations again. */
export function isAside(part: MessagePart): part is ReasoningPart | CitationPart {
  return part.type === 'reasoning' || part.type === 'citation';
}

/** Whether a message has content for a model. A reply that failed, was stopped early, or has only reasoning has none. */
export function hasContent({ parts }: HasParts): boolean {
  return parts.some((part) => !isAside(part) && (part.type !== 'text' || part.text !== ''));
}

/** Whether a reply has no text and no other part yet. */
export function isBlank({ parts }: HasParts): boolean {
  return parts.every((part) => (part.type === 'text' || part.type === 'reasoning') && part.text === '');
}

/** Length of the text and reasoning in UTF-16 units. */
export function lengthOf({ parts }: HasParts): number {
  return parts.reduce(
    (sum, part) => sum + (part.type === 'text' || part.type === 'reasoning' ? part.text.length : 0),
    0,
  );
}

/** Text that is appended to a part while a reply is written. */
export interface Append {
  readonly partIndex: number;
  readonly partType: 'text' | 'reasoning';
  /** In UTF-16 units of the part's text. */
  readonly offset: number;
  readonly text: string;
}

/**
 * The parts with `append` applied; an append at the end of the list begins a part. Undefined when text before it is missing, or the part has
 * another type or other text. Text that the part has already is not added twice; without new text the same array is returned.
 */
export function withAppend(parts: readonly MessagePart[], append: Append): readonly MessagePart[] | undefined {
  const { partIndex, partType, offset, text } = append;
  const part = parts[partIndex];
  if (part === undefined) {
    if (partIndex !== parts.length || offset !== 0) return undefined;
    return [...parts, partType === 'text' ? { type: 'text', text } : { type: 'reasoning', text, durationMs: null }];
  }
  if (part.type !== partType || offset > part.text.length) return undefined;
  const overlap = Math.min(text.length, part.text.length - offset);
  if (part.text.slice(offset, offset + overlap) !== text.slice(0, overlap)) return undefined;
  if (overlap === text.length) return parts;
  return parts.with(partIndex, { ...part, text: part.text + text.slice(overlap) });
}
