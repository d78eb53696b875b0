import { useSyncExternalStore } from 'react';
import {
  Compass,
  FileDown,
  FileUp,
  HardDrive,
  Keyboard,
  MessageSquare,
  MessageSquarePlus,
  Monitor,
  Moon,
  NotebookPen,
  PanelLeft,
  Search,
  Server,
  Settings,
  Sun,
  SunMoon,
  Undo2,
  UsersRound,
} from 'lucide-react';
import type { Theme } from '../../preload/contract/settings.ts';
import { useCall } from '../connection/live.ts';
import { toast, toasts, undoable } from '../ui/layers/toast.ts';
import { useCommand } from '../navigation/commands.ts';
import { openExport, openImport } from '../navigation/exchange-sheet.ts';
import { keyed } from '../navigation/keymap.ts';
import { navigate, type Route } from '../navigation/router.ts';
import { words } from '../words/words.ts';
import { usePromptCommands } from './use-prompt-commands.ts';
import { useServerCommands } from './use-server-commands.ts';

/** The commands that work on every screen. */
export function useFrameCommands(frame: {
  chatPlace: Route;
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
    ...keyed('frame.newChat'),
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
    ...keyed('frame.undo'),
    icon: Undo2,
    enabled: entries.length > 0 && undoable() !== null,
    run: () => undoable()?.(),
  });
  useCommand({
    ...keyed('frame.discover'),
    icon: Compass,
    keywords: words.palette.discoverKeywords,
    run: () => navigate({ screen: 'models', tab: 'discover', repoId: null }),
  });
  useCommand({
    ...keyed('frame.local'),
    icon: HardDrive,
    keywords: words.palette.localKeywords,
    run: () => navigate({ screen: 'models', tab: 'local', repoId: null }),
  });
  useCommand({
    ...keyed('frame.chat'),
    icon: MessageSquare,
    run: () => navigate(frame.chatPlace),
  });
  useCommand({
    ...keyed('frame.notebook'),
    icon: NotebookPen,
    keywords: words.palette.notebookKeywords,
    run: () => navigate({ screen: 'notebook', documentId: null }),
  });
  useCommand({
    ...keyed('frame.server'),
    icon: Server,
    keywords: words.palette.serverKeywords,
    run: () => navigate({ screen: 'server', tab: 'activity' }),
  });
  useCommand({
    id: 'frame.personas',
    title: words.palette.goToPersonas,
    group: words.palette.groups.goTo,
    icon: UsersRound,
    keywords: words.palette.personasKeywords,
    run: () => navigate({ screen: 'personas', tab: 'personas' }),
  });
  useServerCommands();
  usePromptCommands();
  useCommand({
    id: 'chats.export',
    title: words.exchange.exportAll,
    group: words.palette.groups.chats,
    icon: FileDown,
    keywords: words.exchange.exportKeywords,
    run: () => openExport(null),
  });
  useCommand({
    id: 'chats.import',
    title: words.exchange.importEllipsis,
    group: words.palette.groups.chats,
    icon: FileUp,
    keywords: words.exchange.importKeywords,
    run: openImport,
  });
  useCommand({
    ...keyed('frame.settings'),
    icon: Settings,
    keywords: words.palette.settingsKeywords,
    run: () => navigate({ screen: 'settings' }),
  });
  useCommand({
    ...keyed('frame.palette'),
    icon: Search,
    run: frame.openPalette,
  });
  useCommand({
    ...keyed('frame.rail'),
    icon: PanelLeft,
    run: frame.toggleRail,
  });
  useCommand({
    ...keyed('frame.shortcuts'),
    icon: Keyboard,
    run: frame.openShortcuts,
  });
  useCommand({
    ...keyed('frame.theme'),
    icon: SunMoon,
    run: () => void setTheme(document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark'),
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
