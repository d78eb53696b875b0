import { useCallback, useState } from 'react';
import { isAppError, type AppError } from '../../../preload/wire/errors.ts';
import type { HubFile } from '../../../preload/contract/hub.ts';
import { client } from '../../connection/api.ts';
import { toAppError } from '../../connection/live.ts';

export interface StartDownload {
  readonly start: (file: HubFile) => void;
  /** Paths that were requested and are not answered yet. */
  readonly starting: ReadonlySet<string>;
  /** The error of the last failed start, and its file. */
  readonly failure: { readonly file: HubFile; readonly error: AppError } | null;
}

/**
 * Starts downloads of one repository. Main pins them to the current commit of `revision`, and writes the ref that other
 * Hugging Face programs look for.
 */
export function useStartDownload(repoId: string, revision: string): StartDownload {
  const [starting, setStarting] = useState<ReadonlySet<string>>(new Set());
  const [failure, setFailure] = useState<StartDownload['failure']>(null);
  const start = useCallback(
    (file: HubFile) => {
      setFailure(null);
      setStarting((paths) => new Set([...paths, file.path]));
      client
        .call('library.download', { repoId, path: file.path, revision })
        .catch((cause: unknown) => {
          if (!isAppError(cause, 'cancelled')) setFailure({ file, error: toAppError(cause) });
        })
        .finally(() => setStarting((paths) => new Set([...paths].filter((path) => path !== file.path))));
    },
    [repoId, revision],
  );
  return { start, starting, failure };
}
