/** What main has to say unasked, as notices at the top of the window, each once. */
import { useEffect } from 'react';
import { useLive } from '../connection/live.ts';
import { toast } from '../ui/toast.ts';
import { noticeWords } from '../words/notices.ts';

const shown = new Set<string>();

export function useNotices(): void {
  const notices = useLive('system.watchNotices', {}).value?.notices;
  useEffect(() => {
    for (const notice of notices ?? []) {
      if (shown.has(notice.id)) continue;
      shown.add(notice.id);
      const { title, text } = noticeWords(notice);
      toast({ text: title, detail: text, tone: 'red', ms: 10_000 });
    }
  }, [notices]);
}
