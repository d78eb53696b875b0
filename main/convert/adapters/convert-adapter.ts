/** Conversions with an adapter: a GGUF adapter, or the base with the adapter merged into it. */
import { AppError } from '../../../preload/wire/errors.ts';
import { readSmallText, type CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensor.ts';
import { countParameters } from '../plan/general.ts';
import { readModelCard } from '../plan/model-card.ts';
import { planOf, readCheckpointPlan, readConfig, readWholeVocabulary } from '../plan/read-plan.ts';
import type { WrittenModel } from '../write/write-model.ts';
import { writePlan, type PlanEvents, type PlannedModel, type PlanOutput } from '../write/write-plan.ts';
import { readAdapter } from './adapter.ts';
import { joinedSource } from './joined-source.ts';
import { planAdapter } from './lora-plan.ts';
import { mergeTensors } from './merge.ts';
import { openAdapterSource } from './scaled-reader.ts';
import { tokenizerFilesOf } from './tokenizer-of-adapter.ts';

/** The two folders or repositories. */
export interface AdapterSources {
  /** Of a GGUF adapter only config.json is read. */
  readonly base: CheckpointSource;
  readonly adapter: CheckpointSource;
}

export interface AdapterRequest extends Omit<PlanOutput, 'sync'> {
  /** The adapter's repository or the name of its folder, for the metadata. */
  readonly name: string;
}

export interface AdapterContext extends PlanEvents, Pick<PlanOutput, 'sync'> {
  /** Lets other work of the process go first. */
  readonly nextTurn: () => Promise<unknown>;
}

/**
 * Writes the adapter as a GGUF file, which llama.cpp loads beside a GGUF file of its base.
 * @throws AppError as `readAdapter` and `planAdapter` before anything is written, and as `writeModel`.
 */
export async function convertAdapter(
  { base, adapter: source }: AdapterSources,
  { name, outputType, outputPath }: Omit<AdapterRequest, 'verificationBytes'>,
  { sync, nextTurn, ...events }: AdapterContext,
): Promise<PlannedModel & WrittenModel> {
  const baseConfig = await readConfig(base);
  const adapter = await readAdapter(source, nextTurn);
  const card = readModelCard((await readSmallText(source, 'README.md').catch(() => null)) ?? '');
  const plan = planAdapter(adapter, baseConfig, { name, card });
  const sources = new Map(plan.sources.map((one) => [one.tensor.name, one]));
  return await writePlan(
    {
      architecture: String(plan.metadata.find(({ key }) => key === 'general.architecture')?.value ?? ''),
      tensors: plan.tensors,
      parameterCount: countParameters(plan.tensors).total,
      metadata: () => plan.metadata,
    },
    {
      source,
      sources: plan.sources.map(({ tensor }) => tensor),
      openReader: async (tensor) => openAdapterSource(source, found(sources, tensor)),
    },
    { outputType, outputPath, verificationBytes: 0, sync },
    events,
  );
}

/**
 * Writes the base with the adapter merged into its weights, and with the adapter's tokens and chat template where it has its own.
 * @throws AppError as `readCheckpointPlan`, `readAdapter` and `mergeTensors` before anything is written, and as `writeModel`.
 */
export async function convertMerged(
  { base, adapter: adapterSource }: AdapterSources,
  { name, ...output }: AdapterRequest,
  { sync, nextTurn, ...events }: AdapterContext,
): Promise<PlannedModel & WrittenModel> {
  const { tensors, config, vocabulary } = await readCheckpointPlan(base, name, nextTurn);
  const merged = mergeTensors(tensors, await readAdapter(adapterSource, nextTurn), config);
  const files = await tokenizerFilesOf({ base, adapter: adapterSource }, merged.isResized);
  const { entries } = files === null ? vocabulary : await readWholeVocabulary(base, merged.config, files);
  const plan = await planOf(base, name, merged, entries);
  const source = joinedSource(base, adapterSource);
  const checkpoint = {
    source,
    sources: merged.tensors,
    openReader: async (tensor: CheckpointTensor) => await merged.open(source, tensor),
  };
  return await writePlan(plan, checkpoint, { ...output, sync }, events);
}

function found<T>(sources: ReadonlyMap<string, T>, { name }: CheckpointTensor): T {
  const one = sources.get(name);
  if (one === undefined) throw new AppError('internal', `${name} is not there.`);
  return one;
}
