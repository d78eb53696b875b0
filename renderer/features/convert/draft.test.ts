import { describe, expect, it } from 'vitest';
import { emptyDraft, matrixOf, optionsOf, problemOf, type Draft } from './draft.ts';

const draft = (change: Partial<Draft> = {}): Draft => ({ ...emptyDraft, type: 'Q4_K_M', ...change });
const plain = { type: 'Q4_K_M', imatrix: 'helps' } as const;
const needing = { type: 'IQ2_XXS', imatrix: 'required' } as const;
const model = { layerCount: 4, isQuantized: false };

describe('what was chosen for a conversion', () => {
  it('takes an importance matrix from the included text where the output needs one and none was chosen', () => {
    expect(matrixOf(draft(), plain)).toBe('none');
    expect(matrixOf(draft(), needing)).toBe('default');
    expect(matrixOf(draft({ matrix: 'none' }), needing)).toBe('default');
    expect(matrixOf(draft({ matrix: 'own' }), needing)).toBe('own');
    expect(optionsOf(draft(), needing, 4).imatrix).toEqual({ kind: 'text', text: null });
  });

  it('says which field keeps it from being started', () => {
    expect(problemOf(draft(), plain, model)).toBeNull();
    expect(problemOf(draft({ matrix: 'own', matrixText: ' \n' }), plain, model)).toBe('matrix_text');
    expect(problemOf(draft({ matrix: 'own', matrixText: 'a'.repeat(4_000_001) }), plain, model)).toBe(
      'matrix_text_long',
    );
    expect(problemOf(draft({ matrix: 'file' }), plain, model)).toBe('matrix_file');
    expect(problemOf(draft({ prune: '4' }), plain, model)).toBe('prune');
    const rule = (pattern: string): Draft => draft({ rules: [{ key: 1, pattern, type: 'Q8_0' }] });
    expect(problemOf(rule('('), plain, model)).toBe('rules');
    expect(problemOf(rule(''), plain, model)).toBe('rule_empty');
    expect(problemOf(rule('attn_v'), plain, model)).toBeNull();
    expect(problemOf(draft(), plain, { ...model, isQuantized: true })).toBe('requantize');
    expect(problemOf(draft({ allowRequantize: true }), plain, { ...model, isQuantized: true })).toBeNull();
  });

  it('asks for what was chosen', () => {
    const options = optionsOf(draft({ rules: [{ key: 7, pattern: 'attn_v', type: 'Q6_K' }], prune: '1-2' }), plain, 4);
    expect(options).toMatchObject({
      tensorTypes: [{ pattern: 'attn_v', type: 'Q6_K' }],
      pruneLayers: [1, 2],
      imatrix: { kind: 'none' },
    });
  });

  it('collects no importance matrix for an output that makes no use of one', () => {
    const chosen = draft({ type: 'F16', matrix: 'default' });
    const half = { type: 'F16', imatrix: 'unneeded' } as const;
    expect(matrixOf(chosen, half)).toBe('none');
    expect(optionsOf(chosen, half, 4).imatrix).toEqual({ kind: 'none' });
    // Some of its tensors are quantized after all.
    expect(matrixOf({ ...chosen, outputTensorType: 'Q4_K' }, half)).toBe('default');
    expect(matrixOf(chosen, { type: 'Q8_0', imatrix: 'unneeded' })).toBe('default');
  });
});
