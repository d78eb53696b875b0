/** `hearth list`: the models on this computer. */
import { quantizationFromFileName } from '../model-file/quantization.ts';
import { checkoutLayout } from '../app/layout.ts';
import { cacheFolderOf } from './cache-folder.ts';
import type { Invocation, Values } from './invocation.ts';
import { listModelFiles } from './model-files.ts';

/** Prints one line per model, or one JSON object. */
export async function runList(
  _values: Values,
  _positionals: readonly string[],
  { environment, output }: Invocation,
): Promise<void> {
  const files = await listModelFiles({ cacheFolder: await cacheFolderOf(environment), layout: checkoutLayout() });
  const models = files.map((file) => ({
    modelId: `${file.repoId}/${file.path}`,
    repoId: file.repoId,
    file: file.path,
    quantization: quantizationFromFileName(file.path),
    sizeBytes: file.sizeBytes,
    complete: file.missingShards === 0,
  }));
  const width = Math.max(...models.map((model) => model.modelId.length));
  const lines = models.map(
    (model) =>
      `${model.modelId.padEnd(width)}  ${(model.sizeBytes / 1e6).toFixed(1).padStart(9)} MB${model.complete ? '' : '  (files are missing)'}`,
  );
  output.done({ models }, lines.join('\n'));
}
