/**
 * Models that Hearth made of others, in a folder of its own: `FOLDER/OWNER--NAME/FILE.gguf`, with a record `FILE.gguf.json` beside each.
 * Their ids are `converted/OWNER--NAME/FILE.gguf`.
 */
import { rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Placed } from '../places/placed.ts';
import { walk } from '../places/walk.ts';
import type { ModelFile } from './model-files.ts';

export interface ConvertedOptions {
  readonly folder: string;
  /** Runs work later, unless it is undone. `name` is the deleted thing, for people. */
  readonly later: (name: string, work: () => Promise<void>) => { readonly token: string; readonly undoMs: number };
  readonly isPending: (token: string) => boolean;
}

export interface ConvertedModels {
  /** The complete files, without those that are being removed. Never throws. */
  list(): Promise<readonly Placed[]>;
  /** Hides a model and deletes its files with their records when its undo time is over. */
  remove(file: ModelFile, before: () => Promise<void>): { token: string; undoMs: number; freedBytes: number };
}

/** The first part of the ids. */
const CONVERTED_OWNER = 'converted';

/** The end of a record's name, which follows the model's file name. */
const RECORD_ENDING = '.json';

/** The complete files in the folder. Never throws. */
export async function listConverted(folder: string): Promise<readonly Placed[]> {
  // A file that is being written has another ending.
  const found = await walk(folder, (name) => /^[^.].*\.gguf$/i.test(name), { maxDepth: 1 });
  return found
    .filter(({ inside }) => inside.includes('/'))
    .map((file) => ({ origin: 'converted', owner: CONVERTED_OWNER, ...file }));
}

export function createConvertedModels({ folder, later, isPending }: ConvertedOptions): ConvertedModels {
  /** Tokens of deletions, by path. */
  const leaving = new Map<string, string>();
  return {
    async list() {
      return (await listConverted(folder)).filter(({ path }) => !isPending(leaving.get(path) ?? ''));
    },
    remove(file, before) {
      const paths = file.shards.map(({ openPath }) => openPath);
      const { token, undoMs } = later(file.path, async () => {
        await before();
        for (const path of paths) {
          await rm(path, { force: true });
          await rm(`${path}${RECORD_ENDING}`, { force: true });
        }
        // Another model's files may be in it.
        for (const path of paths) await rmdir(dirname(path)).catch(() => {});
      });
      for (const path of paths) leaving.set(path, token);
      return { token, undoMs, freedBytes: file.shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
    },
  };
}
