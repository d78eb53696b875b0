import { CloudDownload, Download, LayoutGrid, RefreshCw, ShieldCheck } from 'lucide-react';
import { useCommand } from '../../navigation/commands.ts';
import { navigate } from '../../navigation/router.ts';
import { checkUpdates, rescanModels } from '../../parts/models/model-actions.ts';
import { verifyStored } from '../../parts/storage/storage-actions.ts';
import { words } from '../../words/words.ts';

/** Registers the model commands on every screen. The tray mounts it, because the tray is always mounted. */
export function useModelCommands(showDownloads: () => void): void {
  useCommand({
    id: 'models.downloads',
    title: words.palette.showDownloads,
    group: words.palette.groups.models,
    icon: Download,
    keywords: words.palette.downloadsKeywords,
    run: showDownloads,
  });
  useCommand({
    id: 'library.rescan',
    title: words.palette.rescan,
    group: words.palette.groups.models,
    icon: RefreshCw,
    keywords: words.palette.rescanKeywords,
    run: () => void rescanModels(),
  });
  useCommand({
    id: 'models.storage',
    title: words.palette.showStorage,
    group: words.palette.groups.models,
    icon: LayoutGrid,
    keywords: words.palette.storageKeywords,
    run: () => navigate({ screen: 'models', tab: 'storage', repoId: null }),
  });
  useCommand({
    id: 'models.updates',
    title: words.palette.checkUpdates,
    group: words.palette.groups.models,
    icon: CloudDownload,
    keywords: words.palette.updatesKeywords,
    run: () => void checkUpdates(),
  });
  useCommand({
    id: 'models.verify',
    title: words.palette.verifyAll,
    group: words.palette.groups.models,
    icon: ShieldCheck,
    keywords: words.palette.verifyKeywords,
    run: () => void verifyStored(null),
  });
}
