import { describe, expect, it } from 'vitest';
import { loadError } from './load-errors.ts';

describe('loadError', () => {
  it.for([
    ['model.unsupported', "error loading model: unknown model architecture: 'made-up'", 'Failed to load model'],
    ['model.unsupported', "unknown pre-tokenizer type: 'made-up'", 'Failed to load model'],
    [
      'unsupported',
      'V cache type q8_0 with block size 32 does not divide n_embd_head_v=24',
      'Failed to create context',
    ],
    ['engine.out_of_memory', 'ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer', 'Failed'],
    ['engine.out_of_memory', null, 'Failed to create context'],
    ['model.corrupt', 'gguf_init_from_file: invalid magic characters', 'Failed to load model'],
  ] as const)('is %s for: %s', ([code, complaint, thrown]) => {
    const error = loadError(complaint === null ? [] : [complaint], new Error(thrown));
    expect(error.code).toBe(code);
    expect(error.data['reason']).toBe(complaint ?? thrown);
  });

  it('takes the first complaint that says what is wrong, and cuts it to a length that fits on a page', () => {
    const reason = `failed: ${'x'.repeat(1000)}`;
    expect(loadError(['loading tensors', reason], 'thrown').data['reason']).toBe(reason.slice(0, 300));
    expect(loadError([], 'thrown as a text').data['reason']).toBe('thrown as a text');
  });
});
