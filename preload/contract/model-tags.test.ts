/** The file names are those of real repositories, as their publishers write them. */
import { describe, expect, it } from 'vitest';
import { chooseFile, type TaggedFile } from './model-tags.ts';

/** Files with the quantization that a listing gives them, and their kind where they are no models. */
const file = (path: string, quantization: string | null, kind = 'model'): TaggedFile => ({ path, quantization, kind });

const unsloth = [
  file('gemma-4-E4B-it-Q4_K_M.gguf', 'Q4_K_M'),
  file('gemma-4-E4B-it-UD-Q4_K_XL.gguf', 'Q4_K_XL'),
  file('gemma-4-E4B-it-UD-Q4_K_M.gguf', 'Q4_K_M'),
  file('gemma-4-E4B-it-Q8_0.gguf', 'Q8_0'),
  file('BF16/gemma-4-E4B-it-BF16-00001-of-00002.gguf', 'BF16'),
  file('MTP/gemma-4-E4B-it-Q8_0-MTP.gguf', 'Q8_0', 'draft'),
  file('mmproj-BF16.gguf', 'BF16', 'projector'),
  file('mmproj-F16.gguf', 'F16', 'projector'),
];
const byteshape = [
  file('Qwen3-4B-Instruct-2507-IQ4_XS-3.87bpw.gguf', 'IQ4_XS'),
  file('Qwen3-4B-Instruct-2507-IQ4_XS-4.23bpw.gguf', 'IQ4_XS'),
  file('Qwen3-4B-Instruct-2507-Q5_K_S-5.09bpw.gguf', 'Q5_K_S'),
];
const mradermacher = [
  file('Qwen3-8B.i1-IQ4_XS.gguf', 'IQ4_XS'),
  file('Qwen3-8B.i1-Q4_K_M.gguf', 'Q4_K_M'),
  file('Qwen3-8B.imatrix.gguf', null, 'imatrix'),
];
const bartowski = [
  file('Llama-3.3-70B-Instruct-Q4_K_M.gguf', 'Q4_K_M'),
  file('Llama-3.3-70B-Instruct-Q4_K_L.gguf', 'Q4_K_L'),
  file('Llama-3.3-70B-Instruct-Q8_0/Llama-3.3-70B-Instruct-Q8_0-00001-of-00002.gguf', 'Q8_0'),
];
const ggmlOrg = [
  file('gpt-oss-20b-mxfp4.gguf', 'MXFP4'),
  file('model-fp16.gguf', 'F16'),
  file('ggml-model-Q4_K.gguf', 'Q4_K_M'),
  file('ggml-model-Q4_K_M.gguf', 'Q4_K_M'),
];
const folders = [
  file('UD-Q4_K_XL/DeepSeek-V3.1-UD-Q4_K_XL-00001-of-00008.gguf', 'Q4_K_XL'),
  file('Q4_K_M/DeepSeek-V3.1-Q4_K_M-00001-of-00009.gguf', 'Q4_K_M'),
];
const twoModels = [file('small-Q4_K_M.gguf', 'Q4_K_M'), file('large-Q4_K_M.gguf', 'Q4_K_M')];

describe('a folder', () => {
  const inFolders = [
    file('UD-Q2_K/N-UD-Q2_K.gguf', 'Q2_K'),
    file('UD-Q2_K/mmproj-F16.gguf', 'F16', 'projector'),
    file('Q8/a/N-Q8_0.gguf', 'Q8_0'),
    file('Q8/N-Q8_0-b.gguf', 'Q8_0'),
    file('MTP/N-MTP.gguf', 'Q8_0', 'draft'),
  ];
  it.each([
    ['UD-Q2_K', ['UD-Q2_K/N-UD-Q2_K.gguf']],
    ['Q8', ['Q8/a/N-Q8_0.gguf', 'Q8/N-Q8_0-b.gguf']],
    ['Q8/a', ['Q8/a/N-Q8_0.gguf']],
    ['MTP', ['MTP/N-MTP.gguf']],
    ['UD', []],
  ])('%s means the models in it', (path, expected) => {
    const choice = chooseFile(inFolders, { path, tag: null });
    const found = choice.kind === 'file' ? [choice.file] : choice.kind === 'several' ? choice.files : [];
    expect([choice.kind === 'open', found.map((one) => one.path)]).toEqual([false, expected]);
  });
});

describe('chooseFile', () => {
  it.each<[string, readonly TaggedFile[], string, string]>([
    ['unsloth', unsloth, 'Q4_K_M', 'gemma-4-E4B-it-Q4_K_M.gguf'],
    ['unsloth', unsloth, 'UD-Q4_K_M', 'gemma-4-E4B-it-UD-Q4_K_M.gguf'],
    ['unsloth', unsloth, 'ud-q4_k_xl', 'gemma-4-E4B-it-UD-Q4_K_XL.gguf'],
    ['unsloth', unsloth, 'Q4_K_XL', 'gemma-4-E4B-it-UD-Q4_K_XL.gguf'],
    ['unsloth', unsloth, 'Q8_0', 'gemma-4-E4B-it-Q8_0.gguf'],
    ['unsloth', unsloth, 'bf16', 'BF16/gemma-4-E4B-it-BF16-00001-of-00002.gguf'],
    ['unsloth', unsloth, 'mmproj-F16.gguf', 'mmproj-F16.gguf'],
    ['unsloth', unsloth, 'gemma-4-E4B-it-Q8_0', 'gemma-4-E4B-it-Q8_0.gguf'],
    ['byteshape', byteshape, 'IQ4_XS-4.23bpw', 'Qwen3-4B-Instruct-2507-IQ4_XS-4.23bpw.gguf'],
    ['byteshape', byteshape, 'Q5_K_S', 'Qwen3-4B-Instruct-2507-Q5_K_S-5.09bpw.gguf'],
    ['mradermacher', mradermacher, 'Q4_K_M', 'Qwen3-8B.i1-Q4_K_M.gguf'],
    ['mradermacher', mradermacher, 'i1-iq4_xs', 'Qwen3-8B.i1-IQ4_XS.gguf'],
    ['bartowski', bartowski, 'Q8_0', 'Llama-3.3-70B-Instruct-Q8_0/Llama-3.3-70B-Instruct-Q8_0-00001-of-00002.gguf'],
    ['bartowski', bartowski, 'Q4-K-M', 'Llama-3.3-70B-Instruct-Q4_K_M.gguf'],
    ['ggml-org', ggmlOrg, 'MXFP4', 'gpt-oss-20b-mxfp4.gguf'],
    ['ggml-org', ggmlOrg, 'MXFP4_MOE', 'gpt-oss-20b-mxfp4.gguf'],
    ['ggml-org', ggmlOrg, 'F16', 'model-fp16.gguf'],
    ['ggml-org', ggmlOrg, 'Q4_K', 'ggml-model-Q4_K.gguf'],
    ['folders', folders, 'Q4_K_M', 'Q4_K_M/DeepSeek-V3.1-Q4_K_M-00001-of-00009.gguf'],
    ['folders', folders, 'UD-Q4_K_XL', 'UD-Q4_K_XL/DeepSeek-V3.1-UD-Q4_K_XL-00001-of-00008.gguf'],
  ])('%s: %#', (_publisher, files, tag, path) => {
    expect(chooseFile(files, { path: null, tag })).toMatchObject({ kind: 'file', file: { path } });
  });

  it('refuses a tag that several files fit, and names them', () => {
    for (const [files, tag] of [
      [byteshape, 'IQ4_XS'],
      [twoModels, 'Q4_K_M'],
    ] as const) {
      const choice = chooseFile(files, { path: null, tag });
      expect(choice).toEqual({ kind: 'several', files: files.slice(0, 2) });
    }
  });

  it('finds nothing where only another build is there', () => {
    expect(chooseFile(bartowski, { path: null, tag: 'UD-Q4_K_M' })).toEqual({ kind: 'none' });
    expect(chooseFile(unsloth, { path: null, tag: 'F16' })).toEqual({ kind: 'none' });
    expect(chooseFile(unsloth, { path: null, tag: 'Q9_9' })).toEqual({ kind: 'none' });
  });

  it('leaves the choice open without a tag and for `latest`, unless a file has that name', () => {
    expect(chooseFile(unsloth, { path: null, tag: null })).toEqual({ kind: 'open' });
    expect(chooseFile(unsloth, { path: null, tag: 'latest' })).toEqual({ kind: 'open' });
    const named = file('M-latest.gguf', null);
    expect(chooseFile([...unsloth, named], { path: null, tag: 'latest' })).toEqual({ kind: 'file', file: named });
  });

  it('finds a path, also that of a later shard', () => {
    const sharded = {
      ...file('m-00001-of-00002.gguf', null),
      shards: [{ path: 'm-00001-of-00002.gguf' }, { path: 'm-00002-of-00002.gguf' }],
    };
    const choice = { kind: 'file', file: sharded };
    expect(chooseFile([...unsloth, sharded], { path: 'm-00002-of-00002.gguf', tag: null })).toEqual(choice);
    expect(chooseFile(unsloth, { path: 'MMPROJ-F16.gguf', tag: null })).toEqual({ kind: 'none' });
  });
});
