/** Writes the model of a plan, after it is said what it will be. */
import type { OutputType } from '../plan/output-types.ts';
import type { Plan } from '../plan/plan.ts';
import type { SyncToDisk } from './output-file.ts';
import { withVerification } from './verification-entry.ts';
import { writeModel, type ModelToWrite, type WriteProgress, type WrittenModel } from './write-model.ts';

export interface PlannedModel {
  readonly architecture: string;
  readonly tensorCount: number;
  readonly parameterCount: number;
}

export interface PlanOutput {
  readonly outputType: OutputType;
  readonly outputPath: string;
  /** Bytes that are kept free in the metadata for what a verification finds; 0 for none. */
  readonly verificationBytes: number;
  readonly sync: SyncToDisk;
}

export interface PlanEvents {
  readonly onPlanned: (planned: PlannedModel) => void;
  readonly onProgress: (progress: WriteProgress) => void;
}

/** Writes the tensors of `plan` with the values of `checkpoint`. @throws as `writeModel`. */
export async function writePlan(
  { architecture, tensors, parameterCount, metadata }: Omit<Plan, 'sizeBytes'>,
  checkpoint: Pick<ModelToWrite, 'source' | 'sources' | 'openReader'>,
  { outputType, outputPath, verificationBytes, sync }: PlanOutput,
  { onPlanned, onProgress }: PlanEvents,
): Promise<PlannedModel & WrittenModel> {
  const planned = { architecture, tensorCount: tensors.length, parameterCount };
  onPlanned(planned);
  const written = await writeModel(
    {
      ...checkpoint,
      metadata: withVerification(metadata(outputType), verificationBytes),
      ...{ tensors, outputType, outputPath, sync },
    },
    onProgress,
  );
  return { ...planned, ...written };
}
