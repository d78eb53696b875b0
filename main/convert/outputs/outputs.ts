/** The finished models: their names are reserved while a job works, and a file gets its name with its record. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { freeName, freeSetName, modelIdOf, pathOfModel, type OutputPlace } from './output-place.ts';
import { readRecord, writeRecord, type StoredRecord } from './records.ts';

/** A file that a job will give, as it is stored with the job. */
export const reservedOutputSchema = z.object({
  place: z.object({ folder: z.string(), stem: z.string() }),
  name: z.string(),
});
export type ReservedOutput = Readonly<z.infer<typeof reservedOutputSchema>>;

export interface Outputs {
  /** A free name, which no other job gets until it is released. */
  reserve(place: OutputPlace, ending: string): Promise<ReservedOutput>;
  /** The same for a model of several files, whose names begin with the reserved one. */
  reserveSet(place: OutputPlace, ending: string): Promise<ReservedOutput>;
  /** Keeps the name of a job of an earlier process. */
  keep(output: ReservedOutput): void;
  release(output: ReservedOutput): void;
  modelIdOf(output: ReservedOutput): string;
  /**
   * Gives the complete files of a model their names in the output's place, and the first its record. Returns the model's id. Nothing is there
   * when it throws. Throws disk.*.
   */
  finish(output: ReservedOutput, files: readonly string[], record: StoredRecord | null): Promise<string>;
  /** The record of a model that Hearth made, with its path; null for any other. */
  recordOf(modelId: string): Promise<{ readonly path: string; readonly record: StoredRecord } | null>;
  /** Tells the library that files came. */
  published(): Promise<void>;
}

export interface OutputsOptions {
  /** The folder of all conversions. */
  readonly folder: string;
  readonly onPublished: () => Promise<unknown>;
}

export function createOutputs({ folder, onPublished }: OutputsOptions): Outputs {
  const taken = new Set<string>();
  const pathOf = ({ place, name }: ReservedOutput): string => path.join(folder, place.folder, name);
  return {
    async reserve(place, ending) {
      const output = { place, name: await freeName(folder, place, ending, taken) };
      taken.add(pathOf(output));
      return output;
    },
    async reserveSet(place, ending) {
      const output = { place, name: await freeSetName(folder, place, ending, taken) };
      taken.add(pathOf(output));
      return output;
    },
    keep: (output) => void taken.add(pathOf(output)),
    release: (output) => void taken.delete(pathOf(output)),
    modelIdOf: ({ place, name }) => modelIdOf(place, name),
    async finish({ place }, files, record) {
      const parent = path.join(folder, place.folder);
      await mkdir(parent, { recursive: true });
      await moveAll(files, parent, record);
      return modelIdOf(place, path.basename(files[0] ?? ''));
    },
    async recordOf(modelId) {
      const file = pathOfModel(folder, modelId);
      const record = file === null ? null : await readRecord(file);
      return file === null || record === null ? null : { path: file, record };
    },
    published: async () => void (await onPublished()),
  };
}

/**
 * Moves the files of a model into `parent`. What a killed process left under these names is replaced. When it throws, none of them is
 * there. Throws disk.*.
 */
async function moveAll(files: readonly string[], parent: string, record: StoredRecord | null): Promise<void> {
  const [first = '', ...others] = files;
  const placeOf = (file: string): string => path.join(parent, path.basename(file));
  const model = placeOf(first);
  // The first shard stands for the model: it comes last.
  const moves = [...others.toReversed(), first].map((file) => [file, placeOf(file)]);
  const made: string[] = [];
  try {
    // The record first: a model is never listed without it.
    if (record !== null) {
      await writeRecord(model, record);
      made.push(`${model}.json`);
    }
    for (const [from = '', to = ''] of moves) {
      await rename(from, to);
      made.push(to);
    }
  } catch (error) {
    for (const file of made) await rm(file, { force: true });
    throw error;
  }
}

/** Deletes what processes that were killed left in the folder of all conversions. Never throws. */
export async function sweepOutputs(folder: string): Promise<void> {
  for (const place of await readdir(folder).catch((): string[] => []))
    for (const name of await readdir(path.join(folder, place)).catch((): string[] => []))
      if (name.endsWith('.json.partial')) await rm(path.join(folder, place, name), { force: true }).catch(() => {});
}
