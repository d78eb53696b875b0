/** References in the product's hands: written as a checkpoint, and converted by its own code to GGUF files. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { convertCheckpoint } from '../../main/convert/child/convert-checkpoint.ts';
import { openLocalSource } from '../../main/convert/checkpoint/local-source.ts';
import type { OutputType } from '../../main/convert/plan/output-types.ts';
import { writeMadeCheckpoint, type Reference } from './made-checkpoint.ts';

export interface ReferenceCheckpoint {
  readonly folder: string;
  /** Converts the checkpoint; the path of the file. */
  convert(outputType: OutputType): Promise<string>;
}

/** The checkpoint in a folder of its own, with its weights in two files. Everything is removed when the test is over. */
export async function prepareReference(name: string, reference: Reference): Promise<ReferenceCheckpoint> {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'hearth-reference-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  const folder = path.join(parent, name);
  await writeMadeCheckpoint(reference, folder, 2);
  return {
    folder,
    async convert(outputType) {
      const outputPath = path.join(parent, `${name}-${outputType}.gguf`);
      const source = await openLocalSource(folder);
      try {
        await convertCheckpoint(source, { name, outputType, outputPath, verificationBytes: 0 }, () => {}, {
          sync: () => Promise.resolve(),
          nextTurn: () => Promise.resolve(),
        });
      } finally {
        await source.close();
      }
      return outputPath;
    },
  };
}
