import { describe, expect, it } from 'vitest';
import type { HubFile } from '../../../preload/contract/hub.ts';
import type { Job } from '../../../preload/contract/jobs.ts';
import type { ErrorCode } from '../../../preload/wire/errors.ts';
import { bitWidth, fileToShow, groupFiles, placeOf, wantedPath } from './model-files.ts';

function file(path: string, changes: Partial<HubFile> = {}): HubFile {
  return {
    path,
    shards: [{ path, sizeBytes: 10 }],
    sizeBytes: 10,
    quantization: null,
    bitsPerWeight: null,
    kind: 'model',
    fit: {
      verdict: 'fits',
      reason: 'fits_in_ram',
      basis: 'file_size',
      weightsBytes: 10,
      kvCacheBytes: 0,
      computeBytes: 0,
      contextSize: 4096,
      freeRamBytes: 100,
      totalRamBytes: 200,
      usableRamBytes: 190,
      tokensPerSecond: null,
      isSpeedEstimated: false,
      freeVramBytes: 0,
      totalVramBytes: 0,
      gpuLayers: 0,
      layerCount: 0,
      ramBytes: 1000,
      vramBytes: 0,
    },
    recommended: null,
    state: 'remote',
    modelId: `owner/name/${path}`,
    ...changes,
  };
}

const job = (modelId: string, state: Job['state']): Job => ({ modelId, state }) as Job;

describe('groupFiles', () => {
  it('puts models before projectors and adapters, and small before large', () => {
    const groups = groupFiles([
      file('mmproj.gguf', { kind: 'projector' }),
      file('q8.gguf', { sizeBytes: 80 }),
      file('q4.gguf', { sizeBytes: 40 }),
      file('lora.gguf', { kind: 'adapter' }),
    ]);
    expect(groups.map((group) => group.kind)).toEqual(['model', 'projector', 'adapter']);
    expect(groups[0]?.files.map((one) => one.path)).toEqual(['q4.gguf', 'q8.gguf']);
  });

  it('puts the recommended file at the top, where a newcomer looks', () => {
    const files = [
      file('q2.gguf', { sizeBytes: 20 }),
      file('q4.gguf', { sizeBytes: 40, recommended: 'best_with_room' }),
    ];
    expect(groupFiles(files)[0]?.files.map((one) => one.path)).toEqual(['q4.gguf', 'q2.gguf']);
  });

  it('orders models by the width of their weights, after the recommended one', () => {
    const quants = ['Q8_0', 'Q4_K_M', 'IQ4_XS', 'Q2_K', 'BF16', 'odd'];
    const files = quants.map((quantization, index) =>
      file(`${quantization}.gguf`, {
        quantization,
        sizeBytes: 100 - index,
        recommended: quantization === 'Q4_K_M' ? 'best_with_room' : null,
      }),
    );
    const groups = groupFiles([...files, file('mmproj.gguf', { kind: 'projector' })]);
    expect(groups.map(({ kind, files: some }) => [kind, some.map((one) => one.quantization)])).toEqual([
      ['model', ['Q4_K_M', 'Q2_K', 'IQ4_XS', 'Q8_0', 'BF16', 'odd']],
      ['projector', [null]],
    ]);
  });

  it('leaves empty groups out', () => {
    expect(groupFiles([])).toEqual([]);
  });
});

describe('bitWidth', () => {
  it.each([
    ['Q4_K_M', 4],
    ['IQ3_XXS', 3],
    ['BF16', 16],
    ['F32', 32],
    ['MXFP4', 4],
    ['TQ1_0', 1],
  ])('%s', (quantization, bits) => expect(bitWidth({ quantization, bitsPerWeight: 9 })).toBe(bits));
  it('uses the size when the name has no bits', () => {
    expect(bitWidth({ quantization: null, bitsPerWeight: 4.6 })).toBe(5);
    expect(bitWidth({ quantization: 'mystery', bitsPerWeight: null })).toBeNull();
  });
});

describe('wantedPath', () => {
  const files = [
    file('a/q4.gguf', { quantization: 'Q4_K_M' }),
    file('p.gguf', { kind: 'projector', quantization: 'F16' }),
  ];
  it('finds a file by its path or a model by its quantization', () => {
    expect(wantedPath(files, { path: 'a/q4.gguf', tag: null })).toBe('a/q4.gguf');
    expect(wantedPath(files, { path: null, tag: 'q4_k_m' })).toBe('a/q4.gguf');
    expect(wantedPath(files, { path: null, tag: 'F16' })).toBeNull();
    expect(wantedPath(files, { path: null, tag: null })).toBeNull();
    expect(wantedPath(files, null)).toBeNull();
  });

  it('finds a quantization with a publisher’s prefix', () => {
    const more = [...files, file('Big-7B-UD-Q4_K_XL.gguf', { quantization: 'Q4_K_XL' })];
    expect(wantedPath(more, { path: null, tag: 'UD-Q4_K_XL' })).toBe('Big-7B-UD-Q4_K_XL.gguf');
    expect(wantedPath(more, { path: null, tag: 'K_XL' })).toBeNull();
    expect(wantedPath(more, { path: null, tag: 'Q9_9' })).toBeNull();
  });
});

describe('fileToShow', () => {
  const files = [file('a.gguf', { sizeBytes: 1 }), file('b.gguf', { sizeBytes: 2, recommended: 'best_that_fits' })];
  it('prefers the chosen file, then the recommended one, then the smallest model', () => {
    expect(fileToShow(files, 'a.gguf')?.path).toBe('a.gguf');
    expect(fileToShow(files, null)?.path).toBe('b.gguf');
    expect(fileToShow(files, 'not there')?.path).toBe('b.gguf');
    expect(fileToShow([file('z.gguf', { sizeBytes: 5 }), file('y.gguf', { sizeBytes: 3 })], null)?.path).toBe('y.gguf');
  });
  it('never shows a projector as a model', () => {
    expect(fileToShow([file('p.gguf', { kind: 'projector' })], null)).toBeNull();
  });
});

describe('placeOf', () => {
  const one = file('a.gguf');
  const id = one.modelId;
  it('prefers the live lists to the response of the Hub', () => {
    expect(placeOf({ ...one, state: 'local' }, [], []).at).toBe('remote');
    expect(placeOf(one, [], [{ id, problem: null }]).at).toBe('local');
  });
  it('finds a file that is part of a model on this computer', () => {
    const whole = { id: `${id}-of-two`, problem: null, repoId: id.slice(0, -'/a.gguf'.length), otherPaths: ['a.gguf'] };
    expect(placeOf(one, [], [whole]).at).toBe('local');
    expect(placeOf(one, [], [{ ...whole, repoId: 'other/one' }]).at).toBe('remote');
  });
  it('uses the response while the lists are unknown', () => {
    expect(placeOf({ ...one, state: 'local' }, null, null).at).toBe('local');
  });
  it('shows an unfinished job, also over an older copy', () => {
    expect(placeOf(one, [job(id, 'failed')], [{ id, problem: null }]).at).toBe('job');
    expect(placeOf(one, [job(id, 'done')], [{ id, problem: null }]).at).toBe('local');
  });
  it('offers a deleted model again although its finished job is still listed', () => {
    expect(placeOf(one, [job(id, 'done')], []).at).toBe('remote');
  });
  it('counts a finished job as the file while the list is unknown', () => {
    const projector = file('p.gguf', { kind: 'projector' });
    expect(placeOf(projector, [job(projector.modelId, 'done')], null).at).toBe('local');
    expect(placeOf(projector, [], [{ id: projector.modelId, problem: null }]).at).toBe('local');
    expect(placeOf(projector, [], null).at).toBe('remote');
  });

  it('offers a damaged or incomplete model again, and no file that would be the same', () => {
    const place = (code: ErrorCode): unknown => placeOf(one, [], [{ id, problem: { code, message: '' } }]);
    expect(place('model.corrupt')).toEqual({ at: 'remote' });
    // A download would bring the same file, and no chat can use it.
    expect(place('model.unsupported')).toEqual({ at: 'local', usable: false });
    expect(placeOf(one, [], [{ id, problem: null }])).toEqual({ at: 'local', usable: true });
  });
});
