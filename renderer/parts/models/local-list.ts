/** The list of models on this computer: order, selection and sums. */
import type { LocalModel } from '../../../preload/contract/library.ts';

/** Problems first (they want an act), then what was used last, then what came last; the built-in model last among equals. */
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

/** Models apart from auxiliary files (adapters, projectors). */
export function splitKinds(models: readonly LocalModel[]): {
  readonly models: readonly LocalModel[];
  readonly auxiliary: readonly LocalModel[];
} {
  const { model = [], auxiliary = [] } = Object.groupBy(models, ({ kind }) =>
    kind === 'model' ? 'model' : 'auxiliary',
  );
  return { models: model, auxiliary };
}

/** Bytes of all files together. */
export function totalSizeBytes(models: readonly LocalModel[]): number {
  return models.reduce((sum, model) => sum + model.sizeBytes, 0);
}

/** The chosen model, else the first of the repository that the address names, else null. */
export function selectLocal(
  models: readonly LocalModel[],
  chosenId: string | null,
  repoId: string | null,
): LocalModel | null {
  return models.find((model) => model.id === chosenId) ?? models.find((model) => model.repoId === repoId) ?? null;
}

/**
 * A name for each model, by id, that no other has: two quantizations of one model carry the same name in their headers.
 * What is added is the quantization, and where that is the same too the repository (the built-in model stays as it is).
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
    // An addition that is the same for all tells nothing.
    if (new Set(group.map((one) => addition(one.model))).size < 2) continue;
    for (const one of group) one.name += addition(one.model);
  }
}
