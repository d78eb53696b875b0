/** Deletes a message with all that follows it, and offers to undo. */
import { client } from '../../../connection/api.ts';
import { attempt } from '../../../connection/attempt.ts';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';

/** The place of a message among its versions, from 0, and their number. */
export interface VersionPlace {
  readonly index: number;
  readonly count: number;
}

/** Never rejects. */
export async function deleteMessage(messageId: string, { index, count }: VersionPlace): Promise<void> {
  const deleted = await attempt('chat.deleteMessage', { messageId });
  if (!deleted) return;
  const detail = words.versions.withFollowing(deleted.count - 1);
  toast({
    text: count > 1 ? words.versions.versionDeleted(index + 1, count) : words.versions.deleted,
    ...(detail === undefined ? {} : { detail }),
    ms: deleted.undoMs,
    action: { label: words.ui.undo, run: () => undoDelete(messageId, deleted.undoMs) },
  });
}

function undoDelete(messageId: string, undoMs: number): void {
  void client.call('chat.undoDeleteMessage', { messageId }).then(
    ({ restored }) => {
      if (!restored) toast({ text: words.chat.tooLate, tone: 'red' });
    },
    () => {
      const run = (): void => undoDelete(messageId, undoMs);
      toast({ text: words.versions.notRestored, tone: 'red', ms: undoMs, action: { label: words.ui.tryAgain, run } });
    },
  );
}
