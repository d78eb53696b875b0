/** Makes the events of a reply of the pieces that a server elsewhere sends. */
import { randomInt } from 'node:crypto';
import { readExactObject } from '../../../preload/wire/json.ts';
import { createReasoningSplitter } from '../../chat-format/reply/reasoning.ts';
import type { ReasoningSplit } from '../../chat-format/reply/reasoning-split.ts';
import type { ToolCall } from '../../chat-format/messages.ts';
import type { GenerateEvent } from '../../engine/engine.ts';
import type { CallDelta, ReplyPiece, Usage } from './pieces.ts';

export interface ReplyEnd {
  /** In OpenAI's words; null when the server did not say that the reply ended. */
  readonly finish: string | null;
  readonly stopText: string | null;
  readonly usage: Usage | null;
  readonly toolCalls: readonly ToolCall[];
}

export interface ReplyReader {
  take(piece: ReplyPiece): GenerateEvent[];
  /** What was held back, and the calls that no end announced. */
  end(): GenerateEvent[];
  result(): ReplyEnd;
}

/** Characters of the arguments of all calls. A server that sends more is broken. */
const MAX_ARGUMENT_CHARS = 4_000_000;
const MAX_CALLS = 128;

interface OpenCall {
  readonly index: number | null;
  id: string | null;
  name: string;
  arguments: string;
}

/** `isChat`: the text may contain reasoning between marks, where the server does not separate it. */
export function createReplyReader(isChat: boolean): ReplyReader {
  // A prompt that the server wrote may have begun the reasoning: its end counts without a beginning.
  const splitter = createReasoningSplitter('', '</think>');
  let isSeparated = !isChat;
  let finish: string | null = null;
  let stopText: string | null = null;
  let usage: Usage | null = null;
  const calls = createCallReader();

  const textEvent = (split: ReasoningSplit, piece?: ReplyPiece): GenerateEvent[] => {
    const { content, reasoning, contentWasReasoning } = split;
    const logprobs = piece?.logprobs ?? [];
    if (content === '' && reasoning === '' && logprobs.length === 0 && !contentWasReasoning) return [];
    return [
      {
        ...{ type: 'text', content, reasoning },
        ...(contentWasReasoning && { contentWasReasoning }),
        ...(logprobs.length > 0 && { logprobs }),
      },
    ];
  };

  return {
    take(piece) {
      const held = piece.hasReasoningField && !isSeparated ? textEvent(splitter.end()) : [];
      isSeparated ||= piece.hasReasoningField;
      finish = piece.finish ?? finish;
      stopText = piece.stopText ?? stopText;
      usage = piece.usage ?? usage;
      const split = isSeparated ? piece : withReasoning(splitter.push(piece.content), piece.reasoning);
      return [
        ...held,
        ...textEvent({ content: split.content, reasoning: split.reasoning, ...marked(split) }, piece),
        ...piece.calls.flatMap((delta) => calls.take(delta)),
        ...(piece.finish === null ? [] : calls.end()),
      ];
    },
    end: () => [...textEvent(splitter.end()), ...calls.end()],
    result: () => ({ finish, stopText, usage, toolCalls: calls.found }),
  };
}

const withReasoning = (split: ReasoningSplit, reasoning: string): ReasoningSplit => ({
  ...split,
  reasoning: reasoning + split.reasoning,
});

const marked = (split: object): { contentWasReasoning?: true } =>
  'contentWasReasoning' in split && split.contentWasReasoning === true ? { contentWasReasoning: true } : {};

/** Joins the pieces of calls. A call is given when the next one begins, or the reply ends. */
function createCallReader(): {
  take(delta: CallDelta): GenerateEvent[];
  end(): GenerateEvent[];
  readonly found: readonly ToolCall[];
} {
  const found: ToolCall[] = [];
  /** In the order of their beginnings; several may be open, as the deltas of parallel calls can alternate. */
  const open: OpenCall[] = [];
  let argumentChars = 0;

  /** The open call that a delta goes on with; undefined when it begins another. */
  function continued({ index, id, name }: CallDelta): OpenCall | undefined {
    if (index !== null)
      return open.find((call) => call.index === index && (id === null || call.id === null || call.id === id));
    const latest = open.at(-1);
    // Without an index a name or another id begins a call.
    return latest && (name === null || name === latest.name) && (id === null || id === latest.id) ? latest : undefined;
  }

  function close(): GenerateEvent[] {
    const events = open.map(eventOf);
    open.length = 0;
    return events;
  }

  function eventOf(call: OpenCall): GenerateEvent {
    const text = call.arguments.trim() === '' ? '{}' : call.arguments;
    if (call.name === '' || readExactObject(text) === null)
      return {
        type: 'malformed_tool_call',
        text: `${call.name}${text}`,
        reason: call.name === '' ? 'The call names no tool.' : 'The arguments of the call are not a JSON object.',
      };
    const made: ToolCall = { id: idOf(call.id), name: call.name, arguments: text };
    found.push(made);
    return { type: 'tool_call', call: made };
  }

  return {
    take(delta) {
      argumentChars += delta.arguments.length;
      if (argumentChars > MAX_ARGUMENT_CHARS) return [];
      const call = continued(delta);
      if (call) {
        call.id ??= delta.id;
        // Some servers repeat the name in every piece.
        if (call.name === '') call.name = delta.name ?? '';
        call.arguments += delta.arguments;
        return [];
      }
      if (open.length + found.length >= MAX_CALLS) return [];
      open.push({
        index: delta.index,
        id: delta.id,
        name: (delta.name ?? '').slice(0, 200),
        arguments: delta.arguments,
      });
      return [];
    },
    end: close,
    found,
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The server's id, which it may want to see again, or one of nine letters where it gave none that can be used. */
function idOf(id: string | null): string {
  if (id !== null && /^[\w.:-]{1,64}$/.test(id)) return id;
  return Array.from({ length: 9 }, () => letters[randomInt(letters.length)]).join('');
}
