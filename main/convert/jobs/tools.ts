/** What the jobs of conversion work with. */
import type { Verification } from '../../../preload/contract/convert.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import type { WorkOrder } from '../../base/work.ts';
import type { Hub } from '../../hub/hub.ts';
import type { FitOf } from '../../model-file/fit-of.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';
import type { Checks } from '../check/checks.ts';
import type { Converter } from '../child/converter.ts';
import type { CollectImatrix } from '../quantize/imatrix.ts';
import type { Quantizer } from '../quantize/quantize.ts';
import type { Outputs } from '../outputs/outputs.ts';
import type { SourceUse } from './source-use.ts';
import type { Workspaces } from '../outputs/workspaces.ts';

/** A model on this computer. */
export interface ModelOnDisk {
  readonly modelId: string;
  readonly name: string;
  /** Of several shards, the first. */
  readonly path: string;
  /** All of them, the first too; absent for a model of one file. */
  readonly shards?: readonly string[];
  readonly weightsBytes: number;
  readonly summary?: ModelSummary | null;
}

/** Looks whether a file runs, and whether its tokenizer is that of the checkpoint in `checkpointFolder` (null: there is none). */
export type VerifyFile = (
  model: ModelOnDisk,
  checkpointFolder: string | null,
  signal: AbortSignal,
) => Promise<Verification>;

export interface JobTools {
  readonly hub: Hub;
  readonly checks: Checks;
  readonly converter: Converter;
  readonly quantizer: Quantizer;
  readonly collectImatrix: CollectImatrix;
  readonly workspaces: Workspaces;
  readonly sourceUse: SourceUse;
  readonly outputs: Outputs;
  /** Null where nothing verifies. */
  readonly verifyFile: VerifyFile | null;
  readonly fitOf: FitOf;
  /** Throws model.*. */
  readonly findModel: (modelId: string) => Promise<ModelOnDisk>;
  /** The path of an importance matrix on this computer. Throws model.*. */
  readonly matrixPath: (modelId: string) => Promise<string>;
  /** The header of one file. Throws model.*. */
  readonly readHeader: (path: string) => Promise<GgufHeader>;
  readonly freeBytes: (folder: string) => Promise<number | null>;
  readonly threads: () => number;
  readonly run: (order: WorkOrder) => { readonly jobId: string };
  /** The version of the app, which the records name. */
  readonly version: string;
}
