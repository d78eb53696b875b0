/** `hearth list`: the models on this computer. */
import type { LocalModel, ModelOrigin } from '../../preload/contract/library.ts';
import type { ModelFileKind } from '../../preload/contract/model.ts';
import type { ErrorBody } from '../../preload/wire/errors.ts';
import { checkoutLayout } from '../app/layout.ts';
import { listAppModels } from './app-models.ts';
import { cacheFolderOf } from './cache-folder.ts';
import type { Invocation, Values } from './invocation.ts';
import { describeFiles, listModelFiles } from './model-files.ts';
import { connectAppOfCache } from './running-app.ts';

/** A model as this command prints it. */
interface ListedModel {
  readonly modelId: string;
  readonly repoId: string;
  /** The path in the repository. */
  readonly file: string;
  readonly quantization: string | null;
  readonly sizeBytes: number;
  readonly complete: boolean;
  readonly kind: ModelFileKind;
  readonly origin: ModelOrigin;
  readonly problem: ErrorBody | null;
}

/**
 * Prints one line per model, or one JSON object. A running app also lists what was imported and the user's folders, which are in its
 * database. @throws AppError `disconnected`, `unsupported` (another version).
 */
export async function runList(
  _values: Values<'list'>,
  _positionals: readonly string[],
  { environment, version, output, signal }: Invocation,
): Promise<void> {
  const app = await connectAppOfCache(environment, version, signal);
  let models: readonly ListedModel[];
  try {
    models = app
      ? (await listAppModels(app.client, signal)).map(listedOfApp)
      : await listHere(await cacheFolderOf(environment), environment);
  } finally {
    app?.close();
  }
  const width = Math.max(...models.map((model) => model.modelId.length));
  const lines = models.map(
    (model) =>
      `${model.modelId.padEnd(width)}  ${(model.sizeBytes / 1e6).toFixed(1).padStart(9)} MB${noteOf(model.kind, model.problem)}`,
  );
  output.done({ models }, lines.join('\n'));
}

function listedOfApp({ id, repoId, quantization, sizeBytes, kind, origin, problem }: LocalModel): ListedModel {
  return {
    modelId: id,
    repoId,
    file: id.slice(repoId.length + 1),
    quantization,
    sizeBytes,
    complete: problem?.data?.['reason'] !== 'shards_missing',
    kind,
    origin,
    problem,
  };
}

async function listHere(cacheFolder: string, environment: Invocation['environment']): Promise<ListedModel[]> {
  const files = await listModelFiles({ cacheFolder, layout: checkoutLayout(), environment });
  return (await describeFiles(files)).map(({ file, kind, quantization, problem }) => ({
    modelId: `${file.repoId}/${file.path}`,
    repoId: file.repoId,
    file: file.path,
    quantization,
    sizeBytes: file.sizeBytes,
    complete: file.missingShards === 0,
    kind,
    // A file of the cache has a commit, and the built-in one belongs to no other place.
    origin: file.origin ?? (file.commit === '' ? 'built_in' : 'hub'),
    problem,
  }));
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
