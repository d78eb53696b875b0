/** `hearth list`: the models on this computer, and those elsewhere that the running app knows. */
import type { HearthClient } from '../../preload/contract/contract.ts';
import type { LocalModel, ModelOrigin } from '../../preload/contract/library.ts';
import type { ModelFileKind } from '../../preload/contract/model.ts';
import type { ModelName } from '../../preload/contract/server.ts';
import type { ErrorBody } from '../../preload/wire/errors.ts';
import { checkoutLayout } from '../app/layout.ts';
import { shownName } from '../base/foreign-text.ts';
import { listAppModels } from './app-models.ts';
import { cacheFolderOf } from './cache-folder.ts';
import { firstEvent } from './first-event.ts';
import { namesInFolder } from './given-names.ts';
import type { Invocation, Values } from './invocation.ts';
import { describeFiles, listModelFiles } from './model-files.ts';
import { askedServers } from './models-elsewhere.ts';
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

/** A model of a server elsewhere. */
interface ModelElsewhere {
  readonly modelId: string;
  /** As its server calls it. */
  readonly model: string;
  readonly server: string;
  readonly address: string;
  readonly contextSize: number | null;
}

interface Listed {
  readonly models: readonly ListedModel[];
  readonly elsewhere: readonly ModelElsewhere[];
  /** The names that the user gave, also to models that are not here. */
  readonly names: readonly ModelName[];
}

/**
 * Prints one line per model with the names that the user gave it, or one JSON object. A running app also lists what was imported and the
 * user's folders, which are in its database, and the models of servers elsewhere, which only an app asks. @throws AppError `disconnected`, `unsupported` (another version).
 */
export async function runList(
  _values: Values<'list'>,
  _positionals: readonly string[],
  { environment, version, output, signal }: Invocation,
): Promise<void> {
  const app = await connectAppOfCache(environment, version, signal);
  let listed: Listed;
  try {
    listed = app
      ? await listInApp(app.client, { output, signal })
      : {
          models: await listHere(await cacheFolderOf(environment), environment),
          elsewhere: [],
          names: await namesInFolder(environment.dataFolder),
        };
  } finally {
    app?.close();
  }
  const namesOf = (modelId: string): string[] =>
    listed.names.filter((one) => one.modelId === modelId).map(({ name }) => name);
  const models = listed.models.map((model) => ({ ...model, names: namesOf(model.modelId) }));
  const elsewhere = listed.elsewhere.map((model) => ({ ...model, names: namesOf(model.modelId) }));
  const width = Math.max(...[...models, ...elsewhere].map(({ modelId }) => modelId.length));
  const line = (modelId: string, what: string, note: string, names: readonly string[]): string =>
    `${modelId.padEnd(width)}  ${what.padStart(12)}${note}${names.length === 0 ? '' : `  = ${names.map(shownName).join(', ')}`}`;
  const lines = [
    ...models.map((one) =>
      line(one.modelId, `${(one.sizeBytes / 1e6).toFixed(1)} MB`, noteOf(one.kind, one.problem), one.names),
    ),
    ...elsewhere.map((one) => line(one.modelId, 'elsewhere', `  (${shownName(one.address)})`, one.names)),
  ];
  output.done({ models, elsewhere }, lines.join('\n'));
}

async function listInApp(
  client: HearthClient,
  { output, signal }: Pick<Invocation, 'output' | 'signal'>,
): Promise<Listed> {
  const [local, { names }, servers] = await Promise.all([
    listAppModels(client, signal),
    firstEvent(client, 'server.watch', signal),
    askedServers(client, signal),
  ]);
  for (const { name, status } of servers)
    if (status.state !== 'ready')
      output.warning(
        `${shownName(name)}: ${status.state === 'failed' ? status.error.message : 'This server has not told its models yet.'}`,
      );
  const elsewhere = servers.flatMap(({ name: server, address, models }) =>
    models.map(({ modelId, name, contextSize }) => ({ modelId, model: name, server, address, contextSize })),
  );
  return { models: local.map(listedOfApp), elsewhere, names };
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
