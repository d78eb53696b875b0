import { FolderOpen } from 'lucide-react';
import { attempt } from '../../connection/attempt.ts';
import { useQuery } from '../../connection/live.ts';
import { CopyIconButton } from '../../ui/controls/CopyButton.tsx';
import { IconButton } from '../../ui/controls/IconButton.tsx';
import { words } from '../../words/words.ts';

/** Where a model's file is, to copy, and in the desktop app to open in its folder. Its name alone until that is known. */
export function FilePlace({ modelId, fileName }: { readonly modelId: string; readonly fileName: string }) {
  const place = useQuery('library.modelPath', { modelId }).value?.path;
  const isDesktop = useQuery('system.info', {}).value?.shell === 'electron';
  return (
    <span className="row">
      <bdi className="mono models-wrap" dir="ltr">
        {place ?? fileName}
      </bdi>
      {place !== undefined && <CopyIconButton label={words.library.actions.copyPath} text={() => place} />}
      {place !== undefined && isDesktop && (
        <IconButton
          size="sm"
          icon={FolderOpen}
          label={words.library.actions.reveal}
          onClick={() => void attempt('library.revealModel', { modelId })}
        />
      )}
    </span>
  );
}
