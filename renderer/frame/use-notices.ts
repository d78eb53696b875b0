/** Notices of main, each shown once as a toast. */
import { useEffect } from 'react';
import { useLive } from '../connection/live.ts';
import { toast } from '../ui/layers/toast.ts';
import { wordsFor } from '../words/error-words.ts';
import { words } from '../words/words.ts';

const shown = new Set<string>();

export function useNotices(): void {
  const notices = useLive('system.watchNotices', {}).value?.notices;
  useEffect(() => {
    for (const notice of notices ?? []) {
      if (shown.has(notice.id)) continue;
      shown.add(notice.id);
      const why =
        'error' in notice ? wordsFor(notice.error).text : words.notices.systemReason(notice.reason, notice.message);
      const { title, text } = words.notices.notice(notice, why);
      toast({ text: title, detail: text, tone: 'red', ms: 10_000 });
    }
  }, [notices]);
}
