/** Models that the API server finds beside its own, in a cache as huggingface_hub writes it. */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { putFile } from './cache-setup.ts';

/** For `prepare` of an API server: models by the names of their repositories, each written into a file by the function. */
export const withModels =
  (models: Readonly<Record<string, (file: string) => void | Promise<void>>>) =>
  async (folder: string): Promise<void> => {
    for (const [repoId, write] of Object.entries(models)) {
      const file = path.join(folder, 'made.gguf');
      await write(file);
      await putFile(path.join(folder, 'cache'), {
        ...{ repoId, path: `${repoId.split('/')[1]}.gguf`, bytes: readFileSync(file), ref: 'main' },
      });
      rmSync(file);
    }
  };
