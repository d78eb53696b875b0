/** The model that a chat uses, and its description in the model menu. */
import type { LocalModel } from '../../../../preload/contract/library.ts';
import { formatBytes } from '../../../words/format.ts';
import { nameOfFile } from '../../../parts/models/model-words.ts';
import { words } from '../../../words/words.ts';
import { wordsFor } from '../../../words/error-words.ts';

export type ModelChoice =
  | { readonly state: 'unknown' }
  | { readonly state: 'ready'; readonly model: LocalModel }
  /** It was deleted, or its file cannot be used. */
  | { readonly state: 'gone'; readonly modelId: string; readonly name: string };

/**
 * The model of a chat, which main decides. A chat that does not exist yet and has no chosen model has the `modelId`
 * null: it gets the model that wrote last, else the built-in one. `knownNames` has the names of deleted models. `models` is
 * undefined until the list arrives.
 */
export function chooseModel(
  models: readonly LocalModel[] | undefined,
  modelId: string | null,
  knownNames: ReadonlyMap<string, string> = new Map(),
): ModelChoice {
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

/** Auxiliary files cannot answer, and files with a problem cannot be loaded. */
function canChat(model: LocalModel): boolean {
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
