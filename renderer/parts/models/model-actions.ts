/** Actions on models. A failure shows in a toast; a success shows in the watched lists. */
import type { Job } from '../../../preload/contract/jobs.ts';
import type { EngineEvent } from '../../../preload/contract/engine.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { navigate } from '../../navigation/router.ts';
import { ask } from '../../navigation/ask.ts';
import { client } from '../../connection/api.ts';
import { attempt } from '../../connection/attempt.ts';
import { formatBytes } from '../../words/format.ts';
import { dismissSubject, toast } from '../../ui/layers/toast.ts';
import { jobNoun } from '../jobs-state.ts';
import { words } from '../../words/words.ts';

/** Opens the desktop's file dialog. The chosen files are used in place. */
export async function pickModelFiles(): Promise<void> {
  const picked = await attempt('library.pickFiles', {});
  if (!picked) return;
  toast({ text: words.models.actions.filesAdded(picked.modelIds.length) });
}

/** Pins or unpins a model: a pinned one is not deleted for the size limit. */
export async function pinModel(model: LocalModel, pinned: boolean): Promise<void> {
  await attempt('library.pin', { modelId: model.id, pinned });
}

/** Asks the Hub whether downloaded models have newer versions, and shows how many. */
export async function checkUpdates(): Promise<void> {
  const checked = await attempt('library.checkUpdates', {});
  if (!checked) return;
  toast({ text: words.models.actions.updates(checked.updates) });
}

/** Downloads the newest version of the model on its branch. */
export async function getUpdate(model: LocalModel): Promise<void> {
  const path = model.id.slice(model.repoId.length + 1);
  await attempt('library.download', { repoId: model.repoId, path, revision: 'main' });
}

/** Downloads a damaged or incomplete model again, at the commit that it is from. */
export async function downloadAgain(model: LocalModel): Promise<void> {
  const path = model.id.slice(model.repoId.length + 1);
  await attempt('library.download', { repoId: model.repoId, path, revision: model.revision ?? 'main' });
}

/** Opens a new chat that starts with the model. */
export function chatWith(modelId: string): void {
  navigate({ screen: 'chat', chatId: null, modelId });
}

/** Hides the model at once. The toast can undo the deletion until main deletes the file. */
export async function deleteModel(model: LocalModel): Promise<void> {
  const deleted = await attempt('library.deleteModel', { modelId: model.id });
  if (!deleted) return;
  toast({
    text: words.models.actions.deleted(model.name),
    detail: words.models.actions.frees(formatBytes(deleted.freedBytes)),
    ms: deleted.undoMs,
    action: { label: words.ui.undo, run: () => void undoDelete(model) },
  });
}

async function undoDelete(model: LocalModel): Promise<void> {
  const undone = await attempt('library.undoDeleteModel', { modelId: model.id });
  if (undone && !undone.restored)
    toast({ text: words.models.actions.goneAlready(model.name), detail: words.models.actions.goneText });
}

/** Ends the model's process, after a question where that ends a reply. Resolves with whether it is over. */
export async function unloadModel(modelId: string): Promise<boolean> {
  const loaded = (await loadedNow())?.loaded.find((model) => model.modelId === modelId);
  if (loaded?.status === 'generating') {
    const title = words.models.actions.endsReply(loaded.name);
    const text = words.models.actions.endsReplyText;
    if (!(await ask({ title, text, confirm: words.models.unload(loaded.name) }))) return false;
  }
  return (await attempt('engine.unload', { modelId })) !== undefined;
}

/** The first event of a watched list: what it holds now. Undefined without a connection. */
async function loadedNow(): Promise<EngineEvent | undefined> {
  try {
    for await (const event of client.stream('engine.watch', {})) return event;
  } catch {
    // The call that follows says that the connection is lost.
  }
  return undefined;
}

/** Loads the model. */
export async function loadModel(modelId: string): Promise<void> {
  await attempt('engine.load', { modelId });
}

/** Scans the cache again and shows what was found. */
export async function rescanModels(): Promise<void> {
  const found = await attempt('library.rescan', {});
  if (!found) return;
  toast({ text: words.models.actions.found(found.models.length) });
}

/** Moves a queued download before another one, or to the end (null). */
export async function reorderJob(jobId: string, before: string | null): Promise<void> {
  await attempt('jobs.reorder', { jobId, before });
}

/** Pauses or continues a job. */
export async function actOnJob(action: 'pause' | 'resume', jobId: string): Promise<void> {
  await attempt(`jobs.${action}`, { jobId });
}

/** Says that a job has begun, and where it shows. The notice of its end takes the place of this one. */
export function tellStarted(jobId: string, text: string): void {
  toast({ subject: jobId, text, detail: words.convert.startedText });
}

/** Removes a job. Its toast can bring back a download until main deletes what was received. */
export async function removeJob(job: Job): Promise<void> {
  const isOver = job.state === 'done' || job.state === 'failed';
  const removed = await attempt(isOver ? 'jobs.dismiss' : 'jobs.cancel', { jobId: job.id });
  if (!removed) return;
  dismissSubject(job.id);
  if (removed.undoMs === null) return;
  toast({
    subject: job.id,
    text: words.downloads.canceled(jobNoun(job)),
    ...(job.doneBytes > 0 ? { detail: words.models.actions.frees(formatBytes(job.doneBytes)) } : {}),
    ms: removed.undoMs,
    action: { label: words.ui.undo, run: () => void undoCancel(job) },
  });
}

async function undoCancel(job: Job): Promise<void> {
  const undone = await attempt('jobs.undoCancel', { jobId: job.id });
  if (undone && !undone.restored)
    toast({ text: words.downloads.removedAlready(jobNoun(job)), detail: words.downloads.removedText });
}
