/** The shown path through a chat's message tree, with the facts for the pager between siblings. */
import type { Message } from '../../../../preload/contract/chat.ts';

export interface PathEntry {
  readonly message: Message;
  /** All versions at this place, oldest first, including `message`. */
  readonly siblingIds: readonly string[];
  /** Index of `message` in `siblingIds`, from 0. */
  readonly index: number;
}

/**
 * The path from the first message down to `leafId`. Messages must be in the order in which they were written. An
 * unknown leaf, whose message has not arrived yet, gives the path to the newest message. An unknown parent ends the
 * path. So no order of events shows an empty conversation.
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
  // `seen`: main sends no cycles, but a cycle must not hang the page.
  while (current && !seen.has(current.id)) {
    seen.add(current.id);
    const siblingIds = children.get(current.parentId) ?? [current.id];
    path.push({ message: current, siblingIds, index: siblingIds.indexOf(current.id) });
    current = current.parentId === null ? undefined : messages.get(current.parentId);
  }
  return path.reverse();
}

/** The last entry with `role`, or undefined. */
export function lastOf(path: readonly PathEntry[], role: Message['role']): PathEntry | undefined {
  return path.findLast((entry) => entry.message.role === role);
}
