/** The bytes of every tensor in converted files, against those of the reference converter. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertCheckpoint } from '../../../main/convert/child/convert-checkpoint.ts';
import { openLocalSource } from '../../../main/convert/checkpoint/local-source.ts';
import { outputTypes, type OutputType } from '../../../main/convert/plan/output-types.ts';
import { syncToDisk } from '../../../main/convert/write/output-file.ts';
import { readGgufHeader } from '../../../main/model-file/gguf.ts';
import { conversionFixtures } from '../../support/conversion-checkpoints.ts';

const nextTurn = (): Promise<void> => Promise.resolve();
let folder = '';
beforeAll(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-written-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each tensor as its type and the sha256 of its bytes. */
async function convertedTensors(checkpoint: string, outputType: OutputType): Promise<Record<string, string>> {
  const outputPath = path.join(folder, 'out.gguf');
  const source = await openLocalSource(checkpoint);
  try {
    const request = { name: path.basename(checkpoint), outputType, outputPath, verificationBytes: 0 };
    const { sizeBytes, oddTensorCount } = await convertCheckpoint(source, request, () => {}, {
      sync: (what) => syncToDisk(outputPath, what),
      nextTurn,
    });
    const file = readFileSync(outputPath);
    expect([file.byteLength, oddTensorCount]).toEqual([sizeBytes, 0]);
    const read = (start: number): Promise<Uint8Array> => Promise.resolve(file.subarray(start));
    const { tensors } = await readGgufHeader(read, file.byteLength, nextTurn);
    return Object.fromEntries(
      tensors.map(({ name, type, offsetBytes, sizeBytes: length }) => {
        const hash = createHash('sha256').update(file.subarray(offsetBytes, offsetBytes + length));
        return [name, `${type} ${hash.digest('hex')}`];
      }),
    );
  } finally {
    await source.close();
    rmSync(outputPath, { force: true });
  }
}

describe.each(conversionFixtures())('the checkpoint $name', ({ folder: checkpoint, expected }) => {
  it.each(outputTypes)('has the tensors of the reference converter as %s', async (output) => {
    const { gguf } = expected;
    const tensors = output === 'F32' ? gguf.tensors : (gguf.other_outtypes[output.toLowerCase()]?.tensors ?? []);
    expect(tensors.length).toBeGreaterThan(0);
    expect(await convertedTensors(checkpoint, output)).toEqual(
      Object.fromEntries(tensors.map(({ name, type, sha256 }) => [name, `${type} ${sha256}`])),
    );
  });
});
