/** The acts of the chat screen, for the palette and the keyboard. "New chat" is the frame's: it is there on every screen. */
import {
  Binary,
  Copy,
  Gauge,
  PencilLine,
  RotateCw,
  SlidersHorizontal,
  Square,
  TextCursorInput,
  Trash2,
} from 'lucide-react';
import { useCommand } from '../../navigation/commands.ts';

/** Null where the act cannot be done now. */
export interface ChatCommands {
  readonly stop: (() => void) | null;
  readonly regenerate: (() => void) | null;
  readonly copyReply: (() => void) | null;
  readonly rename: (() => void) | null;
  readonly remove: (() => void) | null;
  readonly loadSettings: (() => void) | null;
  readonly showPrompt: (() => void) | null;
  readonly toggleInspector: () => void;
  readonly focusComposer: () => void;
}

export function useChatCommands(acts: ChatCommands): void {
  const group = 'Chat';
  const one = (run: (() => void) | null): { enabled: boolean; run: () => void } => ({
    enabled: run !== null,
    run: () => run?.(),
  });
  useCommand({ id: 'chat.stop', title: 'Stop the reply', group, shortcut: 'Escape', icon: Square, ...one(acts.stop) });
  useCommand({
    id: 'chat.regenerate',
    title: 'Regenerate the last reply',
    group,
    icon: RotateCw,
    ...one(acts.regenerate),
  });
  useCommand({ id: 'chat.copy', title: 'Copy the last reply', group, icon: Copy, ...one(acts.copyReply) });
  useCommand({
    id: 'chat.loadSettings',
    title: 'How this model is loaded',
    group,
    icon: Gauge,
    keywords: ['load options', 'context size', 'gpu layers', 'threads', 'kv cache', 'lora', 'speculation'],
    ...one(acts.loadSettings),
  });
  useCommand({
    id: 'chat.prompt',
    title: 'Show the exact prompt',
    group,
    icon: Binary,
    keywords: ['tokens', 'template', 'context'],
    ...one(acts.showPrompt),
  });
  useCommand({
    id: 'chat.inspector',
    title: 'Show or hide the inspector',
    group,
    shortcut: 'Mod+I',
    icon: SlidersHorizontal,
    keywords: ['system prompt', 'instructions', 'sampling', 'temperature'],
    run: acts.toggleInspector,
  });
  useCommand({
    id: 'chat.rename',
    title: 'Rename this chat',
    group,
    shortcut: 'F2',
    icon: PencilLine,
    ...one(acts.rename),
  });
  useCommand({ id: 'chat.delete', title: 'Delete this chat', group, icon: Trash2, ...one(acts.remove) });
  useCommand({
    id: 'chat.focus',
    title: 'Write a message',
    group,
    shortcut: '/',
    icon: TextCursorInput,
    run: acts.focusComposer,
  });
  useCommand({
    id: 'chat.focusAlways',
    title: 'Write a message',
    hidden: true,
    shortcut: 'Mod+L',
    run: acts.focusComposer,
  });
}
