/** The early check: what it reads, what it answers, and what it refuses. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversionCheck } from '../../../preload/contract/convert.ts';
import type { Content } from '../../hub-server/content.ts';
import type { FilesInput } from '../../hub-server/hub-server.ts';
import { safetensorsContent } from '../../hub-server/safetensors-file.ts';
import { never } from '../../support/hub-setup.ts';
import { copyOf, setUpConvert, shardedLlama } from '../../support/convert-setup.ts';
import { filesOf } from '../../support/folder-files.ts';

const hubSource = (repoId: string, revision = 'main') => ({ source: { kind: 'hub', repoId, revision } as const });

/** The sizes that the reference converter's files have. */
function expectedTensorBytes(outtype: string): number {
  const expected = JSON.parse(readFileSync(path.join(shardedLlama, 'expected.json'), 'utf8')) as {
    gguf: { tensors: { shape: number[]; type: string }[] };
  };
  const bytes = { f32: 4, f16: 2 }[outtype] ?? NaN;
  return expected.gguf.tensors.reduce((sum, { shape }) => {
    const count = shape.reduce((product, length) => product * length, 1);
    return sum + count * (shape.length === 1 ? 4 : bytes);
  }, 0);
}

describe('the check of a repository', () => {
  it('says what it is and what it can become, from its headers alone', async () => {
    const { convert, server } = await setUpConvert();
    const found = await convert.check(hubSource('owner/sharded'), never);
    expect(found).toMatchObject({
      ...{ name: 'owner/sharded', repoId: 'owner/sharded', refusals: [], modelClass: 'LlamaForCausalLM' },
      ...{ architecture: 'llama', tokenizer: { model: 'gpt2', pre: 'llama-bpe' }, quantizedBy: null },
      revision: await server.mainCommitId('owner/sharded'),
      storedBytes: 0,
    });
    const types = found.outputs.map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['F32', 'F16', 'BF16']);
    expect(types).toContain('IQ2_XXS');
    expect(found.outputs.filter(({ isRecommended }) => isRecommended)).toHaveLength(1);
    const size = (type: string): number => found.outputs.find((one) => one.type === type)?.sizeBytes ?? 0;
    expect(size('F32') - size('F16')).toBe(expectedTensorBytes('f32') - expectedTensorBytes('f16'));
    expect(found.outputs.find(({ type }) => type === 'Q4_K_M')).toMatchObject({ isExact: false, purpose: 'balanced' });
    expect(found.outputs.find(({ type }) => type === 'F16')).toMatchObject({ isExact: true, fit: { basis: 'header' } });
  });

  it('reads a few hundred KB of a model of gigabytes', async () => {
    const small = Object.entries(filesOf(shardedLlama)).filter(([name]) => !name.includes('safetensors'));
    const { convert, server } = await setUpConvert({
      repos: [{ id: 'owner/big', files: { ...Object.fromEntries(small), ...bigLlama() } }],
    });
    const found = await convert.check(hubSource('owner/big'), never);
    expect(found.refusals).toEqual([]);
    expect(found.sourceBytes).toBeGreaterThan(4e9);
    expect(found.readBytes).toBeLessThan(400_000);
    const sent = server.requests.reduce((sum, request) => sum + request.bytesSent, 0);
    expect(sent).toBeLessThan(1_000_000);
  });

  it('reads nothing again for a commit that it knows', async () => {
    const { convert, server } = await setUpConvert();
    const first = await convert.check(hubSource('owner/sharded'), never);
    const again = await convert.check(hubSource('owner/sharded'), never);
    expect(first.readBytes).toBeGreaterThan(0);
    expect({ ...again, requests: 0, readBytes: 0 }).toEqual({ ...first, requests: 0, readBytes: 0 });
    expect(again.readBytes).toBe(0);
    await server.updateRepo('owner/sharded', { files: { 'config.json': '{}' } });
    expect((await convert.check(hubSource('owner/sharded'), never)).refusals).not.toEqual([]);
  });

  it('counts what is on this computer, and works without the Hub where all of it is', async () => {
    const { convert, hub, server, cacheFolder } = await setUpConvert();
    const { files } = await hub.files('owner/sharded', 'main', never);
    for (const file of files)
      await hub.fetchFile(file, { folder: cacheFolder, ref: 'main', signal: never, onProgress: () => {} });
    const found = await convert.check(hubSource('owner/sharded'), never);
    expect(found.storedBytes).toBe(found.sourceBytes);
    expect(found.readBytes).toBe(0);
    expect(await convert.stored()).toMatchObject({ checkpoints: [{ repoId: 'owner/sharded' }] });
    await server.close();
    const offline = await convert.check(hubSource('owner/sharded'), never);
    expect(offline).toMatchObject({ refusals: [], repoId: 'owner/sharded', revision: found.revision });
    expect(offline.outputs.map(({ sizeBytes }) => sizeBytes)).toEqual(found.outputs.map(({ sizeBytes }) => sizeBytes));
    await expect(convert.check(hubSource('owner/other'), never)).rejects.toMatchObject({ code: 'hub.offline' });
  });

  it('says that there is no such repository, and that access is needed', async () => {
    const { convert } = await setUpConvert({
      repos: [{ id: 'owner/gated', files: filesOf(shardedLlama), gated: 'manual' }],
    });
    await expect(convert.check(hubSource('owner/none'), never)).rejects.toMatchObject({ code: 'hub.not_found' });
    await expect(convert.check(hubSource('owner/gated'), never)).rejects.toMatchObject({ code: 'hub.gated' });
  });
});

describe('the check of a folder', () => {
  async function checkChanged(change: (folder: string) => void): Promise<ConversionCheck> {
    const { convert, show } = await setUpConvert();
    const folder = await copyOf(shardedLlama);
    change(folder);
    return await convert.check({ source: { kind: 'folder', folderId: show(folder) } }, never);
  }
  const editConfig = (folder: string, change: object): void => {
    const file = path.join(folder, 'config.json');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }));
  };

  it('is the same as that of the repository', async () => {
    const found = await checkChanged(() => {});
    expect(found).toMatchObject({ name: 'llama-sharded', repoId: null, revision: null, refusals: [], requests: 0 });
    expect(found.storedBytes).toBe(found.sourceBytes);
  });

  it.each<[string, (folder: string) => void, readonly string[]]>([
    [
      'an unknown architecture',
      (folder) => editConfig(folder, { architectures: ['NewForCausalLM'] }),
      ['architecture'],
    ],
    ['no config.json', (folder) => rmSync(path.join(folder, 'config.json')), ['no_config']],
    ['no tokenizer', (folder) => rmSync(path.join(folder, 'tokenizer.json')), ['missing_tokenizer']],
    ['a missing shard', (folder) => rmSync(path.join(folder, 'model-00002-of-00003.safetensors')), ['shard_missing']],
    [
      'a hidden size that the tensors contradict',
      (folder) => editConfig(folder, { hidden_size: 128 }),
      ['wrong_shape'],
    ],
    [
      'two faults at once',
      (folder) => {
        editConfig(folder, { architectures: ['NewForCausalLM'] });
        rmSync(path.join(folder, 'model-00002-of-00003.safetensors'));
      },
      ['architecture', 'shard_missing'],
    ],
    [
      'a config.json of more parts than a process should hold',
      (folder) => editConfig(folder, { zz: Array.from({ length: 600_000 }, () => ({})) }),
      ['not_json'],
    ],
    ['a config.json without an end', (folder) => editConfig(folder, { zz: 'z'.repeat(9e6) }), ['file_too_large']],
    ['quantizations in a form of their own', (folder) => editConfig(folder, { quantization_config: 7 }), ['config']],
    [
      'a quantization without a name',
      (folder) => editConfig(folder, { quantization_config: { quant_method: 7 } }),
      ['quantization'],
    ],
  ])('refuses %s, with the reason', async (_, change, reasons) => {
    const found = await checkChanged(change);
    expect(found.refusals.map(({ data }) => data?.['reason'])).toEqual(reasons);
    for (const { data } of found.refusals) expect(data?.['detail']).toMatch(/\w{3}/);
    expect(found.outputs).toEqual([]);
  });
});

/** The config.json and the one weights file of a Llama of some four gigabytes, with the vocabulary of the small one. */
function bigLlama(): FilesInput {
  const config = JSON.parse(readFileSync(path.join(shardedLlama, 'config.json'), 'utf8')) as Record<string, number>;
  const [embedding, layers, feedForward, heads, kvHeads] = [2048, 36, 8192, 16, 4];
  const sizes = { hidden_size: embedding, num_hidden_layers: layers, intermediate_size: feedForward };
  const attention = { num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: embedding / heads };
  const vocabulary = config['vocab_size'] ?? 0;
  const weights = safetensorsContent({ embedding, layers, feedForward, heads, kvHeads, vocabulary }, 1);
  return {
    'config.json': JSON.stringify({ ...config, ...sizes, ...attention, tie_word_embeddings: true }),
    // Nothing hashes gigabytes that nobody reads.
    'model.safetensors': { ...weights, sha256: 'a'.repeat(64) } as Content,
  };
}
