/** What main has to say unasked, as notices at the top of the window, each once. */
import { useEffect } from 'react';
import { useLive } from '../connection/live.ts';
import { toast } from '../ui/toast.ts';

const shown = new Set<string>();

export function useNotices(): void {
  const notices = useLive('system.watchNotices', {}).value?.notices;
  useEffect(() => {
    for (const { id, title, text } of notices ?? []) {
      if (shown.has(id)) continue;
      shown.add(id);
      toast({ text: title, detail: text, tone: 'red', ms: 10_000 });
    }
  }, [notices]);
}
