import {
  Keyboard,
  MessageSquare,
  MessageSquarePlus,
  Monitor,
  Moon,
  PanelLeft,
  Search,
  Settings,
  Sun,
} from 'lucide-react';
import type { Theme } from '../../preload/contract/settings.ts';
import { useCall } from '../connection/live.ts';
import { toast } from '../ui/toast.ts';
import { useCommand } from '../navigation/commands.ts';
import { navigate } from '../navigation/router.ts';

/** A browser keeps Ctrl+N for itself, so in a tab the shown shortcut is another one. */
export const newChatShortcut = window.bridge ? 'Mod+N' : 'Mod+Shift+O';

/** The acts that are there on every screen. */
export function useFrameCommands(frame: {
  toggleRail: () => void;
  openPalette: () => void;
  openShortcuts: () => void;
}): void {
  const newChat = (): void => navigate({ screen: 'chat', chatId: null });
  const update = useCall('settings.update');
  const setTheme = async (theme: Theme): Promise<void> => {
    if ((await update.run({ theme })) === undefined) toast({ text: 'The theme could not be saved.', tone: 'red' });
  };

  useCommand({
    id: 'frame.newChat',
    title: 'New chat',
    group: 'Chat',
    shortcut: newChatShortcut,
    icon: MessageSquarePlus,
    run: newChat,
  });
  useCommand({ id: 'frame.newChatAlways', title: 'New chat', hidden: true, shortcut: 'Mod+N', run: newChat });
  useCommand({
    id: 'frame.chat',
    title: 'Go to Chat',
    group: 'Go to',
    icon: MessageSquare,
    run: () => navigate({ screen: 'chat', chatId: null }),
  });
  useCommand({
    id: 'frame.settings',
    title: 'Go to Settings',
    group: 'Go to',
    shortcut: 'Mod+,',
    icon: Settings,
    keywords: ['preferences', 'token', 'folder', 'sampling'],
    run: () => navigate({ screen: 'settings' }),
  });
  useCommand({
    id: 'frame.palette',
    title: 'Command palette',
    group: 'Window',
    shortcut: 'Mod+K',
    icon: Search,
    run: frame.openPalette,
  });
  useCommand({
    id: 'frame.rail',
    title: 'Widen or narrow the rail',
    group: 'Window',
    shortcut: 'Mod+B',
    icon: PanelLeft,
    run: frame.toggleRail,
  });
  useCommand({
    id: 'frame.shortcuts',
    title: 'Keyboard shortcuts',
    group: 'Window',
    shortcut: '?',
    icon: Keyboard,
    run: frame.openShortcuts,
  });
  useCommand({
    id: 'frame.light',
    title: 'Light theme',
    group: 'Window',
    icon: Sun,
    run: () => void setTheme('light'),
  });
  useCommand({ id: 'frame.dark', title: 'Dark theme', group: 'Window', icon: Moon, run: () => void setTheme('dark') });
  useCommand({
    id: 'frame.system',
    title: 'Theme of the system',
    group: 'Window',
    icon: Monitor,
    run: () => void setTheme('system'),
  });
}
