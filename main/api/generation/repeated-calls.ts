/** Stops a model that makes the same call again and again, which agents would otherwise run for ever. */
import type { ToolCall } from '../../chat-format/messages.ts';
import type { GenerateInput } from '../../engine/engine.ts';

/** A call is stopped when it is made this many times with the same arguments. */
const MOST = 3;

/** Calls of a conversation since the user's last message, and those of the reply. */
export function watchRepeatedCalls(input: GenerateInput): {
  /** Counts a call; a sentence where it is one too many, else null. */
  sentenceFor(call: Pick<ToolCall, 'name' | 'arguments'>): string | null;
} {
  const counts = new Map<string, number>();
  const count = (call: Pick<ToolCall, 'name' | 'arguments'>): number => {
    const key = `${call.name}\n${canonical(call.arguments)}`;
    const next = (counts.get(key) ?? 0) + 1;
    counts.set(key, next);
    return next;
  };
  for (const call of callsSinceLastUser(input)) count(call);
  return {
    sentenceFor: (call) =>
      count(call) < MOST
        ? null
        : `The model called ${call.name} with the same arguments ${MOST} times. The call was stopped.`,
  };
}

function callsSinceLastUser(input: GenerateInput): readonly ToolCall[] {
  if (!('messages' in input)) return [];
  const last = input.messages.findLastIndex(({ role }) => role === 'user');
  return input.messages
    .slice(last + 1)
    .flatMap(({ content }) =>
      typeof content === 'string' ? [] : content.flatMap((part) => (part.type === 'tool_call' ? part.call : [])),
    );
}

/** The arguments without what their writer was free in: white space and the order of keys. */
function canonical(text: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(text) as unknown));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
