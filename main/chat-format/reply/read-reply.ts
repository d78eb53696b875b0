/** A whole reply read at once, as it is read while it streams. */
import type { FoundCall } from './call-bodies.ts';
import { withCallsInReasoning } from './calls-in-reasoning.ts';
import { createReasoningSplitter } from './reasoning.ts';
import type { KnownTool } from './tagged-calls.ts';
import type { ReasoningSplit } from './reasoning-split.ts';
import { createToolCallSplitter, STEP_LENGTH } from './tool-calls.ts';

export interface ReadReply {
  readonly reasoning: string;
  readonly content: string;
  readonly calls: readonly FoundCall[];
}

export interface ReplyContext {
  /** The rendered prompt, which may have begun the reply. */
  readonly prompt: string;
  /** The model's chat template. */
  readonly source: string;
  /** Null: calls of any name are read. */
  readonly tools: readonly KnownTool[] | null;
}

/** What a reply is read as. A malformed call is content. */
export function readReply(text: string, { prompt, source, tools }: ReplyContext): ReadReply {
  const splitter = withCallsInReasoning(createReasoningSplitter(prompt, source), tools);
  let reasoning = '';
  let content = '';
  const take = (split: ReasoningSplit): void => {
    if (split.contentWasReasoning) {
      reasoning = content + reasoning;
      content = '';
    }
    reasoning += split.reasoning;
    content += split.content;
  };
  // Each mark of a long text is looked for up to the end of what is there.
  for (let at = 0; at < text.length; at += STEP_LENGTH) take(splitter.push(text.slice(at, at + STEP_LENGTH)));
  take(splitter.end());
  const reader = createToolCallSplitter(tools, prompt);
  const pieces = [...reader.push(content), ...reader.end()];
  return {
    reasoning: reasoning.trim(),
    content: pieces.flatMap((piece) => (piece.kind === 'call' ? [] : [piece.text])).join(''),
    calls: pieces.flatMap((piece) => (piece.kind === 'call' ? [piece.call] : [])),
  };
}
