/** Conversions with an adapter: a GGUF adapter, or the base with the adapter merged into it. */
import { AppError } from '../../../preload/wire/errors.ts';
import { readSmallText, type CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensor.ts';
import { readModelCard } from '../plan/model-card.ts';
import type { OutputType } from '../plan/output-types.ts';
import { readCheckpointPlan, readConfig } from '../plan/read-plan.ts';
import type { SyncToDisk } from '../write/output-file.ts';
import { withVerification } from '../write/verification-entry.ts';
import { writeModel, type WriteProgress, type WrittenModel } from '../write/write-model.ts';
import { readAdapter } from './adapter.ts';
import { joinedSource } from './joined-source.ts';
import { planAdapter } from './lora-plan.ts';
import { mergeTensors } from './merge.ts';
import { openAdapterSource } from './scaled-reader.ts';

/** The two folders or repositories. */
export interface AdapterSources {
  /** Of a GGUF adapter only config.json is read. */
  readonly base: CheckpointSource;
  readonly adapter: CheckpointSource;
}

export interface AdapterRequest {
  /** The adapter's repository or the name of its folder, for the metadata. */
  readonly name: string;
  readonly outputType: OutputType;
  readonly outputPath: string;
  /** Bytes that are kept free in a merged model's metadata for what a verification finds; 0 for none. */
  readonly verificationBytes: number;
}

export interface AdapterContext {
  readonly sync: SyncToDisk;
  /** Lets other work of the process go first. */
  readonly nextTurn: () => Promise<unknown>;
  readonly onPlanned: (planned: PlannedOutput) => void;
  readonly onProgress: (progress: WriteProgress) => void;
}

export interface PlannedOutput {
  readonly architecture: string;
  readonly tensorCount: number;
  readonly parameterCount: number;
}

/**
 * Writes the adapter as a GGUF file, which llama.cpp loads beside a GGUF file of its base.
 * @throws AppError as `readAdapter` and `planAdapter` before anything is written, and as `writeModel`.
 */
export async function convertAdapter(
  { base, adapter: source }: AdapterSources,
  { name, outputType, outputPath }: Omit<AdapterRequest, 'verificationBytes'>,
  { sync, nextTurn, onPlanned, onProgress }: AdapterContext,
): Promise<PlannedOutput & WrittenModel> {
  const baseConfig = await readConfig(base);
  const adapter = await readAdapter(source, nextTurn);
  const card = readModelCard((await readSmallText(source, 'README.md').catch(() => null)) ?? '');
  const plan = planAdapter(adapter, baseConfig, { name, ...card });
  const sources = new Map(plan.sources.map((one) => [one.tensor.name, one]));
  const planned = {
    architecture: String(plan.metadata.find(({ key }) => key === 'general.architecture')?.value ?? ''),
    tensorCount: plan.tensors.length,
    parameterCount: plan.tensors.reduce(
      (sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1),
      0,
    ),
  };
  onPlanned(planned);
  const written = await writeModel(
    {
      source,
      sources: plan.sources.map(({ tensor }) => tensor),
      openReader: async (tensor) => openAdapterSource(source, found(sources, tensor)),
      ...{ metadata: plan.metadata, tensors: plan.tensors, outputType, outputPath, sync },
    },
    onProgress,
  );
  return { ...planned, ...written };
}

/**
 * Writes the base with the adapter merged into its weights.
 * @throws AppError as `readCheckpointPlan`, `readAdapter` and `mergeTensors` before anything is written, and as `writeModel`.
 */
export async function convertMerged(
  { base, adapter: adapterSource }: AdapterSources,
  { name, outputType, outputPath, verificationBytes }: AdapterRequest,
  { sync, nextTurn, onPlanned, onProgress }: AdapterContext,
): Promise<PlannedOutput & WrittenModel> {
  const { plan, tensors, config } = await readCheckpointPlan(base, name, nextTurn);
  const merged = mergeTensors(tensors, await readAdapter(adapterSource, nextTurn), config);
  const planned = {
    architecture: plan.architecture,
    tensorCount: plan.tensors.length,
    parameterCount: plan.parameterCount,
  };
  onPlanned(planned);
  const source = joinedSource(base, adapterSource);
  const written = await writeModel(
    {
      source,
      sources: merged.tensors,
      openReader: async (tensor) => await merged.open(source, tensor),
      metadata: withVerification(plan.metadata(outputType), verificationBytes),
      ...{ tensors: plan.tensors, outputType, outputPath, sync },
    },
    onProgress,
  );
  return { ...planned, ...written };
}

function found<T>(sources: ReadonlyMap<string, T>, { name }: CheckpointTensor): T {
  const one = sources.get(name);
  if (one === undefined) throw new AppError('internal', `${name} is not there.`);
  return one;
}
