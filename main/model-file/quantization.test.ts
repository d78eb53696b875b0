import { describe, expect, it } from 'vitest';
import {
  canonicalQuantization,
  compareQuantizations,
  nominalBitsPerWeight,
  quantizationFromFileName,
  quantizations,
} from './quantization.ts';

describe('quantizationFromFileName', () => {
  it.each([
    ['Qwen3-4B-Q4_K_M.gguf', 'Q4_K_M'],
    ['qwen2.5-0.5b-instruct-q4_k_m.gguf', 'Q4_K_M'],
    ['Model.Q4_K_M.gguf', 'Q4_K_M'],
    ['Qwen3-4B-UD-Q4_K_XL.gguf', 'Q4_K_XL'],
    ['Llama-3.2-1B.i1-IQ2_M.gguf', 'IQ2_M'],
    ['model.fp16.gguf', 'F16'],
    ['model-f32.gguf', 'F32'],
    ['gemma-BF16.gguf', 'BF16'],
    ['gpt-oss-20b-mxfp4.gguf', 'MXFP4'],
    ['gpt-oss-20b-MXFP4_MOE.gguf', 'MXFP4'],
    ['bitnet-TQ1_0.gguf', 'TQ1_0'],
    ['x-IQ3_XXS.gguf', 'IQ3_XXS'],
    ['x-IQ4_NL.gguf', 'IQ4_NL'],
    ['x-Q6_K.gguf', 'Q6_K'],
    ['x-Q6_K_L.gguf', 'Q6_K_L'],
    ['x-Q5_0.gguf', 'Q5_0'],
    ['x-Q4-K-M.gguf', 'Q4_K_M'],
    ['Q8_0/model-Q8_0-00001-of-00003.gguf', 'Q8_0'],
    ['BF16/model-00001-of-00002.gguf', 'BF16'],
    ['UD-IQ1_S/model-00001-of-00002.gguf', 'IQ1_S'],
    ['Q8_0/draft-Q4_0.gguf', 'Q4_0'],
    ['distilled-from-F16-Q5_K_S.gguf', 'Q5_K_S'],
    ['mmproj-model-f16.gguf', 'F16'],
    ['ember-3M-Q8_0.gguf', 'Q8_0'],
  ])('%s is %s', (name, quantization) => {
    expect(quantizationFromFileName(name)).toBe(quantization);
  });

  it.each([
    'model.gguf',
    'F16xyz.gguf',
    'SQ4_K_M.gguf',
    'Q4_K_Medium.gguf',
    'Q9.gguf',
    '',
    'F1600.gguf',
    'Q4_K_MX.gguf',
  ])('%s tells none', (name) => {
    expect(quantizationFromFileName(name)).toBeNull();
  });

  it('stays fast on a hostile name', () => {
    // The processor's time: what a busy machine takes for itself is not ours.
    const before = process.cpuUsage();
    quantizationFromFileName('Q4_K_'.repeat(50_000));
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
  });
});

describe('the table', () => {
  it('goes from more to fewer bits and has no name twice', () => {
    const bits = quantizations.map((quantization) => quantization.bitsPerWeight);
    expect(bits).toEqual([...bits].sort((a, b) => b - a));
    expect(new Set(quantizations.map((quantization) => quantization.name)).size).toBe(quantizations.length);
  });

  it('reads spellings', () => {
    expect(canonicalQuantization('q4_k_m')).toBe('Q4_K_M');
    expect(canonicalQuantization('UD-Q4_K_XL')).toBe('Q4_K_XL');
    expect(canonicalQuantization('constructor')).toBeNull();
    expect(canonicalQuantization('Q4_K')).toBe('Q4_K_M');
    expect(nominalBitsPerWeight('Q8_0')).toBe(8.5);
    expect(nominalBitsPerWeight('odd')).toBeNull();
  });

  it('sorts unknown names last', () => {
    expect([null, 'Q4_K_M', 'odd', 'F16', 'IQ1_S'].sort(compareQuantizations)).toEqual([
      'F16',
      'Q4_K_M',
      'IQ1_S',
      null,
      'odd',
    ]);
  });
});

it('takes the folder nearest to the file', () => {
  expect(quantizationFromFileName('F16/Q4_K_M/model.gguf')).toBe('Q4_K_M');
});
