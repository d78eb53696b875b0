import {
  ChartScatter,
  CloudDownload,
  Download,
  FolderInput,
  LayoutGrid,
  RefreshCw,
  ShieldCheck,
  WholeWord,
} from 'lucide-react';
import { convertFolder } from '../../parts/convert/folder-choice.ts';
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
  useCommand({
    id: 'models.convertFolder',
    title: words.convert.folder,
    group: words.palette.groups.models,
    icon: FolderInput,
    keywords: words.convert.folderKeywords,
    run: () => void convertFolder(),
  });
  useCommand({
    id: 'models.quality',
    title: words.convert.compare,
    group: words.palette.groups.models,
    icon: ChartScatter,
    keywords: words.quality.keywords,
    run: () => navigate({ screen: 'models', tab: 'quality', subject: null }),
  });
  useCommand({
    id: 'models.tokenizer',
    title: words.tokenizer.title,
    group: words.palette.groups.models,
    icon: WholeWord,
    keywords: words.tokenizer.keywords,
    run: () => navigate({ screen: 'models', tab: 'tokenizer', subject: null }),
  });
}
