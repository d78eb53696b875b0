import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../preload/wire/errors.ts';
import { planGguf, tinyShape } from '../../test/hub-server/gguf-file.ts';
import { oddHeaders } from '../../test/support/odd-headers.ts';
import { architectureTensors } from './architecture-tensors.ts';
import { runnableArchitectures } from './architectures.ts';
import { readGgufHeader, type GgufHeader, type GgufTensor, type GgufValue } from './gguf.ts';
import { checkModel } from './model-check.ts';
import { summarizeAuxiliary, summarizeModel } from './model-summary.ts';

const root = path.join(import.meta.dirname, '../..');

async function read(bytes: Uint8Array, fileBytes = bytes.byteLength): Promise<GgufHeader> {
  return await readGgufHeader(
    async (start, neededEnd) => bytes.subarray(start, Math.max(neededEnd, start + 65_536)),
    fileBytes,
    nextTurn,
  );
}
/** What a file is found to be, as import and list find it. */
async function verdict(bytes: Uint8Array): Promise<{ is: string; field: unknown; message: string }> {
  try {
    const header = await read(bytes);
    if (summarizeAuxiliary(header) === null) {
      summarizeModel(header);
      checkModel(header);
    }
    const [note] = header.notes;
    return { is: note ? 'note' : 'sound', field: note?.field ?? null, message: note?.code ?? '' };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { is: error.code.replace('model.', ''), field: error.data['field'], message: error.message };
  }
}

/** The header of Ember with another name of its architecture in its keys, as long as its own. */
const renamed = (name: string): Buffer =>
  Buffer.from(
    readFileSync(path.join(root, 'assets/models/ember-3M-Q8_0.gguf'), 'latin1').replaceAll('llama', name),
    'latin1',
  );
const library = path.join(root, 'node_modules/@node-llama-cpp/linux-x64/bins/linux-x64/libllama.v0.4.0.so');

describe('an architecture', () => {
  it('that llama.cpp does not have is refused by its name', async () => {
    expect(await verdict(renamed('llama'))).toMatchObject({ is: 'sound' });
    // Known, and without a row in the table of tensors.
    expect(await verdict(renamed('plamo'))).toMatchObject({ is: 'sound' });
    expect(await verdict(renamed('lhama'))).toEqual({
      ...{ is: 'unsupported', field: 'general.architecture' },
      message: 'This version of llama.cpp does not know the architecture lhama.',
    });
  });

  it.skipIf(!existsSync(library))('is known when the library that is installed has its name, and only then', () => {
    const bytes = readFileSync(library);
    for (const name of runnableArchitectures) expect(bytes.includes(`${name}\0`), name).toBe(true);
    for (const name of architectureTensors.keys()) expect(runnableArchitectures.has(name), name).toBe(true);
    // The names stand together in the library, in its table's order; a name that ends another one is not repeated.
    const from = bytes.indexOf('\0clip\0llama\0');
    const names = bytes
      .subarray(from + 6, bytes.indexOf('\0(unknown)\0', from))
      .toString('latin1')
      .split('\0');
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => name !== '' && !runnableArchitectures.has(name))).toEqual([]);
  });
});

describe('a header that lies', () => {
  it.each(oddHeaders)('$name is $expect: $field', async ({ bytes, expect: is, field }) => {
    expect(await verdict(bytes)).toMatchObject({ is, field });
  });

  it.each([
    ['alignment-2-31', 'general.alignment is 2147483648; at most 1048576 is possible'],
    ['alignment-text', 'general.alignment has the type string in place of uint32'],
    ['alignment-24', 'general.alignment is 24, not a power of two'],
    ['version-byte-swapped', 'This GGUF file is big-endian. Only little-endian files can be run.'],
    ['vocabulary-shorter', 'the tensor token_embd.weight is 32 x 332'],
    ['tensors-overlap', 'begins at byte 0 of the data, inside of another tensor'],
    ['bool-7', 'bool_value'],
    ['name-no-utf-8', 'invalid_utf8'],
  ])('says of %s: %s', async (name, sentence) => {
    const odd = oddHeaders.find((one) => one.name === name);
    expect((await verdict(odd?.bytes ?? Buffer.alloc(0))).message).toContain(sentence);
  });

  const bad = path.join(root, '../shared/fixtures/gguf-bad');
  it.runIf(existsSync(bad))('every file of the larger set is what its list says', async () => {
    const list = JSON.parse(readFileSync(path.join(bad, 'index.json'), 'utf8')) as { path: string; expect: string }[];
    const expected = new Map(list.map((one) => [one.path, one.expect]));
    const files = readdirSync(bad).filter((name) => name.endsWith('.gguf'));
    expect(files.length).toBeGreaterThan(list.length);
    const kinds: Record<string, string> = { corrupt: 'error', unsupported: 'error', note: 'warning', sound: 'valid' };
    for (const file of files) {
      const { is, field } = await verdict(readFileSync(path.join(bad, file)));
      expect([file, kinds[is]]).toEqual([file, expected.get(file) ?? 'valid']);
      expect([file, typeof field]).toEqual([file, is === 'sound' ? 'object' : 'string']);
    }
  });
});

describe('a sound model', () => {
  it('of the Hub of the tests is taken, whole and in shards', async () => {
    const sharded = await Promise.all(
      [0, 1, 2].map(async (index) => {
        const { head, sizeBytes } = planGguf({
          shape: { ...tinyShape, layers: 2, heads: 2 },
          quantization: 'Q8_0',
          seed: 1,
          shard: { index, count: 3 },
        });
        return await read(head, sizeBytes);
      }),
    );
    const [first, ...others] = sharded;
    if (!first) throw new Error('no shard');
    expect(() => checkModel(first, others)).not.toThrow();
    expect(() => checkModel(first, others.slice(1))).toThrow(expect.objectContaining({ code: 'model.corrupt' }));
  });

  it.each(['assets/models', 'test/fixtures', '../shared/models', '../shared/fixtures/conversion'])(
    'in %s is taken',
    async (folder) => {
      if (!existsSync(path.join(root, folder))) return;
      const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.gguf') && !name.includes('gguf-bad'))
        .map((name) => path.join(root, folder, name));
      for (const file of files) expect([file, (await verdict(readFileSync(file))).is]).toEqual([file, 'sound']);
    },
  );

  it.each([...architectureTensors.keys()])('of the architecture %s needs the tensors of its table', (architecture) => {
    const rules = architectureTensors.get(architecture);
    if (!rules) throw new Error('no rules');
    const [E, V, F, X] = [64, 100, 128, 4];
    const usesExperts = rules.block.includes('ffn_gate_inp');
    const shapes: Record<string, number[]> = {
      ...{ token_embd: [E, V], output: [E, V], attn_q: [E, E], attn_k: [E, E], attn_v: [E, E], attn_output: [E, E] },
      ...{ ffn_gate: [E, F], ffn_up: [E, rules.isGateInUp ? 2 * F : F], ffn_down: [F, E], ffn_gate_inp: [E, X] },
      ...{ ffn_gate_exps: [E, 32, X], ffn_up_exps: [E, 32, X], ffn_down_exps: [32, E, X], position_embd: [E, 128] },
    };
    const tensor = (name: string): GgufTensor => {
      const shape = shapes[name.replace(/^blk\.\d+\./, '')] ?? [E];
      return { name: `${name}.weight`, shape, type: 'F32', offsetBytes: 0, sizeBytes: 4 };
    };
    const inBlock = rules.block.flatMap((part) => (part === 'qkv' ? ['attn_q', 'attn_k', 'attn_v'] : [part]));
    const names = [...rules.model, ...[0, 1].flatMap((block) => inBlock.map((part) => `blk.${block}.${part}`))];
    const keys: Record<string, GgufValue> = {
      ...{ block_count: 2, context_length: 128, embedding_length: E, feed_forward_length: F },
      ...{ 'attention.head_count': 4, [rules.epsilonKey]: 1e-5, ...(usesExperts ? { expert_count: X } : {}) },
    };
    const header = (without: string | null, more: Record<string, GgufValue> = {}): GgufHeader => ({
      ...{ version: 3, alignment: 32, dataOffsetBytes: 0, tensorBytes: 0, parameterCount: 0, notes: [] },
      metadata: new Map<string, GgufValue>([
        ['general.architecture', architecture],
        ['tokenizer.ggml.model', 'gpt2'],
        ['tokenizer.ggml.tokens', { omittedLength: V }],
        ...Object.entries({ ...keys, ...more }).map(([key, value]): [string, GgufValue] => [
          `${architecture}.${key}`,
          value,
        ]),
      ]),
      tensors: names.filter((name) => name !== without).map(tensor),
    });
    expect(() => checkModel(header(null))).not.toThrow();
    // A third block must have the same tensors, unless it only predicts further tokens.
    expect(() => checkModel(header(null, { block_count: 3 }))).toThrow(/ blk\.2\..* is missing/);
    expect(() => checkModel(header(null, { block_count: 3, nextn_predict_layers: 1 }))).not.toThrow();
    for (const name of names)
      expect(() => checkModel(header(name)), name).toThrow(
        expect.objectContaining({
          data: expect.objectContaining({ reason: 'missing_tensor', field: `${name}.weight` }),
        }),
      );
  });
});
