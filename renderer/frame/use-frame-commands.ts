import { useSyncExternalStore } from 'react';
import {
  Compass,
  HardDrive,
  Keyboard,
  MessageSquare,
  MessageSquarePlus,
  Monitor,
  Moon,
  PanelLeft,
  Search,
  Settings,
  Sun,
  Undo2,
} from 'lucide-react';
import type { Theme } from '../../preload/contract/settings.ts';
import { useCall } from '../connection/live.ts';
import { toast, toasts, undoable } from '../ui/layers/toast.ts';
import { useCommand } from '../navigation/commands.ts';
import { navigate } from '../navigation/router.ts';
import { words } from '../words/words.ts';

/** A browser reserves Ctrl+N for itself, so a tab shows another shortcut. */
const newChatShortcut = window.bridge ? 'Mod+N' : 'Mod+Shift+O';

/** The commands that work on every screen. */
export function useFrameCommands(frame: {
  toggleRail: () => void;
  openPalette: () => void;
  openShortcuts: () => void;
}): void {
  const newChat = (): void => navigate({ screen: 'chat', chatId: null });
  const update = useCall('settings.update');
  const setTheme = async (theme: Theme): Promise<void> => {
    if ((await update.run({ theme })) === undefined) toast({ text: words.frame.themeNotSaved, tone: 'red' });
  };

  useCommand({
    id: 'frame.newChat',
    title: words.palette.newChat,
    group: words.palette.groups.chat,
    shortcut: newChatShortcut,
    icon: MessageSquarePlus,
    run: newChat,
  });
  useCommand({
    id: 'frame.newChatAlways',
    title: words.palette.newChat,
    hidden: true,
    shortcut: 'Mod+N',
    run: newChat,
  });
  const entries = useSyncExternalStore(toasts.subscribe, toasts.get);
  useCommand({
    id: 'frame.undo',
    title: words.palette.undo,
    group: words.palette.groups.here,
    shortcut: 'Mod+Z',
    icon: Undo2,
    fieldsFirst: true,
    enabled: entries.length > 0 && undoable() !== null,
    run: () => undoable()?.(),
  });
  useCommand({
    id: 'frame.discover',
    title: words.palette.goToDiscover,
    group: words.palette.groups.goTo,
    icon: Compass,
    keywords: words.palette.discoverKeywords,
    run: () => navigate({ screen: 'models', tab: 'discover', repoId: null }),
  });
  useCommand({
    id: 'frame.local',
    title: words.palette.goToLocal,
    group: words.palette.groups.goTo,
    icon: HardDrive,
    keywords: words.palette.localKeywords,
    run: () => navigate({ screen: 'models', tab: 'local', repoId: null }),
  });
  useCommand({
    id: 'frame.chat',
    title: words.palette.goToChat,
    group: words.palette.groups.goTo,
    icon: MessageSquare,
    run: () => navigate({ screen: 'chat', chatId: null }),
  });
  useCommand({
    id: 'frame.settings',
    title: words.palette.goToSettings,
    group: words.palette.groups.goTo,
    shortcut: 'Mod+,',
    icon: Settings,
    keywords: words.palette.settingsKeywords,
    run: () => navigate({ screen: 'settings' }),
  });
  useCommand({
    id: 'frame.palette',
    title: words.palette.title,
    group: words.palette.groups.window,
    shortcut: 'Mod+K',
    icon: Search,
    run: frame.openPalette,
  });
  useCommand({
    id: 'frame.rail',
    title: words.palette.toggleRail,
    group: words.palette.groups.window,
    shortcut: 'Mod+B',
    icon: PanelLeft,
    run: frame.toggleRail,
  });
  useCommand({
    id: 'frame.shortcuts',
    title: words.palette.shortcuts,
    group: words.palette.groups.window,
    shortcut: '?',
    icon: Keyboard,
    run: frame.openShortcuts,
  });
  useCommand({
    id: 'frame.light',
    title: words.palette.light,
    group: words.palette.groups.window,
    icon: Sun,
    run: () => void setTheme('light'),
  });
  useCommand({
    id: 'frame.dark',
    title: words.palette.dark,
    group: words.palette.groups.window,
    icon: Moon,
    run: () => void setTheme('dark'),
  });
  useCommand({
    id: 'frame.system',
    title: words.palette.system,
    group: words.palette.groups.window,
    icon: Monitor,
    run: () => void setTheme('system'),
  });
}
