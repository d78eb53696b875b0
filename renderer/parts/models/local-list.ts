/** The list of models on this computer: order, selection and sums. */
import type { LocalModel } from '../../../preload/contract/library.ts';

/**
 * Models with problems first, because they need an action; then the last used, then the last added. Among equals the
 * built-in model is last.
 */
export function sortLocal(models: readonly LocalModel[]): readonly LocalModel[] {
  return models.toSorted(
    (a, b) =>
      Number(b.problem !== null) - Number(a.problem !== null) ||
      (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0) ||
      Number(a.origin === 'built_in') - Number(b.origin === 'built_in') ||
      b.addedAt - a.addedAt ||
      a.name.localeCompare(b.name),
  );
}

/**
 * The models, each followed by the auxiliary files of its repository; those of a repository with several models follow the first of
 * them. `alone` are those whose model is not here.
 */
export function attachAuxiliary(models: readonly LocalModel[]): {
  readonly rows: readonly { readonly model: LocalModel; readonly auxiliary: readonly LocalModel[] }[];
  readonly alone: readonly LocalModel[];
} {
  const waiting = Map.groupBy(
    models.filter(({ kind }) => kind !== 'model'),
    ({ repoId }) => repoId,
  );
  const rows = models
    .filter(({ kind }) => kind === 'model')
    .map((model) => {
      // Imported files lie together in one folder, which tells nothing of what belongs together.
      const auxiliary = model.origin === 'imported' ? [] : (waiting.get(model.repoId) ?? []);
      if (auxiliary.length > 0) waiting.delete(model.repoId);
      return { model, auxiliary };
    });
  return { rows, alone: [...waiting.values()].flat() };
}

/** Bytes of all files together. */
export function totalSizeBytes(models: readonly LocalModel[]): number {
  return models.reduce((sum, model) => sum + model.sizeBytes, 0);
}

/** The selected model, else the first model of the repository in the URL, else null. */
export function selectLocal(
  models: readonly LocalModel[],
  chosenId: string | null,
  repoId: string | null,
): LocalModel | null {
  return models.find((model) => model.id === chosenId) ?? models.find((model) => model.repoId === repoId) ?? null;
}

/**
 * A unique name for each model, by id: two quantizations of one model have the same name in their headers. The
 * quantization is added, and the repository where the quantization is the same too. The built-in model keeps its name.
 */
export function distinctNames(models: readonly LocalModel[]): ReadonlyMap<string, string> {
  const named = models.map((model) => ({ model, name: model.name }));
  extend(named, (model) => (model.quantization === null ? '' : ` ${model.quantization}`));
  extend(named, (model) => (model.origin === 'built_in' ? '' : ` (${model.repoId})`));
  extend(named, (model) => `, ${model.fileName}`);
  return new Map(named.map(({ model, name }) => [model.id, name]));
}

function extend(named: { model: LocalModel; name: string }[], addition: (model: LocalModel) => string): void {
  const groups = Map.groupBy(named, (one) => one.name);
  for (const group of groups.values()) {
    // An addition that is the same for all models distinguishes nothing.
    if (new Set(group.map((one) => addition(one.model))).size < 2) continue;
    for (const one of group) one.name += addition(one.model);
  }
}
