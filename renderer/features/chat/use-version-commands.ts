/** The commands on the last messages of the open chat, for the palette. */
import { Binary, Columns2, GitBranch, PencilLine, Thermometer, Trash2 } from 'lucide-react';
import { useCommand } from '../../navigation/commands.ts';
import { words } from '../../words/words.ts';
import type { MessageActions } from './messages/message-actions.ts';
import type { OpenChat } from './use-open-chat.ts';

export function useVersionCommands({ path, busy, compared }: OpenChat, actions: MessageActions): void {
  const group = words.palette.groups.chat;
  const last = path.at(-1);
  const reply = last?.message.role === 'assistant' && !compared ? last.message : null;
  const isQuiet = !busy && !compared;
  useCommand({
    ...{ id: 'chat.editReply', title: words.versions.commands.editReply, group, icon: PencilLine },
    enabled: isQuiet && reply !== null,
    run: () => reply && actions.startEditing(reply.id),
  });
  useCommand({
    ...{ id: 'chat.regenerateWith', title: words.versions.commands.regenerateWith, group, icon: Thermometer },
    enabled: isQuiet && reply !== null,
    run: () => reply && actions.askWriter({ kind: 'regenerate', message: reply }),
  });
  useCommand({
    ...{ id: 'chat.compare', title: words.versions.commands.compare, group, icon: Columns2 },
    keywords: words.versions.commands.compareKeywords,
    enabled: isQuiet && reply !== null,
    run: () => reply && actions.askWriter({ kind: 'compare', message: reply }),
  });
  useCommand({
    ...{ id: 'chat.branch', title: words.versions.commands.branch, group, icon: GitBranch },
    keywords: words.versions.commands.branchKeywords,
    enabled: isQuiet && last !== undefined,
    run: () => last && actions.branch(last.message.id),
  });
  useCommand({
    ...{ id: 'chat.seen', title: words.versions.commands.seen, group, icon: Binary },
    enabled: reply !== null && reply.timing !== null,
    run: () => reply && actions.showSeen(reply),
  });
  useCommand({
    ...{ id: 'chat.deleteMessage', title: words.versions.commands.deleteLast, group, icon: Trash2 },
    enabled: isQuiet && last !== undefined,
    run: () => last && actions.remove(last.message.id, { index: last.index, count: last.siblingIds.length }),
  });
}
