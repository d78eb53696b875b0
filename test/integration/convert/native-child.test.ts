/** What ends well in the native child and what does not: damaged files, files that change meanwhile, a full disk, and its rights. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConvertChildren } from '../../../main/app/convert-children.ts';
import { createMeasure } from '../../../main/convert/measure/measure.ts';
import { inNativeChild, type NativeClient } from '../../../main/convert/native-work.ts';
import { createCollectImatrix } from '../../../main/convert/quantize/imatrix.ts';
import { openModel } from '../../../main/convert/split/gguf-files.ts';
import { createQuantizer } from '../../../main/convert/quantize/quantize.ts';
import { layOutGguf } from '../../../main/model-file/gguf-writer.ts';
import { readImatrix } from '../../../native/quantize/imatrix-file.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { nativeOptions } from '../../support/native-setup.ts';
import { createRandom } from '../../support/random.ts';
import { denseShape, writeRandomModel } from '../../support/random-model.ts';

const root = path.join(import.meta.dirname, '../../..');
const badFolder = path.join(root, 'test/fixtures/gguf-bad');
const defaultTextPath = path.join(root, 'assets/texts/varied.txt');
const text = readFileSync(defaultTextPath, 'utf8').slice(0, 6000);
const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-native-'));
const never = new AbortController().signal;
let dense = '';

beforeAll(() => {
  dense = writeRandomModel(path.join(folder, 'dense.gguf'), denseShape);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

/** Every way in which the child gets a model. */
const routes: Readonly<Record<string, (client: NativeClient, modelPath: string) => Promise<unknown>>> = {
  plan: (client, inputPath) => client.call('native.plan', { inputPath, fileType: 'Q8_0', threads: 1 }),
  quantize: (client, inputPath) =>
    drain(
      client.stream('native.quantize', {
        ...{ inputPath, fileType: 'Q8_0', threads: 1 },
        outputPath: path.join(folder, 'bad-output.gguf'),
      }),
    ),
  tokenize: (client, modelPath) =>
    client.call('native.tokenize', { modelPath, texts: ['a b', 'Hello <s>'], addSpecialTokens: true }),
  detokenize: (client, modelPath) =>
    client.call('native.detokenize', { modelPath, batch: [[1, 2]], skipSpecialTokens: false }),
  evaluate: (client, modelPath) =>
    drain(client.stream('native.evaluate', { modelPath, text, ...chunks, reference: null })),
  imatrix: (client, modelPath) => {
    const outputPath = path.join(folder, 'bad.imatrix.gguf');
    rmSync(outputPath, { force: true });
    return drain(client.stream('native.imatrix', { modelPath, outputPath, text, textName: 'text', ...chunks }));
  },
};
const chunks = { threads: 1, chunkSize: 32, chunkLimit: 2 };

/** Does `work` in one child. */
const inChild = (work: (client: NativeClient) => Promise<void>): Promise<void> =>
  drain(
    inNativeChild(nativeOptions(), folder, never, async function* (client) {
      await work(client);
      yield null;
    }),
  );

const fault = (error: unknown): unknown => (isAppError(error) ? { code: error.code, ...error.data } : error);

describe('damaged files', () => {
  const files = readdirSync(badFolder).filter((name) => name.endsWith('.gguf') && name !== 'valid.gguf');

  it('are refused by their field in every route', async () => {
    expect(files).toHaveLength(14);
    await inChild(async (client) => {
      for (const name of files)
        for (const [route, send] of Object.entries(routes)) {
          const error: unknown = await send(client, path.join(badFolder, name)).catch((thrown: unknown) => thrown);
          expect([name, route, fault(error)]).toEqual([
            ...[name, route],
            expect.objectContaining({ code: 'model.corrupt', field: expect.any(String) as unknown }),
          ]);
        }
      // The same child does what is asked of it with a sound file.
      expect(await routes['plan']?.(client, path.join(badFolder, 'valid.gguf'))).toMatchObject({ needsImatrix: null });
    });
  });

  it('and what llama.cpp says of a file that it cannot load is its reason', async () => {
    const modelPath = path.join(folder, 'unloadable.gguf');
    const bytes = readFileSync(path.join(badFolder, 'valid.gguf'));
    bytes.write('output_nurm', bytes.indexOf('output_norm'));
    writeFileSync(modelPath, bytes);
    await inChild(async (client) => {
      for (const route of ['evaluate', 'imatrix'])
        expect(fault(await routes[route]?.(client, modelPath).catch((thrown: unknown) => thrown))).toMatchObject({
          ...{ code: 'convert.unsupported', reason: 'library' },
          detail: expect.stringContaining("model: tensor 'output_norm.weight' not found") as unknown,
        });
    });
  });

  it('that pass the header check end the child at most, and typed', async () => {
    const sound = readFileSync(path.join(badFolder, 'valid.gguf'));
    const modelPath = path.join(folder, 'mutated.gguf');
    const typed = /^(?:model|convert)\.|^engine\.(?:crashed|out_of_memory)$/;
    const count = 30;
    let next = 0;
    const outcomes: string[] = [];
    while (next < count)
      try {
        await inChild(async (client) => {
          for (; next < count; next++) {
            writeFileSync(modelPath, mutated(sound, next));
            for (const route of ['tokenize', 'evaluate', 'imatrix'])
              try {
                await routes[route]?.(client, modelPath);
                outcomes.push('done');
              } catch (error) {
                if (!isAppError(error) || !/^(?:model|convert)\./.test(error.code)) throw error;
                outcomes.push(error.code);
              }
          }
        });
      } catch (error) {
        outcomes.push(isAppError(error) ? error.code : String(error));
        next++;
      }
    expect(outcomes.filter((outcome) => outcome !== 'done' && !typed.test(outcome))).toEqual([]);
    expect(outcomes).toContain('done');
    expect(outcomes).toContain('model.corrupt');
  });
});

/** One to three changes in a file, by its number: other bytes, and numbers at the ends of their ranges. */
function mutated(sound: Uint8Array, seed: number): Buffer {
  const random = createRandom(seed + 1);
  const bytes = Buffer.from(sound);
  const numbers = [0, 1, 2, 1000, 65_536, 0x7fff_ffff, 0xffff_ffff];
  for (let change = random(3); change >= 0; change--) {
    const at = random(bytes.length - 4);
    if (random(2) === 0) bytes[at] = random(256);
    else bytes.writeUInt32LE(numbers[random(numbers.length)] ?? 0, at);
  }
  return bytes;
}

describe('a model that makes vectors', () => {
  it.each([
    ['attention.causal', { key: 'llama.attention.causal', type: 'bool', value: false }],
    ['pooling', { key: 'llama.pooling_type', type: 'uint32', value: 1 }],
  ] as const)('by its %s has no perplexity, and gives an importance matrix', async (_title, entry) => {
    const source = path.join(badFolder, 'valid.gguf');
    const model = await openModel(source);
    const { header } = layOutGguf([entry], model.tensors, model.entries);
    await model.close();
    const modelPath = path.join(folder, 'vectors.gguf');
    writeFileSync(modelPath, Buffer.concat([header, readFileSync(source).subarray(model.tensors[0]?.offsetBytes)]));
    await inChild(async (client) => {
      const error: unknown = await routes['evaluate']?.(client, modelPath).catch((thrown: unknown) => thrown);
      expect(fault(error)).toMatchObject({ code: 'convert.unsupported', reason: 'no_decoder' });
      await routes['imatrix']?.(client, modelPath);
    });
    const { importances } = await readImatrix(path.join(folder, 'bad.imatrix.gguf'));
    expect(importances.get('blk.0.attn_q.weight')?.every((value) => value > 0)).toBe(true);
  });
});

describe('a model that is changed while it is read', () => {
  const changed = { code: 'model.corrupt', data: { reason: 'changed' } };
  const copyOf = (source: string): string => {
    const copy = path.join(folder, 'changing.gguf');
    copyFileSync(source, copy);
    return copy;
  };
  /** Changes the model once the work has begun. */
  async function changing(events: AsyncIterable<unknown>, change: () => void): Promise<void> {
    let isChanged = false;
    for await (const _ of events) {
      if (!isChanged) change();
      isChanged = true;
    }
  }
  const shrink = (file: string) => (): void => truncateSync(file, Math.floor(statSync(file).size / 8));
  const quantizer = createQuantizer(nativeOptions());
  const quantizing = (inputPath: string): AsyncIterable<unknown> =>
    quantizer.quantize(
      { inputPath, outputPath: path.join(folder, 'changed.gguf'), fileType: 'Q4_K_M', threads: 1 },
      never,
    );
  const left = (): string[] => readdirSync(folder).filter((name) => /^changed|incomplete/.test(name));

  // A file that is open there cannot be shortened.
  it.skipIf(process.platform === 'win32')('and shrinks: quantizing says so, though the child died', async () => {
    const file = copyOf(dense);
    await expect(changing(quantizing(file), shrink(file))).rejects.toMatchObject(changed);
    expect(left()).toEqual([]);
  });

  it('and gets other values: quantizing gives nothing', async () => {
    const file = copyOf(dense);
    const other = Buffer.from(readFileSync(file));
    other.fill(0, other.length - 4096);
    await expect(changing(quantizing(file), () => writeFileSync(file, other))).rejects.toMatchObject(changed);
    expect(left()).toEqual([]);
  });

  it('is not collected from, nor measured', async () => {
    const options = { ...nativeOptions(), defaultTextPath, scratchFolder: path.join(folder, 'scratch') };
    const touch = (file: string) => (): void => writeFileSync(file, readFileSync(file));
    const modelPath = copyOf(path.join(badFolder, 'valid.gguf'));
    const outputPath = path.join(folder, 'changed.imatrix.gguf');
    const collecting = createCollectImatrix(options)({ modelPath, outputPath, text, threads: 1 }, never);
    await expect(changing(collecting, touch(modelPath))).rejects.toMatchObject(changed);
    const request = { referencePath: modelPath, modelPaths: [], text, threads: 1, chunkLimit: 2 };
    await expect(changing(createMeasure(options)(request, never), touch(modelPath))).rejects.toMatchObject(changed);
    expect([...left(), ...readdirSync(options.scratchFolder)]).toEqual([]);
  });
});

it('a disk that fills up while a model is written is named, and nothing is left', async ({ skip }) => {
  const prlimit = '/usr/bin/prlimit';
  if (!existsSync(prlimit)) skip('prlimit is not installed');
  let asked = 0;
  const quantizer = createQuantizer({
    // Writes behind a megabyte fail, as they do on a full disk.
    ...nativeOptions((pid) => execFileSync(prlimit, ['--pid', String(pid), '--fsize=1000000'])),
    freeBytes: async () => (asked++ === 0 ? 1e9 : 0),
  });
  const outputPath = path.join(folder, 'full.gguf');
  const request = { inputPath: dense, outputPath, fileType: 'Q8_0', threads: 1 };
  await expect(drain(quantizer.quantize(request, never))).rejects.toMatchObject({
    code: 'disk.full',
    data: { freeBytes: 0 },
  });
  expect(asked).toBe(2);
  expect(readdirSync(folder).filter((name) => /^full|incomplete/.test(name))).toEqual([]);
});

describe('the rights of the child', () => {
  /** Tries what the child must not do, and what it must, in its place and under its flags. */
  const probe = `
    import { spawnSync } from 'node:child_process';
    import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
    import { connect } from 'node:net';
    import path from 'node:path';
    const [own, outside, port] = JSON.parse(readFileSync(new URL('probe.json', import.meta.url), 'utf8'));
    const tried = {};
    const attempt = (name, act) => {
      try { act(); tried[name] = 'done'; } catch (error) { tried[name] = error.code; }
    };
    attempt('write', () => writeFileSync(path.join(own, 'inside'), ''));
    attempt('write beside', () => writeFileSync(path.join(outside, 'beside'), ''));
    attempt('write where the name begins alike', () => writeFileSync(own + '-more', ''));
    attempt('link', () => symlinkSync(outside, path.join(own, 'link')));
    attempt('spawn', () => spawnSync(process.execPath, ['--version']));
    attempt('read', () => readFileSync(path.join(outside, 'probe.json')));
    attempt('environment', () => { if ('HEARTH_SECRET' in process.env) throw { code: 'seen' }; });
    await new Promise((resolve) => {
      const end = (outcome) => { tried.connect = outcome; resolve(); };
      attempt('connect', () => connect(port, '127.0.0.1').once('connect', () => end('done')).once('error', (error) => end(error.code)));
      if (tried.connect !== 'done') resolve();
    });
    process.send(tried);
  `;

  it('write into its folder alone, start nothing and reach nobody', async () => {
    const own = path.join(folder, 'own');
    mkdirSync(own);
    const script = path.join(folder, 'probe.mjs');
    writeFileSync(script, probe);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    writeFileSync(path.join(folder, 'probe.json'), JSON.stringify([own, folder, port]));
    const layout = {
      nodePath: process.execPath,
      convertChildPath: script,
      nativeChildPath: script,
      tokenizerChildPath: script,
    };
    process.env['HEARTH_SECRET'] = 'secret';
    try {
      const { startNative } = createConvertChildren(layout);
      const tried = async (writable: string | null): Promise<unknown> => {
        const child = startNative(writable);
        const [message] = (await once(child, 'message')) as [unknown];
        child.kill('SIGKILL');
        return message;
      };
      const denied = 'ERR_ACCESS_DENIED';
      const nothing = {
        ...{ write: denied, 'write beside': denied, 'write where the name begins alike': denied, link: denied },
        ...{ spawn: denied, connect: denied, read: 'done', environment: 'done' },
      };
      expect(await tried(own)).toEqual({ ...nothing, write: 'done' });
      rmSync(path.join(own, 'inside'));
      expect(await tried(null)).toEqual(nothing);
      expect(readdirSync(own)).toEqual([]);
    } finally {
      delete process.env['HEARTH_SECRET'];
      server.close();
    }
  });
});
