/** Notices of main, each shown once as a toast. */
import { useEffect } from 'react';
import type { NotDeleted } from '../../preload/contract/system.ts';
import { useLive } from '../connection/live.ts';
import { toast } from '../ui/layers/toast.ts';
import { wordsFor } from '../words/error-words.ts';
import { words } from '../words/words.ts';

const shown = new Set<string>();

const reasonOf = (failure: NotDeleted): string =>
  'error' in failure ? wordsFor(failure.error).text : words.notices.systemReason(failure.reason, failure.message);

export function useNotices(): void {
  const notices = useLive('system.watchNotices', {}).value?.notices;
  useEffect(() => {
    for (const notice of notices ?? []) {
      if (shown.has(notice.id)) continue;
      shown.add(notice.id);
      const { title, text, ms } = words.notices.notice(notice, reasonOf);
      toast({ text: title, detail: text, tone: 'red', ms });
    }
  }, [notices]);
}
