/** The models that can be compared with each other. */
import { MAX_MEASURED_MODELS } from '../../../preload/contract/convert.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';

/** Models of one architecture, from the largest: the first is the least quantized one. */
export interface Base {
  readonly architecture: string;
  readonly models: readonly LocalModel[];
}

/** The bases with at least two usable models. */
export function basesOf(models: readonly LocalModel[]): readonly Base[] {
  const usable = models.filter(
    ({ kind, problem, architecture }) => kind === 'model' && problem === null && architecture !== null,
  );
  return [...Map.groupBy(usable, ({ architecture }) => architecture ?? '')]
    .map(([architecture, of]) => ({ architecture, models: of.toSorted((a, b) => b.sizeBytes - a.sizeBytes) }))
    .filter((base) => base.models.length >= 2);
}

/**
 * The choice to begin with: the models of the wanted one's size, or of the largest group of one size; the largest file is the reference. A
 * model that lacks layers is measured against `wholeId`, the one that it was made of.
 */
export function firstChoice(
  bases: readonly Base[],
  wantedId: string | null,
  wholeId: string | null = null,
): { readonly referenceId: string; readonly modelIds: readonly string[] } | null {
  if (wantedId !== null && wholeId !== null && othersOf(bases, wholeId).some(({ id }) => id === wantedId))
    return { referenceId: wholeId, modelIds: [wantedId] };
  const groups = bases.flatMap(({ models }) => [
    ...Map.groupBy(models, ({ parameterCount }) => parameterCount).values(),
  ]);
  const wanted = groups.find((group) => group.some(({ id }) => id === wantedId));
  const group = wanted ?? groups.toSorted((a, b) => b.length - a.length)[0];
  const reference = group?.[0];
  if (group === undefined || reference === undefined) return null;
  return { referenceId: reference.id, modelIds: group.slice(1, 1 + MAX_MEASURED_MODELS).map(({ id }) => id) };
}

/** The models beside a reference, those of its own size first. */
export function othersOf(bases: readonly Base[], referenceId: string): readonly LocalModel[] {
  const base = bases.find(({ models }) => models.some(({ id }) => id === referenceId));
  const reference = base?.models.find(({ id }) => id === referenceId);
  if (base === undefined || reference === undefined) return [];
  const isSame = (model: LocalModel): boolean => model.parameterCount === reference.parameterCount;
  const rest = base.models.filter(({ id }) => id !== referenceId);
  return [...rest.filter(isSame), ...rest.filter((model) => !isSame(model))];
}
