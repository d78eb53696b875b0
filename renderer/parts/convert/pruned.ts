/** Models that lack layers: what they are to be measured against, and what that found. */
import type { ConversionRecord, MeasuredModel, Measurement } from '../../../preload/contract/convert.ts';

/** The model on this computer that a pruned one was made of, or of the same commit, with all its layers; null where there is none. */
export function wholeModelOf(
  modelId: string,
  records: ReadonlyMap<string, ConversionRecord>,
  here: ReadonlySet<string>,
): string | null {
  const own = records.get(modelId);
  if (own === undefined || own.prunedLayerCount === 0) return null;
  const seen = new Set([modelId]);
  for (let at = own.sourceModelId; at !== null && !seen.has(at); at = records.get(at)?.sourceModelId ?? null) {
    seen.add(at);
    if (here.has(at) && (records.get(at)?.prunedLayerCount ?? 0) === 0) return at;
  }
  if (own.sourceRepoId === null) return null;
  const twins = [...records].filter(
    ([id, one]) =>
      here.has(id) &&
      one.prunedLayerCount === 0 &&
      one.sourceRepoId === own.sourceRepoId &&
      one.sourceRevision === own.sourceRevision &&
      one.sourceName === own.sourceName,
  );
  return (twins.find(([, { type }]) => type === own.type) ?? twins[0])?.[0] ?? null;
}

/** The newest figures of a pruned model and of the whole one, measured on one text; null before. */
export function measuredLoss(
  modelId: string,
  wholeId: string,
  measurements: readonly Measurement[],
): { readonly at: number; readonly pruned: MeasuredModel; readonly whole: MeasuredModel } | null {
  for (const { at, models } of measurements) {
    const pruned = models.find((model) => model.modelId === modelId && model.perplexity !== null);
    const whole = models.find((model) => model.modelId === wholeId && model.perplexity !== null);
    if (pruned !== undefined && whole !== undefined) return { at, pruned, whole };
  }
  return null;
}
