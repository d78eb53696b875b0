import { Download, RefreshCw } from 'lucide-react';
import { useCommand } from '../../app/commands.ts';
import { rescanModels } from './acts.ts';

/** Makes the acts of this feature known on every screen (the ways to its tabs are the frame's). Mounted once, by what is always there: the tray. */
export function useModelCommands(showDownloads: () => void): void {
  useCommand({
    id: 'models.downloads',
    title: 'Show downloads',
    group: 'Models',
    icon: Download,
    keywords: ['progress', 'pause', 'resume'],
    run: showDownloads,
  });
  useCommand({
    id: 'models.rescan',
    title: 'Rescan models',
    group: 'Models',
    icon: RefreshCw,
    keywords: ['refresh', 'cache'],
    run: () => void rescanModels(),
  });
}
