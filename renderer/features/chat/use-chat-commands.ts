/**
 * The commands of the chat screen, for the palette and the keyboard. "New chat" belongs to the frame, because it exists
 * on every screen.
 */
import {
  Archive,
  ArrowDown,
  ArrowRight,
  ArrowUp,
  Binary,
  Box,
  Copy,
  CopyPlus,
  FolderInput,
  Pencil,
  PencilLine,
  RotateCw,
  Search,
  Square,
  Tags,
  TextCursorInput,
  Trash2,
} from 'lucide-react';
import { InspectorIcon, LoadSettingsIcon } from '../../parts/icons.ts';
import { useCommand } from '../../navigation/commands.ts';
import { keyed } from '../../navigation/keymap.ts';
import { words } from '../../words/words.ts';

/** Null where the command cannot run now. */
export interface ChatCommands {
  readonly stop: (() => void) | null;
  readonly regenerate: (() => void) | null;
  readonly continueReply: (() => void) | null;
  readonly editLast: (() => void) | null;
  readonly chooseModel: () => void;
  readonly copyReply: (() => void) | null;
  readonly rename: (() => void) | null;
  readonly remove: (() => void) | null;
  readonly loadSettings: (() => void) | null;
  readonly showPrompt: (() => void) | null;
  readonly toggleInspector: () => void;
  readonly focusComposer: () => void;
  readonly searchChats: () => void;
  readonly isArchived: boolean;
  readonly move: (() => void) | null;
  readonly tags: (() => void) | null;
  readonly archive: (() => void) | null;
  readonly duplicate: (() => void) | null;
  readonly previousChat: (() => void) | null;
  readonly nextChat: (() => void) | null;
}

export function useChatCommands(actions: ChatCommands): void {
  const group = words.palette.groups.chat;
  const one = (run: (() => void) | null): { enabled: boolean; run: () => void } => ({
    enabled: run !== null,
    run: () => run?.(),
  });
  useCommand({
    ...keyed('chat.stop'),
    icon: Square,
    ...one(actions.stop),
  });
  useCommand({
    ...keyed('chat.regenerate'),
    icon: RotateCw,
    ...one(actions.regenerate),
  });
  useCommand({
    id: 'chat.continue',
    title: words.palette.continueReply,
    group,
    icon: ArrowRight,
    ...one(actions.continueReply),
  });
  useCommand({ id: 'chat.edit', title: words.palette.editLast, group, icon: Pencil, ...one(actions.editLast) });
  useCommand({
    ...keyed('chat.model'),
    icon: Box,
    keywords: words.palette.chooseModelKeywords,
    run: actions.chooseModel,
  });
  useCommand({ ...keyed('chat.copy'), icon: Copy, ...one(actions.copyReply) });
  useCommand({
    id: 'chat.loadSettings',
    title: words.palette.loadSettings,
    group,
    icon: LoadSettingsIcon,
    keywords: words.palette.loadKeywords,
    ...one(actions.loadSettings),
  });
  useCommand({
    id: 'chat.prompt',
    title: words.palette.exactPrompt,
    group,
    icon: Binary,
    keywords: words.palette.promptKeywords,
    ...one(actions.showPrompt),
  });
  useCommand({
    ...keyed('chat.inspector'),
    icon: InspectorIcon,
    keywords: words.palette.inspectorKeywords,
    run: actions.toggleInspector,
  });
  useCommand({
    ...keyed('chat.rename'),
    icon: PencilLine,
    ...one(actions.rename),
  });
  useCommand({ ...keyed('chat.delete'), icon: Trash2, ...one(actions.remove) });
  useCommand({
    ...keyed('chat.focus'),
    icon: TextCursorInput,
    run: actions.focusComposer,
  });
  const { commands } = words.chatList;
  const placed = { group, keywords: commands.keywords };
  useCommand({ id: 'chat.move', title: commands.move, ...placed, icon: FolderInput, ...one(actions.move) });
  useCommand({ id: 'chat.tags', title: commands.tags, ...placed, icon: Tags, ...one(actions.tags) });
  useCommand({ id: 'chat.duplicate', title: commands.duplicate, ...placed, icon: CopyPlus, ...one(actions.duplicate) });
  useCommand({
    id: 'chat.archive',
    title: actions.isArchived ? commands.unarchive : commands.archive,
    ...placed,
    icon: Archive,
    ...one(actions.archive),
  });
  useCommand({ ...keyed('list.search'), icon: Search, run: actions.searchChats });
  useCommand({ ...keyed('list.previous'), icon: ArrowUp, ...one(actions.previousChat) });
  useCommand({ ...keyed('list.next'), icon: ArrowDown, ...one(actions.nextChat) });
}
