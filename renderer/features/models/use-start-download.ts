import { useCallback, useState } from 'react';
import { isAppError, type AppError } from '../../../preload/contract/errors.ts';
import type { HubFile } from '../../../preload/contract/hub.ts';
import { client } from '../../api.ts';
import { toAppError } from '../../live.ts';

export interface StartDownload {
  readonly start: (file: HubFile) => void;
  /** Paths that were asked for and are not answered yet. */
  readonly starting: ReadonlySet<string>;
  /** Of the last start that failed, and the file it was for. */
  readonly failure: { readonly file: HubFile; readonly error: AppError } | null;
}

/** Starts downloads of one repository, pinned to the commit that its file list is of. */
export function useStartDownload(repoId: string, revision: string): StartDownload {
  const [starting, setStarting] = useState<ReadonlySet<string>>(new Set());
  const [failure, setFailure] = useState<StartDownload['failure']>(null);
  const start = useCallback(
    (file: HubFile) => {
      setFailure(null);
      setStarting((paths) => new Set([...paths, file.path]));
      client
        .call('jobs.download', { repoId, path: file.path, revision })
        .catch((cause: unknown) => {
          if (!isAppError(cause, 'cancelled')) setFailure({ file, error: toAppError(cause) });
        })
        .finally(() => setStarting((paths) => new Set([...paths].filter((path) => path !== file.path))));
    },
    [repoId, revision],
  );
  return { start, starting, failure };
}
