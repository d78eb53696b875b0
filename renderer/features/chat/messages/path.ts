/** The path of a chat's message tree that is shown, with what the pager between siblings needs. */
import type { Message } from '../../../../preload/contract/chat.ts';

export interface PathEntry {
  readonly message: Message;
  /** All versions at this place, oldest first, `message` among them. */
  readonly siblingIds: readonly string[];
  /** Place of `message` in `siblingIds`, from 0. */
  readonly index: number;
}

/**
 * The path from the first message down to `leafId`. Messages must be in the order in which they were written.
 * A leaf that is not there (its message is still on the way) gives the path to the newest message instead,
 * and a parent that is not there ends the path, so that no order of events shows an empty conversation.
 */
export function shownPath(messages: ReadonlyMap<string, Message>, leafId: string | null): readonly PathEntry[] {
  if (leafId === null) return [];
  const children = new Map<string | null, string[]>();
  let newest: Message | undefined;
  for (const message of messages.values()) {
    const siblings = children.get(message.parentId);
    if (siblings) siblings.push(message.id);
    else children.set(message.parentId, [message.id]);
    newest = message;
  }

  const path: PathEntry[] = [];
  const seen = new Set<string>();
  let current = messages.get(leafId) ?? newest;
  // `seen`: a cycle cannot come from main, but a page that hangs because of one could not even say so.
  while (current && !seen.has(current.id)) {
    seen.add(current.id);
    const siblingIds = children.get(current.parentId) ?? [current.id];
    path.push({ message: current, siblingIds, index: siblingIds.indexOf(current.id) });
    current = current.parentId === null ? undefined : messages.get(current.parentId);
  }
  return path.reverse();
}

/** The last entry of `role`, or undefined. */
export function lastOf(path: readonly PathEntry[], role: Message['role']): PathEntry | undefined {
  return path.findLast((entry) => entry.message.role === role);
}
