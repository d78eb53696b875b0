/** `hearth list`: the models on this computer. */
import { quantizationFromFileName } from '../model-file/quantization.ts';
import type { ModelFileKind } from '../../preload/contract/model.ts';
import type { ErrorBody } from '../../preload/wire/errors.ts';
import { checkoutLayout } from '../app/layout.ts';
import { cacheFolderOf } from './cache-folder.ts';
import type { Invocation, Values } from './invocation.ts';
import { describeFiles, listModelFiles } from './model-files.ts';

/** Prints one line per model, or one JSON object. */
export async function runList(
  _values: Values<'list'>,
  _positionals: readonly string[],
  { environment, output }: Invocation,
): Promise<void> {
  const files = await listModelFiles({ cacheFolder: await cacheFolderOf(environment), layout: checkoutLayout() });
  const models = (await describeFiles(files)).map(({ file, kind, problem }) => ({
    modelId: `${file.repoId}/${file.path}`,
    repoId: file.repoId,
    file: file.path,
    quantization: quantizationFromFileName(file.path),
    sizeBytes: file.sizeBytes,
    complete: file.missingShards === 0,
    kind,
    problem,
  }));
  const width = Math.max(...models.map((model) => model.modelId.length));
  const lines = models.map(
    (model) =>
      `${model.modelId.padEnd(width)}  ${(model.sizeBytes / 1e6).toFixed(1).padStart(9)} MB${noteOf(model.kind, model.problem)}`,
  );
  output.done({ models }, lines.join('\n'));
}

const kindNames: Readonly<Record<Exclude<ModelFileKind, 'model'>, string>> = {
  adapter: 'adapter',
  projector: 'projector',
  draft: 'draft model',
  vocoder: 'vocoder',
  imatrix: 'importance matrix',
};

/** What keeps a file from being run, else its kind. */
function noteOf(kind: ModelFileKind, problem: ErrorBody | null): string {
  if (problem !== null) return `  (${problem.message})`;
  return kind === 'model' ? '' : `  (${kindNames[kind]})`;
}
