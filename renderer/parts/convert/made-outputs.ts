/** The models here that are outputs of a repository, for its page. */
import type { ConversionRecord, OutputType } from '../../../preload/contract/convert.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';

/** A repository at the commit that its page shows. */
export interface ShownCommit {
  readonly repoId: string;
  readonly revision: string | null;
}

/**
 * By type, the newest model that converting this commit alone gave. Left out are models with an adapter in them, those that lack layers or
 * were quantized from another model, and those that cannot be used or failed their verification.
 */
export function madeOutputs(
  { repoId, revision }: ShownCommit,
  records: ReadonlyMap<string, ConversionRecord>,
  models: readonly LocalModel[],
): ReadonlyMap<OutputType, LocalModel> {
  const made = new Map<OutputType, LocalModel>();
  for (const model of models) {
    const record = records.get(model.id);
    if (record === undefined || model.kind !== 'model' || model.problem !== null) continue;
    // With an adapter in it a model is named by both.
    if (record.sourceRepoId !== repoId || record.sourceName !== repoId || record.sourceRevision !== revision) continue;
    if (record.sourceModelId !== null || record.prunedLayerCount > 0) continue;
    if (record.verification?.result === 'failed') continue;
    if ((made.get(record.type)?.addedAt ?? -Infinity) <= model.addedAt) made.set(record.type, model);
  }
  return made;
}
