/** The action on a damaged or incomplete model. */
import { CloudDownload } from 'lucide-react';
import type { LocalModel } from '../../../preload/contract/library.ts';
import type { ErrorAction } from '../../parts/ErrorCard.tsx';
import { downloadAgain } from '../../parts/models/model-actions.ts';
import { canDownloadAgain } from '../../parts/models/model-files.ts';
import { words } from '../../words/words.ts';

/** Nothing for a model that is not from the Hub: no other place has the file. */
export function repairActions(model: LocalModel): readonly ErrorAction[] {
  return model.origin === 'hub' && canDownloadAgain(model.problem)
    ? [{ label: words.models.downloadAgain, icon: CloudDownload, run: () => void downloadAgain(model) }]
    : [];
}
