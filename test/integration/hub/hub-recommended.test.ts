/** The one model that is recommended: by the machine's memory and speed, and by what the Hub has and answers. */
import { describe, expect, it } from 'vitest';
import { curatedModels } from '../../../main/hub/recommend/curated.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';
import { generatedContent, type Content } from '../../hub-server/content.ts';
import { planGguf, type GgufQuantization } from '../../hub-server/gguf-file.ts';
import type { RepoInput } from '../../hub-server/hub-server.ts';
import { shapes } from '../../hub-server/seed.ts';
import { never, setUp } from '../../support/hub-setup.ts';

const GB = 1e9;

function file(size: keyof typeof shapes, quantization: GgufQuantization): Content {
  const plan = planGguf({ shape: shapes[size], quantization, seed: 1 });
  return generatedContent(plan.sizeBytes, plan.seed, plan.head, 'ab'.repeat(32));
}

const front = '---\nlicense: apache-2.0\npipeline_tag: text-generation\ntags: [gguf]\n---\n';

function repo(
  id: string,
  size: keyof typeof shapes,
  quantizations: readonly GgufQuantization[],
  facts: Partial<RepoInput> = {},
): RepoInput {
  const files = quantizations.map((quantization) => [`m-${quantization}.gguf`, file(size, quantization)] as const);
  return { id, files: { 'README.md': front, ...Object.fromEntries(files) }, ...facts };
}

/** Models in the sizes of their names, two and four bytes per weight apart. */
const qwen8 = repo('Qwen/Qwen3-8B-GGUF', '7B', ['Q4_K_M', 'Q8_0']);
const qwen4 = repo('Qwen/Qwen3-4B-GGUF', '3B', ['Q4_K_M', 'Q8_0']);
const qwen06 = repo('Qwen/Qwen3-0.6B-GGUF', '0.5B', ['Q8_0']);

async function recommended(
  repos: readonly RepoInput[],
  freeRamBytes: number,
  options: { readBytesPerSecond?: number; isRateEstimated?: boolean; offlineBy?: string; freeVramBytes?: number } = {},
) {
  const { readBytesPerSecond, isRateEstimated = false, offlineBy, freeVramBytes } = options;
  const memory = {
    ...{ freeRamBytes, totalRamBytes: freeRamBytes * 1.25 },
    ...(readBytesPerSecond !== undefined && { readBytesPerSecond, isRateEstimated }),
    ...(freeVramBytes !== undefined && { freeVramBytes, totalVramBytes: freeVramBytes }),
  };
  const { hub, server } = await setUp(
    { fitOf: fitIn(() => memory), ...(offlineBy !== undefined && { offlineBy }) },
    { repos: [...repos] },
  );
  return { answer: await hub.recommended(never), requests: server.requests };
}

describe('hub.recommended', () => {
  it('takes the best of the curated models that the Hub has, that fits, and that is quick', async () => {
    const { answer } = await recommended([qwen8, qwen4, qwen06], 24 * GB);
    // The 7B shape reads over 4 GB a token, so that 25.6 GB/s give under 8 tokens/s; of the 3B shape only Q4_K_M is quick.
    expect(answer).toMatchObject({
      ...{ repoId: 'Qwen/Qwen3-4B-GGUF', path: 'm-Q4_K_M.gguf', quantization: 'Q4_K_M', license: 'apache-2.0' },
      ...{ why: 'best', speed: 'assumed', curated: 'qwen3_4b', source: 'hub' },
    });
  });

  it('follows what was measured on this computer', async () => {
    const fast = await recommended([qwen8, qwen4, qwen06], 24 * GB, { readBytesPerSecond: 200 * GB });
    expect(fast.answer).toMatchObject({
      ...{ repoId: 'Qwen/Qwen3-8B-GGUF', path: 'm-Q8_0.gguf', why: 'best', speed: 'predicted' },
    });
    const slow = await recommended([qwen8, qwen4, qwen06], 24 * GB, { readBytesPerSecond: 8 * GB });
    expect(slow.answer).toMatchObject({ repoId: 'Qwen/Qwen3-0.6B-GGUF', why: 'best', speed: 'predicted' });
    const estimated = { readBytesPerSecond: 200 * GB, isRateEstimated: true };
    const fresh = await recommended([qwen8, qwen4, qwen06], 24 * GB, estimated);
    expect(fresh.answer).toMatchObject({ repoId: 'Qwen/Qwen3-8B-GGUF', path: 'm-Q8_0.gguf', speed: 'estimated' });
    // Without a Hub too: at 8 GB/s 2.5 GB a token are 3 tokens/s, and 0.6 GB are quick.
    const rate = { readBytesPerSecond: 8 * GB, isRateEstimated: true };
    const offline = await recommended([], 8 * GB, { ...rate, offlineBy: 'HF_HUB_OFFLINE' });
    expect(offline.answer).toMatchObject({ curated: 'qwen3_0_6b', why: 'best', speed: 'estimated', source: 'list' });
  });

  it('takes the next one for a model that is gone or gated', async () => {
    const closed = { ...qwen4, gated: 'manual' as const };
    const { answer } = await recommended([closed, qwen06], 24 * GB);
    expect(answer).toMatchObject({ repoId: 'Qwen/Qwen3-0.6B-GGUF', why: 'best' });
  });

  it('takes the largest suitable one of the most downloaded, where the Hub has no curated one', async () => {
    const facts = { downloads: 900 };
    const { answer } = await recommended(
      [
        repo('a/Large-GGUF', '33B', ['Q4_K_M'], facts),
        repo('a/Middle-GGUF', '3B', ['Q4_K_M'], facts),
        repo('a/Closed-GGUF', '3B', ['Q4_K_M'], { ...facts, gated: 'auto' }),
        repo('a/Small-GGUF', '1B', ['Q4_K_M'], facts),
      ],
      24 * GB,
    );
    expect(answer).toMatchObject({ repoId: 'a/Middle-GGUF', why: 'best', curated: null, source: 'hub' });
  });

  it('takes the smallest where none fits or is quick, and says so', async () => {
    const small = await recommended([qwen8, qwen4, qwen06], 0.4 * GB);
    expect(small.answer).toMatchObject({ repoId: 'Qwen/Qwen3-0.6B-GGUF', why: 'smallest' });
    const slow = await recommended([qwen8, qwen4], 24 * GB, { readBytesPerSecond: 4 * GB });
    expect(slow.answer).toMatchObject({ repoId: 'Qwen/Qwen3-4B-GGUF', why: 'smallest' });
  });

  it('answers from its own list while the Hub is out of reach, by the same rule', async () => {
    const offlineBy = 'HF_HUB_OFFLINE';
    const { answer } = await recommended([qwen4], 8 * GB, { offlineBy });
    expect(answer).toEqual({
      repoId: 'Qwen/Qwen3-4B-GGUF',
      path: 'Qwen3-4B-Q4_K_M.gguf',
      sizeBytes: 2_497_280_256,
      quantization: 'Q4_K_M',
      license: 'apache-2.0',
      fileReason: null,
      ...{ why: 'best', speed: 'assumed', curated: 'qwen3_4b', source: 'list' },
    });
    // A mixture of experts passes few of its parameters, so it is quick though it is large.
    const large = await recommended([], 64 * GB, { offlineBy });
    expect(large.answer).toMatchObject({ curated: 'qwen3_30b_a3b' });
    const tiny = await recommended([], 0.2 * GB, { offlineBy });
    expect(tiny.answer).toMatchObject({ curated: 'qwen3_0_6b', why: 'smallest', source: 'list' });
  });

  it('asks a Hub that is out of reach once, and not for every model', async () => {
    let requests = 0;
    const { hub } = await setUp({
      fitOf: fitIn(() => ({ freeRamBytes: 12 * GB, totalRamBytes: 16 * GB })),
      fetch() {
        requests++;
        return Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
      },
    });
    // Of the curated ones 14B and 8B fit as well, but are not quick.
    expect(await hub.recommended(never)).toMatchObject({ curated: 'qwen3_4b', source: 'list' });
    expect(requests).toBe(1);
  });

  it('answers nothing where the Hub has nothing to run', async () => {
    const { answer } = await recommended([{ id: 'a/empty', files: { 'README.md': front } }], 24 * GB);
    expect(answer).toBeNull();
  });
});

describe('the curated list', () => {
  it('has the best first: fewer parameters each time, in files whose bits per weight are of their quantization', () => {
    const bits = { Q4_K_M: [4.8, 6], Q8_0: [8.4, 8.7], MXFP4: [4.2, 4.9] } as const;
    for (const [index, entry] of curatedModels.entries()) {
      expect(entry.parameterCount).toBeLessThan(curatedModels[index - 1]?.parameterCount ?? Infinity);
      const [least, most] = bits[entry.quantization as keyof typeof bits];
      const width = (entry.sizeBytes * 8) / entry.parameterCount;
      expect(width, entry.repoId).toBeGreaterThan(least);
      expect(width, entry.repoId).toBeLessThan(most);
    }
    expect(new Set(curatedModels.map(({ key }) => key)).size).toBe(curatedModels.length);
  });
});
