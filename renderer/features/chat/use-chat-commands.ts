/**
 * The commands of the chat screen, for the palette and the keyboard. "New chat" belongs to the frame, because it exists
 * on every screen.
 */
import {
  ArrowRight,
  Binary,
  Box,
  Copy,
  Gauge,
  Pencil,
  PencilLine,
  RotateCw,
  SlidersHorizontal,
  Square,
  TextCursorInput,
  Trash2,
} from 'lucide-react';
import { useCommand } from '../../navigation/commands.ts';
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
}

export function useChatCommands(actions: ChatCommands): void {
  const group = words.palette.groups.chat;
  const one = (run: (() => void) | null): { enabled: boolean; run: () => void } => ({
    enabled: run !== null,
    run: () => run?.(),
  });
  useCommand({
    id: 'chat.stop',
    title: words.palette.stop,
    group,
    shortcut: 'Escape',
    icon: Square,
    ...one(actions.stop),
  });
  useCommand({
    id: 'chat.regenerate',
    title: words.palette.regenerate,
    group,
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
    id: 'chat.model',
    title: words.palette.chooseModel,
    group,
    shortcut: 'Mod+Shift+M',
    icon: Box,
    keywords: words.palette.chooseModelKeywords,
    run: actions.chooseModel,
  });
  useCommand({ id: 'chat.copy', title: words.palette.copyReply, group, icon: Copy, ...one(actions.copyReply) });
  useCommand({
    id: 'chat.loadSettings',
    title: words.palette.loadSettings,
    group,
    icon: Gauge,
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
    id: 'chat.inspector',
    title: words.palette.inspector,
    group,
    shortcut: 'Mod+I',
    icon: SlidersHorizontal,
    keywords: words.palette.inspectorKeywords,
    run: actions.toggleInspector,
  });
  useCommand({
    id: 'chat.rename',
    title: words.palette.renameChat,
    group,
    shortcut: 'F2',
    icon: PencilLine,
    ...one(actions.rename),
  });
  useCommand({ id: 'chat.delete', title: words.palette.deleteChat, group, icon: Trash2, ...one(actions.remove) });
  useCommand({
    id: 'chat.focus',
    title: words.palette.writeMessage,
    group,
    shortcut: '/',
    icon: TextCursorInput,
    run: actions.focusComposer,
  });
  useCommand({
    id: 'chat.focusAlways',
    title: words.palette.writeMessage,
    hidden: true,
    shortcut: 'Mod+L',
    run: actions.focusComposer,
  });
}
