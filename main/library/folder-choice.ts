/** Which folder a choice of the settings means. */
import { AppError } from '../../preload/wire/errors.ts';
import type { Settings } from '../../preload/contract/settings.ts';

/** The folder of one of the settings' choices. Throws not_found, and unsupported where the environment fixes the folder. */
export async function folderOfChoice(
  watch: (signal: AbortSignal) => AsyncIterable<Settings>,
  choiceId: string,
): Promise<string> {
  const ended = new AbortController();
  try {
    for await (const { cacheFolder } of watch(ended.signal)) {
      if (cacheFolder.fixedBy !== null)
        throw new AppError('unsupported', `The folder is set by ${cacheFolder.fixedBy}. Unset it to move the models.`);
      const choice = cacheFolder.choices.find(({ id }) => id === choiceId);
      if (choice) return choice.path;
      break;
    }
    throw new AppError('not_found', 'There is no such choice.');
  } finally {
    ended.abort();
  }
}
