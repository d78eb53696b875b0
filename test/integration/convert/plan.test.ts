import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { outputTypes, typeOf } from '../../../main/convert/plan/output-types.ts';
import {
  conversionFixtures,
  encodedValues,
  openCheckpoint,
  plannedFileValues,
  type OpenCheckpoint,
} from '../../support/conversion-checkpoints.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function opened(folder: string): Promise<OpenCheckpoint> {
  const checkpoint = await openCheckpoint(folder);
  onTestFinished(() => checkpoint.source.close());
  return checkpoint;
}

describe.each(conversionFixtures())('$name', ({ folder, expected: { gguf, kind } }) => {
  const unimportant = /^general\.(?!architecture$|file_type$|quantization_version$)/;
  const types = outputTypes.map((type) => ({
    type,
    tensors: type === 'F32' ? gguf.tensors : (gguf.other_outtypes[type.toLowerCase()]?.tensors ?? []),
  }));

  it('has the metadata that the reference converter writes', async () => {
    const { plan } = await opened(folder);
    const entriesOf = (entries: Iterable<readonly [string, unknown]>): unknown =>
      Object.fromEntries([...entries].filter(([key]) => !unimportant.test(key)));
    const found = plan
      .metadata('F32')
      .map(({ key, value }) => [key, typeof value === 'number' ? Math.fround(value) : value] as const)
      .map(([key, value]) => [key, ArrayBuffer.isView(value) ? [...(value as Int32Array)] : value] as const);
    const wanted = [
      ...Object.entries(gguf.metadata).map(([key, { value }]) => [key, value] as const),
      ...Object.entries(gguf.arrays).map(([key, { values }]) => [key, values] as const),
    ];
    expect(entriesOf(found)).toEqual(entriesOf(wanted));
    for (const [type, { file_type }] of Object.entries(gguf.other_outtypes)) {
      const entry = plan.metadata(type.toUpperCase() as 'F16').find(({ key }) => key === 'general.file_type');
      expect(entry?.value ?? null).toBe(file_type ?? null);
    }
  });

  it('has the names, shapes and types that the reference converter writes', async () => {
    const { plan } = await opened(folder);
    const shapes = Object.fromEntries(plan.tensors.map(({ name, shape }) => [name, shape]));
    expect(shapes).toEqual(Object.fromEntries(gguf.tensors.map(({ name, shape }) => [name, shape])));
    for (const { type, tensors } of types) {
      const found = Object.fromEntries(plan.tensors.map((one) => [one.name, typeOf(one, type)]));
      expect(found).toEqual(Object.fromEntries(tensors.map((one) => [one.name, one.type])));
    }
  });

  it.skipIf(kind === 'quantized')(
    'has the bytes that the reference converter writes',
    { timeout: 60_000 },
    async () => {
      const checkpoint = await opened(folder);
      const hashes = types.map((): Record<string, string> => ({}));
      for (const tensor of checkpoint.plan.tensors) {
        const values = await plannedFileValues(tensor, checkpoint);
        for (const [index, { type }] of types.entries()) {
          (hashes[index] ?? {})[tensor.name] = sha256(encodedValues(values, tensor, type));
        }
      }
      expect(hashes).toEqual(
        types.map(({ tensors }) => Object.fromEntries(tensors.map((one) => [one.name, one.sha256]))),
      );
    },
  );
});
