import { describe, expect, it } from 'vitest';
import { ggufProblem, readImportAnswer } from './import-answer.ts';

describe('ggufProblem', () => {
  it('accepts GGUF files, and says what is wrong with others', () => {
    expect(ggufProblem('Model.GGUF', true)).toBeNull();
    expect(ggufProblem('photo.png', false)?.code).toBe('unsupported');
    expect(ggufProblem('model.gguf', false)?.code).toBe('model.corrupt');
  });
});

describe('readImportAnswer', () => {
  it('reads the model, the error, and an answer that is neither', () => {
    expect(readImportAnswer(200, '{"modelId":"imported/a/a.gguf"}')).toEqual({
      modelId: 'imported/a/a.gguf',
      error: null,
    });
    expect(readImportAnswer(200, '').error).toBeNull();
    expect(readImportAnswer(507, '{"error":{"code":"disk.full","message":"x"}}').error?.code).toBe('disk.full');
    expect(readImportAnswer(502, '<html>').error?.data).toEqual({ status: 502 });
  });
});
