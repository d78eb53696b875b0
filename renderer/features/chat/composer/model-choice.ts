/** The model that a chat uses, and its description in the model menu. */
import type { LocalModel } from '../../../../preload/contract/library.ts';
import type { ProviderEntry, RemoteModel } from '../../../../preload/contract/providers.ts';
import { parseRemoteModelId } from '../../../../preload/contract/remote-model-id.ts';
import { formatBytes } from '../../../words/format.ts';
import { nameOfFile } from '../../../parts/models/model-words.ts';
import { words } from '../../../words/words.ts';
import { wordsFor } from '../../../words/error-words.ts';

export type ModelChoice =
  | { readonly state: 'unknown' }
  | { readonly state: 'ready'; readonly model: LocalModel }
  | { readonly state: 'elsewhere'; readonly model: ChosenElsewhere }
  /** It was deleted, its file cannot be used, or its server was removed. `isOff`: its server is switched off. */
  | { readonly state: 'gone'; readonly modelId: string; readonly name: string; readonly isOff?: true };

/** A model of a server elsewhere. */
export interface ChosenElsewhere {
  readonly id: string;
  readonly name: string;
  /** Null while the list of servers has not arrived. */
  readonly server: Pick<ProviderEntry, 'id' | 'name' | 'address' | 'leavesComputer'> | null;
  /** In tokens; null where the server does not tell. */
  readonly contextSize: number | null;
}

/**
 * The model of a chat, which main decides. A chat that does not exist yet and has no chosen model has the `modelId`
 * null: it gets the model that wrote last, else the built-in one. `knownNames` has the names of deleted models. `models` and
 * `servers` are undefined until their lists arrive.
 */
export function chooseModel(
  models: readonly LocalModel[] | undefined,
  modelId: string | null,
  knownNames: ReadonlyMap<string, string> = new Map(),
  servers?: readonly ProviderEntry[],
): ModelChoice {
  const remote = modelId === null ? null : parseRemoteModelId(modelId);
  if (modelId !== null && remote !== null) return chooseElsewhere(modelId, remote, servers);
  if (!models) return { state: 'unknown' };
  if (modelId === null) {
    const usable = models.filter(canChat);
    const wroteLast = usable.reduce<LocalModel | undefined>(
      (best, model) => ((model.lastRepliedAt ?? 0) > (best?.lastRepliedAt ?? 0) ? model : best),
      undefined,
    );
    const model = wroteLast ?? usable.find((candidate) => candidate.origin === 'built_in') ?? usable[0];
    return model ? { state: 'ready', model } : { state: 'unknown' };
  }
  const model = models.find((candidate) => candidate.id === modelId);
  if (model && canChat(model)) return { state: 'ready', model };
  return { state: 'gone', modelId, name: model?.name ?? knownNames.get(modelId) ?? nameOfFile(modelId) };
}

/** A server that is on but does not answer is asked anyway: the reply says what is wrong. */
function chooseElsewhere(
  modelId: string,
  { providerId, name }: { readonly providerId: string; readonly name: string },
  servers: readonly ProviderEntry[] | undefined,
): ModelChoice {
  const server = servers?.find(({ id }) => id === providerId);
  if (servers && !server) return { state: 'gone', modelId, name };
  if (server && !server.enabled) return { state: 'gone', modelId, name, isOff: true };
  const model = server?.models.find((one) => one.modelId === modelId);
  if (server?.status.state === 'ready' && !model) return { state: 'gone', modelId, name };
  return {
    state: 'elsewhere',
    model: { id: modelId, name: nameElsewhere(name), server: server ?? null, contextSize: model?.contextSize ?? null },
  };
}

/** The last part of a path, which is what llama-server and vLLM call a model that they were started with. */
export function nameElsewhere(name: string): string {
  return /^\/|\.gguf$/i.test(name) ? (name.split('/').at(-1) ?? name) : name;
}

/** `Context size 40,960 · Vision · Tools`, without what its server does not tell. */
export function remoteDetail({ contextSize, abilities }: RemoteModel): string {
  return [
    contextSize === null ? words.elsewhere.contextUnknown : words.elsewhere.context(contextSize),
    abilities.vision === true ? words.elsewhere.abilities.vision : '',
    abilities.tools === true ? words.elsewhere.abilities.tools : '',
    abilities.reasoning === true ? words.elsewhere.abilities.reasoning : '',
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

/** Auxiliary files cannot answer, and files with a problem cannot be loaded. */
export function canChat(model: LocalModel): boolean {
  return model.kind === 'model' && model.problem === null;
}

/** `4.37 GB · Q4_K_M · Fits`, without unknown facts. A model that cannot be used has the reason instead. */
export function modelDetail(model: LocalModel): string {
  if (model.problem) return wordsFor(model.problem).title;
  return [formatBytes(model.sizeBytes), model.quantization ?? '', words.picker.fits[model.fit.verdict]]
    .filter((part) => part !== '')
    .join(' · ');
}

/** A unique name for each model: equal names are told apart by the quantization, or by the file. */
export function distinctNames(models: readonly LocalModel[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const model of models) {
    const same = models.filter((other) => other.name === model.name);
    const quantizations = new Set(same.map((other) => other.quantization));
    const mark = quantizations.size === same.length && model.quantization !== null ? model.quantization : model.id;
    names.set(model.id, same.length === 1 ? model.name : `${model.name} (${mark})`);
  }
  return names;
}
