/** Which replies of a chat are shown side by side. */
import type { Message } from '../../../../preload/contract/chat.ts';
import type { PathEntry } from '../messages/path.ts';

/**
 * The replies that are compared at the end of the path, in the order in which they began; undefined when the path does not end in a
 * comparison. A comparison is over when a message follows one of its replies.
 */
export function comparedAt(
  messages: ReadonlyMap<string, Message>,
  path: readonly PathEntry[],
): readonly [Message, Message] | undefined {
  const last = path.at(-1);
  const comparison = last?.message.comparison;
  if (last === undefined || comparison === undefined) return undefined;
  const [first, second] = last.siblingIds.flatMap((id) => {
    const message = messages.get(id);
    return message?.comparison === comparison ? [message] : [];
  });
  return first && second ? [first, second] : undefined;
}
