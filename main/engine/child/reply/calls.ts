/** The tool calls in a reply, as events, while it streams. */
import { randomInt } from 'node:crypto';
import { createToolCallSplitter, type CallBody, type ToolPiece } from '../../../chat-format/reply/tool-calls.ts';
import type { GenerateEvent, GenerateInput } from '../../protocol.ts';
import type { ToolCall } from '../../../chat-format/messages.ts';
import { toolsOf } from '../../../chat-format/template/tool-prompt.ts';

export interface ReplyCalls {
  /** Returns the text that may be shown by now. */
  push(text: string): string;
  /** Returns the text that was held back. */
  end(): string;
  /** What came so far was no content: begins again. Returns the text that was held back. */
  restart(): string;
  /** What is there so far of the call that is being written; null outside of calls. */
  body(): CallBody | null;
  /** Whether `events` has any. */
  hasEvents(): boolean;
  /** The calls, whole and malformed, since the last time. */
  events(): GenerateEvent[];
  readonly found: readonly ToolCall[];
}

/** The calls of one reply to the rendered `prompt`; null where there are no tools to call. @throws AppError `invalid_input` for tools that are malformed. */
export function createReplyCalls(input: GenerateInput, prompt: string): ReplyCalls | null {
  const tools = 'messages' in input ? toolsOf(input) : [];
  if (tools.length === 0) return null;
  let splitter = createToolCallSplitter(tools, prompt);
  const found: ToolCall[] = [];
  let events: GenerateEvent[] = [];
  const take = (pieces: readonly ToolPiece[]): string => {
    let shown = '';
    for (const piece of pieces) {
      if (piece.kind === 'call') {
        const { name, arguments: values } = piece.call;
        const call = { id: newId(), name, arguments: JSON.stringify(values) };
        found.push(call);
        events.push({ type: 'tool_call', call });
        continue;
      }
      shown += piece.text;
      if (piece.kind === 'malformed')
        events.push({ type: 'malformed_tool_call', text: piece.text, reason: piece.reason });
    }
    return shown;
  };
  return {
    push: (text) => take(splitter.push(text)),
    end: () => take(splitter.end()),
    restart() {
      const held = take(splitter.end());
      splitter = createToolCallSplitter(tools, prompt);
      return held;
    },
    body: () => splitter.body(),
    hasEvents: () => events.length > 0,
    events() {
      const taken = events;
      events = [];
      return taken;
    },
    found,
  };
}

function newId(): string {
  const letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
  return Array.from({ length: 9 }, () => letters[randomInt(letters.length)]).join('');
}
