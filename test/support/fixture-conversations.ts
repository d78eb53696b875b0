/** The conversations of the template fixtures. */
import { readFileSync } from 'node:fs';
import type { ToolDefinition } from '../../main/chat-format/messages.ts';
import type { TemplateMessage } from '../../main/chat-format/template/flatten.ts';

interface Conversation {
  readonly messages: readonly TemplateMessage[];
  readonly withTools: boolean;
}
interface Stored {
  readonly tools: readonly [ToolDefinition, ToolDefinition];
  readonly convs: Readonly<Record<string, { readonly m: readonly StoredMessage[]; readonly t?: boolean }>>;
}
type StoredMessage = Omit<TemplateMessage, 'toolCalls'> & {
  readonly toolCalls?: readonly { readonly id: string; readonly name: string; readonly arguments: object }[];
};

/** Those of a `conversations.json`, where the arguments of calls are objects, as the engine has them. */
export function readConversations(file: string): {
  readonly tools: Stored['tools'];
  readonly conversations: Readonly<Record<string, Conversation | undefined>>;
} {
  const { tools, convs } = JSON.parse(readFileSync(file, 'utf8')) as Stored;
  const conversations = Object.entries(convs).map(([name, { m, t = false }]) => {
    const messages = m.map(({ toolCalls, ...message }): TemplateMessage => {
      if (!toolCalls) return message;
      return {
        ...message,
        toolCalls: toolCalls.map((call) => ({ ...call, arguments: JSON.stringify(call.arguments) })),
      };
    });
    return [name, { messages, withTools: t }] as const;
  });
  return { tools, conversations: Object.fromEntries(conversations) };
}
