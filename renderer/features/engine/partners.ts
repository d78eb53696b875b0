/** Which other files on this computer a model may be loaded with. The engine checks vocabulary and shapes at the load. */
import type { LocalModel } from '../../../preload/contract/models.ts';

/** Models that could guess ahead for `modelId`: clearly smaller ones, those of the same architecture first, then by size. */
export function draftCandidates(models: readonly LocalModel[], modelId: string): readonly LocalModel[] {
  const own = models.find((model) => model.id === modelId);
  if (!own) return [];
  const near = (model: LocalModel): number =>
    model.architecture !== null && model.architecture === own.architecture ? 0 : 1;
  return models
    .filter((model) => model.id !== modelId && model.problem === null && !isAdapter(model))
    .filter((model) => model.sizeBytes <= own.sizeBytes / 2)
    .sort((one, other) => near(one) - near(other) || one.sizeBytes - other.sizeBytes);
}

/** Files that look like adapters. */
export function loraCandidates(models: readonly LocalModel[], modelId: string): readonly LocalModel[] {
  return models.filter((model) => model.id !== modelId && isAdapter(model));
}

/** The list does not say what a GGUF is for; adapters are named so by every tool that writes them. */
function isAdapter(model: LocalModel): boolean {
  return /(^|[^a-z])(q?lora|adapter)([^a-z]|$)/i.test(model.fileName);
}
