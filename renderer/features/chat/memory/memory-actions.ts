/** Actions on the memory of a chat. A failure is shown in a toast. */
import { attempt } from '../../../connection/attempt.ts';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';

/** Removes a summary, and offers to undo. */
export async function removeSummary(summaryId: string): Promise<void> {
  const removed = await attempt('memory.remove', { summaryId });
  if (!removed) return;
  const undo = async (): Promise<void> => {
    const answer = await attempt('memory.undoRemove', { summaryId });
    if (answer && !answer.restored) toast({ text: words.memory.notRestored, tone: 'red' });
  };
  toast({
    text: words.memory.removed,
    ms: removed.undoMs,
    action: { label: words.ui.undo, run: () => void undo() },
  });
}
