/** What the buttons of this feature do. A failure is told by a toast; the watched lists show the rest. */
import { isAppError } from '../../../preload/contract/errors.ts';
import type { LocalModel } from '../../../preload/contract/models.ts';
import { client } from '../../api.ts';
import { navigate } from '../../app/router.ts';
import { toAppError } from '../../live.ts';
import { formatBytes } from '../../ui/format.ts';
import { toast } from '../../ui/toast.ts';
import { wordsFor } from '../../ui/words.ts';

/** Says in a toast what went wrong; a cancelled act is no failure. */
export function tellFailure(cause: unknown): void {
  if (isAppError(cause, 'cancelled')) return;
  const { title, text } = wordsFor(toAppError(cause));
  toast({ text: title, detail: text, tone: 'red' });
}

/** Makes a chat with the model and goes there. */
export async function chatWith(modelId: string): Promise<void> {
  try {
    const chat = await client.call('chat.create', { modelId });
    navigate({ screen: 'chat', chatId: chat.id });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Hides the model at once; the toast takes it back as long as main waits with the file. */
export async function deleteModel(model: LocalModel): Promise<void> {
  try {
    const { undoMs, freedBytes } = await client.call('models.delete', { modelId: model.id });
    toast({
      text: `Deleted ${model.name}`,
      detail: `Frees ${formatBytes(freedBytes)}.`,
      ms: undoMs,
      act: { label: 'Undo', run: () => void undoDelete(model) },
    });
  } catch (cause) {
    tellFailure(cause);
  }
}

async function undoDelete(model: LocalModel): Promise<void> {
  try {
    const { restored } = await client.call('models.undoDelete', { modelId: model.id });
    if (!restored) toast({ text: `${model.name} is gone already`, detail: 'Its file was deleted.' });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Ends the model's process. */
export async function unloadModel(modelId: string): Promise<void> {
  try {
    await client.call('engine.unload', { modelId });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Looks at the cache again and says what is there. */
export async function rescanModels(): Promise<void> {
  try {
    const { models } = await client.call('models.rescan', {});
    toast({ text: models.length === 1 ? '1 model on this computer' : `${models.length} models on this computer` });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Stops, goes on with, or takes away a download. */
export async function actOnJob(act: 'pause' | 'resume' | 'cancel' | 'dismiss', jobId: string): Promise<void> {
  try {
    switch (act) {
      case 'pause':
        await client.call('jobs.pause', { jobId });
        return;
      case 'resume':
        await client.call('jobs.resume', { jobId });
        return;
      case 'cancel':
        await client.call('jobs.cancel', { jobId });
        return;
      case 'dismiss':
        await client.call('jobs.dismiss', { jobId });
        return;
      default:
        act satisfies never;
    }
  } catch (cause) {
    tellFailure(cause);
  }
}
