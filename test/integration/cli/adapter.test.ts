/** `hearth adapter`, as a terminal runs it: the build of the app, its convert child, and adapters from a Hub. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openModel } from '../../../main/convert/split/gguf-files.ts';
import { startHub } from '../../hub-server/hub-server.ts';
import { shardedLlama } from '../../support/convert-setup.ts';
import { filesOf } from '../../support/folder-files.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';
import { loraFiles } from '../../support/lora-checkpoint.ts';
import { rawSafetensors } from '../../support/safetensors-file.ts';
import { writeSparse } from '../../support/sparse-models.ts';

const root = path.join(import.meta.dirname, '../../..');
const [BASE, ADAPTER] = ['owner/base', 'owner/pirate'];
/** Two matrices of this many rows and columns have more than 2^24 values, from which on threads are used. */
const WIDTH = 4096;
const module = 'model.layers.1.self_attn.q_proj';

async function hearth(
  folder: string,
  hubUrl: string | null,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly text: string }> {
  const hub = hubUrl === null ? { HEARTH_OFFLINE: '1' } : { HF_ENDPOINT: hubUrl };
  const child = spawn(process.execPath, [path.join(root, 'main/hearth.mjs'), 'adapter', ...args], {
    cwd: folder,
    env: {
      ...process.env,
      ...hub,
      HEARTH_DATA_DIR: path.join(folder, 'data'),
      HEARTH_CACHE_DIR: path.join(folder, 'data/cache'),
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, text };
}

async function namesIn(file: string): Promise<string[]> {
  const model = await openModel(file);
  await model.close();
  return model.tensors.map(({ name }) => name);
}

it('converts an adapter of a repository for a base of a repository, and merges it', async () => {
  const server = await startHub({
    repos: [
      { id: BASE, files: filesOf(shardedLlama) },
      { id: ADAPTER, files: loraFiles(BASE, module, [64, 64]) },
    ],
  });
  onTestFinished(() => server.close());
  const folder = await temporaryFolder();
  const alone = await hearth(folder, server.url, [ADAPTER, BASE, 'lora.gguf', '--to', 'f32']);
  expect(alone).toMatchObject({ code: 0, text: expect.stringContaining(path.join(folder, 'lora.gguf')) as string });
  expect(await namesIn(path.join(folder, 'lora.gguf'))).toEqual(
    ['a', 'b'].map((part) => `blk.1.attn_q.weight.lora_${part}`),
  );
  const merged = await hearth(folder, server.url, [`${ADAPTER}@main`, BASE, 'merged.gguf', '--merge', '--json']);
  expect(JSON.parse(merged.text.trim().split('\n').at(-1) ?? '')).toMatchObject({
    ...{ type: 'done', path: path.join(folder, 'merged.gguf'), outputType: 'F16' },
    verification: { result: 'passed', tokenizer: { mismatchCount: 0 } },
  });
  expect(await namesIn(path.join(folder, 'merged.gguf'))).not.toContain('blk.1.attn_q.weight.lora_a');
  const made = ['lora.gguf', 'merged.gguf', 'merged.gguf.json'];
  expect(readdirSync(folder).filter((name) => name !== 'data')).toEqual(made);
  const wrong = await hearth(folder, server.url, [BASE, BASE, 'wrong.gguf']);
  expect(wrong).toMatchObject({ code: 1, text: expect.stringContaining('adapter_config.json') as string });
  // Within the values of the last shard, beyond its header.
  server.setFault({ at: 'cdn', kind: 'corruptByte', path: '**/model-00003-of-*', offset: 40_000 });
  const corrupt = await hearth(folder, server.url, [ADAPTER, BASE, 'corrupt.gguf', '--merge']);
  expect(corrupt).toMatchObject({ code: 1, text: expect.stringContaining('hub.hash_mismatch') as string });
  expect(readdirSync(folder).filter((name) => name !== 'data')).toEqual(made);
});

it('converts an adapter that is large enough for threads', async () => {
  const folder = await temporaryFolder();
  const [base, lora] = [path.join(folder, 'base'), path.join(folder, 'lora')];
  for (const place of [base, lora]) mkdirSync(place);
  const config = JSON.parse(readFileSync(path.join(shardedLlama, 'config.json'), 'utf8')) as object;
  writeFileSync(path.join(base, 'config.json'), JSON.stringify({ ...config, hidden_size: WIDTH }));
  const own = { peft_type: 'LORA', base_model_name_or_path: BASE, r: WIDTH, lora_alpha: 4 };
  writeFileSync(path.join(lora, 'adapter_config.json'), JSON.stringify(own));
  const bytes = 2 * WIDTH * WIDTH;
  const factors = ['A', 'B'].map((part, index) => [
    `base_model.model.${module}.lora_${part}.weight`,
    { dtype: 'BF16', shape: [WIDTH, WIDTH], data_offsets: [index * bytes, (index + 1) * bytes] },
  ]);
  const header = rawSafetensors(JSON.stringify(Object.fromEntries(factors)));
  writeSparse(path.join(lora, 'adapter_model.safetensors'), header, header.byteLength + 2 * bytes);
  expect(await hearth(folder, null, ['lora', 'base', 'large.gguf', '--to', 'q8_0'])).toMatchObject({ code: 0 });
  expect(await namesIn(path.join(folder, 'large.gguf'))).toHaveLength(2);
});
