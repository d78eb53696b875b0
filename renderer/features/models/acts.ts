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

/** Opens the desktop's file dialog; the chosen files are used where they lie. */
export async function pickModelFiles(): Promise<void> {
  try {
    const picked = await client.call('models.pickFiles', {});
    if (picked === null) return;
    const count = picked.modelIds.length;
    toast({ text: count === 1 ? '1 file is in the list' : `${count} files are in the list` });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Keeps a model from being deleted by the limit, or no longer. */
export async function pinModel(model: LocalModel, pinned: boolean): Promise<void> {
  try {
    await client.call('models.pin', { modelId: model.id, pinned });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Asks the Hub whether downloaded models have newer versions, and says how many. */
export async function checkUpdates(): Promise<void> {
  try {
    const { updates } = await client.call('models.checkUpdates', {});
    const words = updates === 1 ? '1 model has an update' : `${updates} models have an update`;
    toast({ text: updates === 0 ? 'Every model is up to date' : words });
  } catch (cause) {
    tellFailure(cause);
  }
}

/** Fetches the version of the model that its branch has now. */
export async function getUpdate(model: LocalModel): Promise<void> {
  try {
    const path = model.id.slice(model.repoId.length + 1);
    await client.call('jobs.download', { repoId: model.repoId, path, revision: 'main' });
  } catch (cause) {
    tellFailure(cause);
  }
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

/** Puts a queued download before another one, or last (null). */
export async function reorderJob(jobId: string, before: string | null): Promise<void> {
  try {
    await client.call('jobs.reorder', { jobId, before });
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
