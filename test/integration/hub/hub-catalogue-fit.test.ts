/** Fit before download: headers read by ranges, few requests, few bytes, and the token sent only to the Hub. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HubRecords } from '../../../main/hub/hub.ts';
import type { ModelSummary } from '../../../main/model-file/model-summary.ts';
import { generatedContent, type Content } from '../../hub-server/content.ts';
import { ggufContent, planGguf, shardName, type GgufOptions } from '../../hub-server/gguf-file.ts';
import type { RepoInput } from '../../hub-server/hub-server.ts';
import { shapes } from '../../hub-server/seed.ts';
import { content, directFetch, never, setUp } from '../../support/hub-setup.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';

const id = 'owner/Fit-GGUF';
const anyHash = 'ab'.repeat(32);
const sevenB: GgufOptions = {
  // A header of megabytes, as current vocabularies need.
  shape: { ...shapes['7B'], vocabulary: 152_000 },
  quantization: 'Q4_K_M',
  seed: 1,
};
const sevenBPlan = planGguf(sevenB);
const ask = { repoId: id, revision: 'main', contextSize: 4096, kvCacheType: 'F16', gpuLayers: null } as const;
const repo = (files: RepoInput['files'], rest: Partial<RepoInput> = {}): { repos: RepoInput[] } => ({
  repos: [{ id, files, ...rest }],
});

/** A memory like the database's. */
function memory(): HubRecords {
  const answers = new Map<string, { answer: unknown; fetchedAt: number }>();
  const headers = new Map<string, Map<string, ModelSummary>>();
  return {
    readAnswer: (key) => answers.get(key),
    writeAnswer: (key, answer, fetchedAt) => void answers.set(key, { answer, fetchedAt }),
    readHeaders: (repoId, commit) => headers.get(`${repoId} ${commit}`) ?? new Map(),
    writeHeader: (repoId, commit, path, summary) => {
      const key = `${repoId} ${commit}`;
      headers.set(key, new Map([...(headers.get(key) ?? []), [path, summary]]));
    },
    writeHeads: () => {},
    writeHashes: () => {},
  };
}

/** The beginning of a file with a byte-pair vocabulary: long merge rules after the tokens, as in Llama 3 and Qwen. */
function bytePairHead(tokens: number, merges: number): Buffer {
  const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
  const number = (key: string, value: number): Buffer => Buffer.concat([text(`plamo.${key}`), u32(4), u32(value)]);
  const words = (key: string, count: number, word: (index: number) => string): Buffer =>
    Buffer.concat([
      text(`tokenizer.ggml.${key}`),
      u32(9),
      u32(8),
      u64(count),
      ...Array.from({ length: count }, (_, index) => text(word(index))),
    ]);
  const entries = [
    Buffer.concat([text('general.architecture'), u32(8), text('plamo')]),
    number('block_count', 2),
    number('context_length', 131_072),
    number('embedding_length', 64),
    number('attention.head_count', 4),
    number('attention.head_count_kv', 2),
    Buffer.concat([text('tokenizer.ggml.model'), u32(8), text('gpt2')]),
    words('tokens', tokens, (index) => `Ġ${index.toString(36).padStart(5, 'x')}`),
    Buffer.concat([text('tokenizer.ggml.token_type'), u32(9), u32(5), u64(tokens), Buffer.alloc(4 * tokens)]),
    words('merges', merges, (index) => `Ġ ${index.toString(36).padStart(6, 'y')}`),
  ];
  const tensor = (name: string): Buffer => Buffer.concat([text(name), u32(1), u64(64), u32(0)]);
  const names = ['token_embd.weight', 'blk.0.attn_k.weight', 'blk.1.attn_k.weight'];
  const infos = names.map((name, index) => Buffer.concat([tensor(name), u64(index * 256)]));
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(names.length),
    u64(entries.length),
    ...entries,
    ...infos,
  ]);
  return Buffer.concat([head, Buffer.alloc(32 - (head.byteLength % 32))]);
}

describe('hub.fit', () => {
  it('reads a header of megabytes in two rounds, by ranges and from the redirect’s target', async () => {
    const file = ggufContent(sevenB, anyHash);
    const { hub, server } = await setUp({}, repo({ 'x-Q4_K_M.gguf': file }));
    const { fit, requests, headerBytes, trainedContextSize } = await hub.fit({ ...ask, path: 'x-Q4_K_M.gguf' }, never);
    expect(fit).toMatchObject({ basis: 'header', layerCount: 33, gpuLayers: 0, contextSize: 4096 });
    expect(fit.kvCacheBytes).toBe(4096 * 32 * 8 * 128 * 2 * 2);
    expect(Math.abs(fit.weightsBytes - (sevenBPlan.sizeBytes - sevenBPlan.head.byteLength))).toBeLessThan(100_000);
    expect(trainedContextSize).toBe(32_768);
    // First the Hub's redirect and its target, then the target alone.
    expect(server.requests.map((request) => [request.level, request.method])).toEqual([
      ['resolve', 'GET'],
      ['cdn', 'GET'],
      ['cdn', 'GET'],
    ]);
    expect(requests).toBe(3);
    const ranges = server.requests.slice(1).map(({ headers }) => /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? ''));
    // Nothing is asked for twice; the rest of a token that nobody needs is passed over.
    const passedOver = Number(ranges[1]?.[1]) - Number(ranges[0]?.[2]) - 1;
    expect(passedOver).toBeGreaterThanOrEqual(0);
    expect(passedOver).toBeLessThan(100);
    const asked = ranges.reduce((sum, range) => sum + Number(range?.[2]) - Number(range?.[1]) + 1, 0);
    expect(headerBytes).toBe(asked);
    expect(headerBytes + passedOver).toBeGreaterThanOrEqual(sevenBPlan.head.byteLength);
    expect(headerBytes).toBeLessThan(sevenBPlan.head.byteLength * 1.6);
  });

  it.each([
    ['a small vocabulary', 2000, 2000, 1],
    ['as many merges as tokens', 40_000, 40_000, 3],
    ['twice as many merges', 40_000, 88_000, 3],
    ['no merges to speak of', 60_000, 10, 3],
  ])('takes three rounds at most with %s', async (_name, tokens, merges, rounds) => {
    const head = bytePairHead(tokens, merges);
    const file = generatedContent(5e9, 1, head, anyHash);
    const { hub, server } = await setUp({}, repo({ 'x.gguf': file }));
    const { headerBytes } = await hub.fit({ ...ask, path: 'x.gguf' }, never);
    expect(server.requests.filter(({ level }) => level === 'cdn').length).toBeLessThanOrEqual(rounds);
    expect(headerBytes).toBeLessThan(Math.max(600_000, head.byteLength * 2.8));
  });

  it('asks once for a version of a file, whatever the context', async () => {
    const { hub, server } = await setUp(
      { records: memory(), fitOf: fitIn(() => ({ freeRamBytes: 32e9, totalRamBytes: 64e9 })) },
      repo({ 'x-Q4_K_M.gguf': ggufContent(sevenB, anyHash) }),
    );
    const { revision } = await hub.model(id, 'main', never);
    const first = await hub.fit({ ...ask, path: 'x-Q4_K_M.gguf', revision }, never);
    const asked = server.requests.length;
    const second = await hub.fit({ ...ask, path: 'x-Q4_K_M.gguf', revision, contextSize: 16_384 }, never);
    expect([first.requests, second.requests, second.headerBytes]).toEqual([3, 0, 0]);
    expect(second.fit.kvCacheBytes).toBe(first.fit.kvCacheBytes * 4);
    const quantized = await hub.fit({ ...ask, path: 'x-Q4_K_M.gguf', kvCacheType: 'Q8_0' }, never);
    expect(quantized.fit.kvCacheBytes / first.fit.kvCacheBytes).toBeCloseTo(34 / 64, 5);
    const automatic = await hub.fit({ ...ask, path: 'x-Q4_K_M.gguf', contextSize: null }, never);
    expect(automatic.fit.contextSize).toBeGreaterThan(2048);
    // The file list has the fact now, too.
    const [listed] = (await hub.model(id, 'main', never)).files;
    expect(listed?.fit).toEqual(automatic.fit);
    expect(listed?.bitsPerWeight).toBeGreaterThan(4);
    expect(server.requests).toHaveLength(asked);
  });

  it('reads once for concurrent requests', async () => {
    const { hub, server } = await setUp({ records: memory() }, repo({ 'x.gguf': ggufContent(sevenB, anyHash) }));
    const contexts = [4096, 8192, 16_384, 32_768];
    const fits = await Promise.all(
      contexts.map((contextSize) => hub.fit({ ...ask, path: 'x.gguf', contextSize }, never)),
    );
    expect(fits.map(({ fit }) => fit.contextSize)).toEqual(contexts);
    expect(server.requests).toHaveLength(3);
  });

  it('reads all shards of one version, also where the branch moves meanwhile', async () => {
    const names = [0, 1, 2].map((index) => shardName('x-Q4_K_M', index, 3));
    const files = Object.fromEntries(
      names.map((name, index) => [
        name,
        ggufContent({ ...sevenB, shard: { index, count: 3 } }, `${String(index)}b`.repeat(32)),
      ]),
    );
    let moved: Promise<unknown> | undefined;
    const { hub, server } = await setUp(
      {
        async fetch(input, init) {
          const response = await directFetch(input, init);
          moved ??= server.updateRepo(id, { files: { [names[1] ?? '']: content, [names[2] ?? '']: content } });
          await moved;
          return response;
        },
      },
      repo(files),
    );
    const { fit } = await hub.fit({ ...ask, path: names[0] ?? '' }, never);
    expect(fit.basis).toBe('header');
    await expect(hub.fit({ ...ask, path: names[0] ?? '' }, never)).rejects.toMatchObject({ code: 'model.corrupt' });
  });

  it('answers for the whole file where its name or one of its pieces is asked for', async () => {
    const bytes = await readFile(join(import.meta.dirname, '../../fixtures/stories260K/stories260K-F32.gguf'));
    const files = {
      'w.gguf': bytes,
      'a.gguf.part1of2': bytes.subarray(0, 500_000),
      'a.gguf.part2of2': bytes.subarray(500_000),
      'b.gguf-split-a': bytes.subarray(0, 600_000),
      'b.gguf-split-b': bytes.subarray(600_000),
    };
    const { hub } = await setUp({}, repo(files));
    const { fit } = await hub.fit({ ...ask, path: 'w.gguf' }, never);
    expect(fit.basis).toBe('header');
    for (const path of ['a.gguf.part1of2', 'a.gguf.part2of2', 'a.gguf', 'b.gguf-split-a', 'b.gguf'])
      expect([path, (await hub.fit({ ...ask, path }, never)).fit]).toEqual([path, fit]);
    await expect(hub.fit({ ...ask, path: 'c.gguf' }, never)).rejects.toMatchObject({ code: 'hub.not_found' });
  });

  it('reads the headers of all shards', async () => {
    const names = [0, 1, 2].map((index) => shardName('x-Q4_K_M', index, 3));
    const files = Object.fromEntries(
      names.map((name, index) => [
        name,
        ggufContent({ ...sevenB, shard: { index, count: 3 } }, `${String(index)}b`.repeat(32)),
      ]),
    );
    const { hub, server } = await setUp({ records: memory() }, repo(files));
    const sharded = await hub.fit({ ...ask, path: names[1] ?? '' }, never);
    const whole = await setUp({}, repo({ 'x-Q4_K_M.gguf': ggufContent(sevenB, anyHash) }));
    const { fit } = await whole.hub.fit({ ...ask, path: 'x-Q4_K_M.gguf' }, never);
    expect(sharded.fit).toEqual(fit);
    expect(sharded.requests).toBe(server.requests.length);
    expect((await hub.model(id, 'main', never)).files[0]?.fit.basis).toBe('header');
  });

  it('sends the token only to the Hub', async () => {
    const token = 'hf_secret_token';
    const { hub, server } = await setUp(
      { token: () => token },
      {
        ...repo({ 'x.gguf': ggufContent(sevenB, anyHash) }, { private: true }),
        tokens: { [token]: { name: 'ada', canRead: [id] } },
      },
    );
    await hub.fit({ ...ask, path: 'x.gguf' }, never);
    const seen = server.requests.map(({ level, headers }) => [level, headers.authorization]);
    expect(seen).toEqual([
      ['resolve', `Bearer ${token}`],
      ['cdn', undefined],
      ['cdn', undefined],
    ]);
  });

  it('asks the Hub again when its redirect has expired', async () => {
    const { hub, server } = await setUp({}, repo({ 'x.gguf': ggufContent(sevenB, anyHash) }));
    server.setFault({ at: 'cdn', kind: 'status', status: 403, skip: 1, count: 1 });
    const { requests } = await hub.fit({ ...ask, path: 'x.gguf' }, never);
    expect(server.requests.map(({ level }) => level)).toEqual(['resolve', 'cdn', 'cdn', 'resolve', 'cdn']);
    expect(requests).toBe(5);
  });

  it('refuses a file that grows between two reads of its header', async () => {
    let ranges = 0;
    const { hub } = await setUp(
      {
        async fetch(input, init) {
          const url = input instanceof Request ? input.url : input.toString();
          const response = await directFetch(url, init);
          const range = /^(bytes \d+-\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
          if (range === null || ++ranges === 1) return response;
          const headers = new Headers(response.headers);
          headers.set('content-range', `${range[1] ?? ''}/${Number(range[2]) + 1}`);
          return new Response(response.body, { status: response.status, headers });
        },
      },
      repo({ 'x.gguf': ggufContent(sevenB, anyHash) }),
    );
    await expect(hub.fit({ ...ask, path: 'x.gguf' }, never)).rejects.toMatchObject({
      code: 'model.corrupt',
      data: { reason: 'changed', field: 'x.gguf' },
    });
    expect(ranges).toBeGreaterThan(1);
  });

  it('works without ranges, and reads no more of the file than it needs', async () => {
    const { hub, server } = await setUp({}, repo({ 'x.gguf': ggufContent(sevenB, anyHash) }));
    server.setFault({ at: 'cdn', kind: 'ignoreRange' });
    const { fit, headerBytes } = await hub.fit({ ...ask, path: 'x.gguf' }, never);
    expect(fit.layerCount).toBe(33);
    expect(headerBytes).toBeLessThan(20_000_000);
  });

  it('takes a range that comes with status 200', async () => {
    const { hub, server } = await setUp({}, repo({ 'x.gguf': ggufContent(sevenB, anyHash) }));
    const plain = await hub.fit({ ...ask, path: 'x.gguf' }, never);
    const other = await setUp({}, repo({ 'x.gguf': ggufContent(sevenB, anyHash) }));
    const fault = other.server.setFault({ at: 'cdn', kind: 'rangeAs200' });
    const { fit, headerBytes } = await other.hub.fit({ ...ask, path: 'x.gguf' }, never);
    expect(fault.hits).toBe(server.requests.filter(({ level }) => level === 'cdn').length);
    expect([fit.layerCount, headerBytes]).toEqual([33, plain.headerBytes]);
  });

  it('reports errors', async () => {
    const lora: Content = { kind: 'bytes', bytes: content.subarray(0, 2000) };
    const { hub, server } = await setUp(
      {},
      repo({ 'no.gguf': lora, 'x.gguf': ggufContent(sevenB, anyHash) }, { gated: 'manual' }),
    );
    const code = async (path: string): Promise<unknown> =>
      await hub.fit({ ...ask, path }, never).then(
        () => null,
        (error: unknown) => (error as { code: string }).code,
      );
    expect(await code('x.gguf')).toBe('hub.gated');
    await server.updateRepo(id, { facts: { gated: false } });
    expect(await code('no.gguf')).toBe('model.corrupt');
    expect(await code('absent.gguf')).toBe('hub.not_found');
    expect(await code('../x.gguf')).toBe('hub.unsafe_name');
    server.setFault({ at: 'cdn', kind: 'wrongRange' });
    expect(await code('x.gguf')).toBe('hub.bad_response');
    server.clearFaults();
    server.setFault({ at: 'cdn', kind: 'cut', afterBytes: 1000 });
    expect(await code('x.gguf')).toBe('hub.offline');
    server.clearFaults();
    // The body ends without an error: by its length alone it is known to be short.
    server.setFault({ at: 'cdn', kind: 'shortBody', missingBytes: 1000 });
    expect(await code('x.gguf')).toBe('model.corrupt');
    server.clearFaults();
    server.setFault({ at: 'cdn', kind: 'reset' });
    expect(await code('x.gguf')).toBe('hub.offline');
  });

  it('stops when the request is aborted', async () => {
    const { hub, server } = await setUp({}, repo({ 'x.gguf': ggufContent(sevenB, anyHash) }));
    server.setFault({ at: 'cdn', kind: 'stall', afterBytes: 1000 });
    const abort = new AbortController();
    const asked = hub.fit({ ...ask, path: 'x.gguf' }, abort.signal);
    const outcome = expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    const reading = () => server.requests.find(({ level, bytesSent }) => level === 'cdn' && bytesSent > 0);
    await expect.poll(reading).toMatchObject({ outcome: 'open' });
    abort.abort();
    await outcome;
    await expect.poll(reading).toMatchObject({ outcome: 'client_gone' });
  });
});
