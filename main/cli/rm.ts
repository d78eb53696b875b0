/** `hearth rm`: a model is deleted from this computer, by the app's library. */
import type { HearthClient } from '../../preload/contract/contract.ts';
import type { ModelName } from '../../preload/contract/server.ts';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { isThere } from '../base/disk.ts';
import { shownName } from '../base/foreign-text.ts';
import { formatBytes } from '../base/format.ts';
import { builtInModel } from '../app/built-in.ts';
import { findInApp } from './app-models.ts';
import { openApp, type CommandApp } from './app-of-folder.ts';
import { nameInApp } from './given-names.ts';
import { UsageError, type Invocation, type Values } from './invocation.ts';
import { agrees, canAsk } from './question.ts';

/**
 * Deletes the model's files. A running app hides it at once and deletes it some seconds later, until when its window brings it back;
 * without one it is gone when the command ends. A name that was given to a model goes alone.
 * @throws UsageError where nobody can be asked, AppError `model.missing`, `busy` for a model in use, `unsupported` for one that is not
 * Hearth's to delete, `store.*`, `disk.*`.
 */
export async function runRm(
  { yes }: Values<'rm'>,
  [reference = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output } = invocation;
  if (!yes && !canAsk(output.json)) throw new UsageError('Nobody can be asked here. --yes deletes without asking.');
  await removeIn(await openApp(invocation), { yes, reference, invocation }).catch(async (error: unknown) => {
    // It was the app of another command, which has ended. Nothing was asked of it but where the model is.
    if (!(error instanceof EndedBefore)) throw error;
    await removeIn(await openApp(invocation), { yes, reference, invocation });
  });
}

/** The app was gone before anything was asked of it but where the model is. */
class EndedBefore extends AppError {
  constructor(message: string) {
    super('disconnected', message);
  }
}

async function removeIn(
  app: CommandApp,
  { yes, reference, invocation }: { yes: boolean; reference: string; invocation: Invocation },
): Promise<void> {
  const { output, signal } = invocation;
  let isDeleting = false;
  let done: { readonly modelId: string; readonly freedBytes: number; readonly undoMs: number };
  let file: string | null;
  try {
    const { client } = app;
    // Also one whose model is not here any more.
    const named = await nameInApp(reference, client, signal);
    if (named) return await removeName(named, { client, yes, invocation });
    const found = await findInApp(reference, client, signal);
    if (found?.place === 'elsewhere')
      throw new AppError(
        'unsupported',
        `${reference} is a model elsewhere: there is nothing of it to delete here. Its server is removed in Settings.`,
        { reason: 'runs_elsewhere' },
      );
    if (found === null)
      throw new AppError(
        'model.missing',
        `${reference} is not among the models that Hearth knows. Delete the file itself.`,
      );
    const { model } = found;
    const modelId = model.id;
    // The refusal of the library itself, before anybody is asked.
    if (modelId === builtInModel.id) await client.call('library.deleteModel', { modelId }, { signal });
    const isAgreed = yes || (await agrees(`Delete ${shownName(modelId)} (${formatBytes(model.sizeBytes)})?`, signal));
    if (signal.aborted) return;
    if (!isAgreed) return output.done({ modelId, deleted: false }, 'Nothing was deleted.');
    // A damaged file has no path to look at afterwards.
    file = (await client.call('library.modelPath', { modelId }).catch(() => null))?.path ?? null;
    isDeleting = true;
    done = { modelId, ...(await client.call('library.deleteModel', { modelId }, { signal })) };
  } catch (error) {
    if (isDeleting || !isAppError(error, 'disconnected')) throw error;
    throw new EndedBefore(error.message);
  } finally {
    // An own app deletes now what could still be undone.
    await app.close();
  }
  if (app.isOwn && file !== null && (await isThere(file)))
    throw new AppError('disk.denied', `${done.modelId} could not be deleted. The log of Hearth says why.`);
  const { modelId, freedBytes } = done;
  const undoMs = app.isOwn ? 0 : done.undoMs;
  const later = undoMs === 0 ? '' : ` In Hearth it can be brought back for ${Math.round(undoMs / 1000)} seconds.`;
  output.done(
    { modelId, deleted: true, freedBytes, undoMs },
    `Deleted ${modelId}, which frees ${formatBytes(freedBytes)}.${later}`,
  );
}

/** Takes a name away. The model that it stands for stays. */
async function removeName(
  { name, modelId }: ModelName,
  { client, yes, invocation }: { client: HearthClient; yes: boolean; invocation: Invocation },
): Promise<void> {
  const { output, signal } = invocation;
  const facts = { name, modelId };
  const isAgreed = yes || (await agrees(`Take the name ${shownName(name)} of ${shownName(modelId)} away?`, signal));
  if (signal.aborted) return;
  if (!isAgreed) return output.done({ ...facts, deleted: false }, 'Nothing was deleted.');
  await client.call('server.removeName', { name }, { signal });
  output.done({ ...facts, deleted: true, freedBytes: 0 }, `The name ${name} is gone. ${modelId} is still here.`);
}
