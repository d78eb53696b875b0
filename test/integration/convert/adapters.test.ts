import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { convertAdapter, convertMerged, type AdapterContext } from '../../../main/convert/adapters/convert-adapter.ts';
import { openLocalSource } from '../../../main/convert/checkpoint/local-source.ts';
import type { OutputType } from '../../../main/convert/plan/output-types.ts';
import { syncToDisk } from '../../../main/convert/write/output-file.ts';
import { openModel } from '../../../main/convert/split/gguf-files.ts';

const shared = path.join(import.meta.dirname, '../../../../shared/fixtures/conversion');

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-adapters-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface ExpectedFile {
  readonly tensors: readonly { readonly name: string; readonly type: string; readonly sha256: string }[];
  readonly other_outtypes: Readonly<
    Record<string, { readonly tensors: ExpectedFile['tensors'] } | ExpectedFile['tensors']>
  >;
}

async function hashesOf(file: string): Promise<Record<string, string>> {
  const model = await openModel(file);
  const bytes = readFileSync(file);
  await model.close();
  return Object.fromEntries(
    model.tensors.map(({ name, type, offsetBytes, sizeBytes }) => [
      name,
      `${type} ${createHash('sha256')
        .update(bytes.subarray(offsetBytes, offsetBytes + sizeBytes))
        .digest('hex')}`,
    ]),
  );
}

const expectedHashes = (tensors: ExpectedFile['tensors']): Record<string, string> =>
  Object.fromEntries(tensors.map(({ name, type, sha256 }) => [name, `${type} ${sha256}`]));

describe.runIf(existsSync(shared))('the adapter of the fixtures', () => {
  const expected = existsSync(shared)
    ? (JSON.parse(readFileSync(path.join(shared, 'lora-llama/expected.json'), 'utf8')) as {
        readonly gguf_adapter: ExpectedFile;
        readonly gguf_merged: ExpectedFile;
      })
    : null;

  it.each<[string, OutputType, 'gguf_adapter' | 'gguf_merged']>(
    (['F32', 'F16', 'BF16', 'Q8_0'] as const).flatMap((type) => [
      [`as a GGUF adapter in ${type}`, type, 'gguf_adapter'] as [string, OutputType, 'gguf_adapter'],
      [`merged into its base in ${type}`, type, 'gguf_merged'] as [string, OutputType, 'gguf_merged'],
    ]),
  )('%s has the bytes of the reference converter', async (_, outputType, key) => {
    const outputPath = path.join(folder, 'out.gguf');
    const [base, adapter] = [
      await openLocalSource(path.join(shared, 'llama')),
      await openLocalSource(path.join(shared, 'lora-llama')),
    ];
    const context: AdapterContext = {
      sync: (what) => syncToDisk(outputPath, what),
      nextTurn: () => Promise.resolve(),
      ...{ onPlanned: () => {}, onProgress: () => {} },
    };
    const request = { name: 'lora-llama', outputType, outputPath, verificationBytes: 0 };
    const convert = key === 'gguf_adapter' ? convertAdapter : convertMerged;
    const { oddTensorCount } = await convert({ base, adapter }, request, context);
    await Promise.all([base.close(), adapter.close()]);
    expect(oddTensorCount).toBe(0);
    const file = expected?.[key];
    const wanted = outputType === 'F32' ? file?.tensors : file?.other_outtypes[outputType.toLowerCase()];
    if (wanted === undefined) throw new Error(`There is nothing expected for ${outputType}.`);
    expect(await hashesOf(outputPath)).toEqual(expectedHashes('tensors' in wanted ? wanted.tensors : wanted));
  });
});
