import { CloudDownload, Download, LayoutGrid, RefreshCw, ShieldCheck } from 'lucide-react';
import { useCommand } from '../../navigation/commands.ts';
import { navigate } from '../../navigation/router.ts';
import { checkUpdates, rescanModels } from '../../parts/model-acts.ts';
import { verifyStored } from '../../parts/storage-acts.ts';

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
    id: 'library.rescan',
    title: 'Rescan models',
    group: 'Models',
    icon: RefreshCw,
    keywords: ['refresh', 'cache'],
    run: () => void rescanModels(),
  });
  useCommand({
    id: 'models.storage',
    title: 'Show storage',
    group: 'Models',
    icon: LayoutGrid,
    keywords: ['disk', 'space', 'cache', 'delete', 'limit', 'move'],
    run: () => navigate({ screen: 'models', tab: 'storage', repoId: null }),
  });
  useCommand({
    id: 'models.updates',
    title: 'Check models for updates',
    group: 'Models',
    icon: CloudDownload,
    keywords: ['new', 'version'],
    run: () => void checkUpdates(),
  });
  useCommand({
    id: 'models.verify',
    title: 'Verify all models',
    group: 'Models',
    icon: ShieldCheck,
    keywords: ['hash', 'check', 'damaged'],
    run: () => void verifyStored(null),
  });
}
