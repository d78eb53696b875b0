/** Files of models that must stay as they are while something reads them. */
import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { shownName } from '../base/foreign-text.ts';
import { shardPaths } from '../model-file/shards.ts';

export interface UnchangedFiles {
  /** @throws AppError `model.corrupt` (`reason: 'changed'`) when a file has other bytes than before, by its size, time and place. */
  assertUnchanged(): Promise<void>;
}

/** Notes what the files of the models at `modelPaths`, with all their shards, are now. */
export async function noteFiles(modelPaths: readonly string[]): Promise<UnchangedFiles> {
  const files = modelPaths.flatMap(shardPaths);
  const before = await Promise.all(files.map(factsOf));
  return {
    async assertUnchanged() {
      for (const [index, file] of files.entries()) {
        if (isSame(await factsOf(file), before[index] ?? null)) continue;
        const name = shownName(path.basename(file));
        throw new AppError('model.corrupt', `${name} was changed while it was read.`, { reason: 'changed', name });
      }
    },
  };
}

/**
 * The events of a work that reads the models. The last one, `done`, comes only when no file was changed; for an error of a work whose
 * files were changed, that is said.
 */
export async function* whileUnchanged<Event extends { readonly type: string }>(
  modelPaths: readonly string[],
  events: AsyncIterable<Event>,
): AsyncGenerator<Event> {
  const files = await noteFiles(modelPaths);
  try {
    for await (const event of events) {
      if (event.type === 'done') await files.assertUnchanged();
      yield event;
    }
  } catch (error) {
    if (!isAppError(error, 'cancelled')) await files.assertUnchanged();
    throw error;
  }
}

/** A text that is another when a file of the models, with all their shards, is another by its size, time and place. */
export async function identityOfModels(modelPaths: readonly string[]): Promise<string> {
  const files = modelPaths.flatMap(shardPaths);
  const facts = await Promise.all(files.map(factsOf));
  return JSON.stringify(
    files.map((file, index) => [
      file,
      ...[facts[index]].map((one) => one && [one.size, one.mtimeNs, one.ino].map(String)),
    ]),
  );
}

/** Null for a file that is not there. */
const factsOf = async (file: string): Promise<BigIntStats | null> =>
  await stat(file, { bigint: true }).catch(() => null);

const isSame = (now: BigIntStats | null, before: BigIntStats | null): boolean =>
  now?.size === before?.size && now?.mtimeNs === before?.mtimeNs && now?.ino === before?.ino;
