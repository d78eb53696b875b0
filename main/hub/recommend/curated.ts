/**
 * The models from which the recommendation for a new user begins, best quality first: openly licensed chat models that their makers or
 * llama.cpp's own organization publish as GGUF. Sizes and licenses are those of the repositories in November 2026.
 */
import type { CuratedModel } from '../../../preload/contract/hub.ts';

export interface CuratedEntry {
  /** The key of its reason, which the page has in words. */
  readonly key: CuratedModel;
  readonly repoId: string;
  /** The file to count with before the Hub has answered. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly quantization: string;
  readonly license: string;
  readonly parameterCount: number;
  /** Parameters that one token passes: all of them, but of a mixture's experts only those chosen for it. */
  readonly activeParameterCount: number;
  readonly contextLength: number;
}

const dense = (entry: Omit<CuratedEntry, 'activeParameterCount'>): CuratedEntry => ({
  ...entry,
  activeParameterCount: entry.parameterCount,
});

export const curatedModels: readonly CuratedEntry[] = [
  {
    key: 'qwen3_30b_a3b',
    repoId: 'Qwen/Qwen3-30B-A3B-GGUF',
    path: 'Qwen3-30B-A3B-Q4_K_M.gguf',
    sizeBytes: 18_556_685_824,
    quantization: 'Q4_K_M',
    license: 'apache-2.0',
    parameterCount: 30.5e9,
    activeParameterCount: 3.3e9,
    contextLength: 32_768,
  },
  {
    key: 'gpt_oss_20b',
    repoId: 'ggml-org/gpt-oss-20b-GGUF',
    path: 'gpt-oss-20b-mxfp4.gguf',
    sizeBytes: 12_109_566_560,
    quantization: 'MXFP4',
    license: 'apache-2.0',
    parameterCount: 20.9e9,
    activeParameterCount: 3.6e9,
    contextLength: 131_072,
  },
  dense({
    key: 'qwen3_14b',
    repoId: 'Qwen/Qwen3-14B-GGUF',
    path: 'Qwen3-14B-Q4_K_M.gguf',
    sizeBytes: 9_001_752_960,
    quantization: 'Q4_K_M',
    license: 'apache-2.0',
    parameterCount: 14.8e9,
    contextLength: 32_768,
  }),
  dense({
    key: 'qwen3_8b',
    repoId: 'Qwen/Qwen3-8B-GGUF',
    path: 'Qwen3-8B-Q4_K_M.gguf',
    sizeBytes: 5_027_783_488,
    quantization: 'Q4_K_M',
    license: 'apache-2.0',
    parameterCount: 8.2e9,
    contextLength: 32_768,
  }),
  dense({
    key: 'qwen3_4b',
    repoId: 'Qwen/Qwen3-4B-GGUF',
    path: 'Qwen3-4B-Q4_K_M.gguf',
    sizeBytes: 2_497_280_256,
    quantization: 'Q4_K_M',
    license: 'apache-2.0',
    parameterCount: 4.0e9,
    contextLength: 32_768,
  }),
  dense({
    key: 'smollm3_3b',
    repoId: 'ggml-org/SmolLM3-3B-GGUF',
    path: 'SmolLM3-Q4_K_M.gguf',
    sizeBytes: 1_915_305_312,
    quantization: 'Q4_K_M',
    license: 'apache-2.0',
    parameterCount: 3.1e9,
    contextLength: 65_536,
  }),
  dense({
    key: 'qwen3_1_7b',
    repoId: 'Qwen/Qwen3-1.7B-GGUF',
    path: 'Qwen3-1.7B-Q8_0.gguf',
    sizeBytes: 1_834_426_016,
    quantization: 'Q8_0',
    license: 'apache-2.0',
    parameterCount: 1.7e9,
    contextLength: 32_768,
  }),
  dense({
    key: 'qwen2_5_1_5b',
    repoId: 'Qwen/Qwen2.5-1.5B-Instruct-GGUF',
    path: 'qwen2.5-1.5b-instruct-q4_k_m.gguf',
    sizeBytes: 1_117_320_736,
    quantization: 'Q4_K_M',
    license: 'apache-2.0',
    parameterCount: 1.5e9,
    contextLength: 32_768,
  }),
  dense({
    key: 'qwen3_0_6b',
    repoId: 'Qwen/Qwen3-0.6B-GGUF',
    path: 'Qwen3-0.6B-Q8_0.gguf',
    sizeBytes: 639_446_688,
    quantization: 'Q8_0',
    license: 'apache-2.0',
    parameterCount: 0.6e9,
    contextLength: 32_768,
  }),
];
