/** Writes a planned model: the header, then the values of all tensors, as a file that is whole or not there. */
import { createHash } from 'node:crypto';
import { AppError } from '../../../preload/wire/errors.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { layOutGguf } from '../../model-file/gguf-writer.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { CheckpointTensor, TensorReader } from '../checkpoint/checkpoint-tensor.ts';
import { typeOf, type OutputType } from '../plan/output-types.ts';
import type { PlannedTensor } from '../plan/planned-tensor.ts';
import type { OddValues } from './values/convert-values.ts';
import { encodedBytes } from './values/encode-values.ts';
import { openOutput, type SyncToDisk, type WrittenSteps } from './output-file.ts';
import { createNotes } from './notes.ts';
import { createProofs } from './proofs.ts';
import { planSteps, STEP_VALUES, type Step } from './steps.ts';
import { writeSteps } from './write-steps.ts';

/** Another number whenever the bytes that are written, or their order, are others than before. */
const CONVERTER_VERSION = 1;

export interface ModelToWrite {
  readonly source: CheckpointSource;
  /** All tensors of the checkpoint that the plan names. */
  readonly sources: readonly CheckpointTensor[];
  readonly openReader: (tensor: CheckpointTensor) => Promise<TensorReader>;
  readonly metadata: readonly GgufEntry[];
  readonly tensors: readonly PlannedTensor[];
  readonly outputType: OutputType;
  readonly outputPath: string;
  readonly sync: SyncToDisk;
}

export interface WriteProgress {
  /** Bytes of the output that are written, of `totalBytes`; those of an earlier process count. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** The tensor that was written last. */
  readonly tensor: string;
}

/** A tensor with values that a model cannot be used with. */
export interface OddTensor extends Readonly<OddValues> {
  readonly tensor: string;
}

export interface WrittenModel {
  readonly sizeBytes: number;
  readonly tensorCount: number;
  /** The first ones that were found. */
  readonly oddTensors: readonly OddTensor[];
  readonly oddTensorCount: number;
  /** Bytes that an earlier process had written. */
  readonly resumedBytes: number;
}

/** Named in the answer; the others are counted. */
const NAMED_TENSORS = 100;
/**
 * Writes the model. `onProgress` is called after each step.
 * @throws as `openOutput` and `planSteps`; what the source and the readers throw. After an error of the disk, the network or the source's
 * rights, what was written stays for the next try; after any other nothing is left.
 */
export async function writeModel(
  model: ModelToWrite,
  onProgress: (progress: WriteProgress) => void,
): Promise<WrittenModel> {
  const layout = layOutGguf(
    model.metadata,
    model.tensors.map((tensor) => ({ name: tensor.name, shape: tensor.shape, type: typeOf(tensor, model.outputType) })),
  );
  const steps = planSteps(model.tensors, layout.tensors, new Map(model.sources.map((tensor) => [tensor.name, tensor])));
  const identity = identityOf(model, layout.header);
  const { outputPath, sync } = model;
  const file = await openOutput({ path: outputPath, sizeBytes: layout.fileBytes, identity, sync });
  const tally = createTally(steps, file.written);
  const { source } = model;
  const notes = source.provesAtEnd === true ? createProofs(steps, source, file, tally.state) : createNotes(file, tally);
  try {
    const { earlier, resumedBytes } = tally;
    if (earlier.size === 0) await file.write(layout.header, 0);
    await writeSteps({
      ...{ steps, done: earlier, source, openReader: model.openReader, output: file.path, write: file.write },
      onDone(index, odd) {
        const step = steps[index];
        if (step === undefined) return;
        tally.add(index, odd);
        notes.consider(index);
        const tensor = layout.tensors[step.tensor]?.name ?? '';
        onProgress({ doneBytes: tally.doneBytes(), totalBytes: tally.totalBytes, tensor });
      },
    });
    await notes.settled();
    if (source.provesAtEnd !== true)
      for (const name of new Set(model.sources.flatMap(({ stored }) => stored.map((one) => one.file))))
        await source.assertUnchanged(name);
    await file.finish();
    const { odd } = tally.state();
    return {
      ...{ sizeBytes: layout.fileBytes, tensorCount: layout.tensors.length, resumedBytes, oddTensorCount: odd.length },
      oddTensors: odd
        .slice(0, NAMED_TENSORS)
        .map(([tensor, counts]) => ({ tensor: layout.tensors[tensor]?.name ?? '', ...counts })),
    };
  } catch (error) {
    if (isPassing(error)) {
      await notes.last();
      await file.close();
    } else {
      // A note that is being written would be left behind.
      await notes.settled().catch(() => {});
      await file.discard();
    }
    throw await file.explain(error);
  }
}

/** Errors after which the same conversion may go on where it was. */
const isPassing = (error: unknown): boolean =>
  !(error instanceof AppError) ||
  (/^(disk|hub|network)\.|^(cancelled|busy|disconnected)$/.test(error.code) && error.code !== 'hub.hash_mismatch');

/** A text that is another wherever any byte of the output may be. */
function identityOf({ source, sources, outputType }: ModelToWrite, header: Uint8Array): string {
  const used = new Set(sources.flatMap(({ stored }) => stored.map(({ file }) => file)));
  const files = source.files
    .filter(({ path }) => used.has(path))
    .map(({ path, sizeBytes, sha256, modifiedAtMs }) => [path, sizeBytes, sha256, modifiedAtMs]);
  const facts = [CONVERTER_VERSION, STEP_VALUES, outputType, source.commit, files];
  return createHash('sha256').update(JSON.stringify(facts)).update(header).digest('hex');
}

interface Tally {
  /** The steps that an earlier process did. */
  readonly earlier: ReadonlySet<number>;
  readonly resumedBytes: number;
  readonly totalBytes: number;
  add(index: number, odd: OddValues): void;
  doneBytes(): number;
  state(): WrittenSteps;
}

/** Adds up what the steps wrote and counted, with those of an earlier process. */
function createTally(steps: readonly Step[], written: WrittenSteps | null): Tally {
  const done = new Set<number>();
  for (const [from, end] of written?.done ?? [])
    for (let index = from; index < Math.min(end, steps.length); index++) done.add(index);
  const earlier = new Set(done);
  const counts = new Map<number, OddValues>((written?.odd ?? []).map(([tensor, odd]) => [tensor, { ...odd }]));
  const sum = (some: readonly Step[]): number => some.reduce((bytes, step) => bytes + bytesOf(step), 0);
  const totalBytes = sum(steps);
  const resumedBytes = sum(steps.filter((_, index) => earlier.has(index)));
  let doneBytes = resumedBytes;
  return {
    earlier,
    resumedBytes,
    totalBytes,
    add(index, odd) {
      const step = steps[index];
      if (step === undefined) return;
      done.add(index);
      doneBytes += bytesOf(step);
      if (odd.nan + odd.infinite + odd.overflowing === 0) return;
      const before = counts.get(step.tensor) ?? { nan: 0, infinite: 0, overflowing: 0 };
      counts.set(step.tensor, {
        nan: before.nan + odd.nan,
        infinite: before.infinite + odd.infinite,
        overflowing: before.overflowing + odd.overflowing,
      });
    },
    doneBytes: () => doneBytes,
    state: () => ({ done: rangesOf(done), odd: [...counts] }),
  };
}

function rangesOf(indexes: ReadonlySet<number>): WrittenSteps['done'] {
  const ranges: [from: number, end: number][] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  return ranges;
}

const bytesOf = ({ output, valueCount }: Step): number => encodedBytes(output, valueCount);
