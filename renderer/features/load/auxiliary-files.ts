/**
 * Auxiliary files that a model may be loaded with: draft models and adapters. The engine checks vocabulary and shapes
 * at the load.
 */
import type { LocalModel } from '../../../preload/contract/library.ts';

/** Models that could draft for `modelId`: at most half its size, the same architecture first, then by size. */
export function draftCandidates(models: readonly LocalModel[], modelId: string): readonly LocalModel[] {
  const own = models.find((model) => model.id === modelId);
  if (!own) return [];
  const near = (model: LocalModel): number =>
    model.architecture !== null && model.architecture === own.architecture ? 0 : 1;
  return models
    .filter((model) => model.id !== modelId && model.problem === null && canDraft(model))
    .filter((model) => model.sizeBytes <= own.sizeBytes / 2)
    .sort((one, other) => near(one) - near(other) || one.sizeBytes - other.sizeBytes);
}

/** A draft file without a context of its own is a head (multi-token prediction), which cannot be loaded as a model. */
function canDraft({ kind, contextLength }: LocalModel): boolean {
  return kind === 'model' || (kind === 'draft' && contextLength !== null);
}

/** Adapters for `modelId`, those of its architecture first. Others work only where a header is wrong. */
export function loraCandidates(models: readonly LocalModel[], modelId: string): readonly LocalModel[] {
  const own = models.find((model) => model.id === modelId);
  const fits = (model: LocalModel): number => Number(model.architecture === own?.architecture);
  return models
    .filter((model) => model.id !== modelId && model.kind === 'adapter' && model.problem === null)
    .sort((one, other) => fits(other) - fits(one) || one.name.localeCompare(other.name));
}
