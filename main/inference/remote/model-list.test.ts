import { expect, it } from 'vitest';
import { readModelList } from './model-list.ts';

it('takes the size that a model of another Hearth was trained for as no size of a context', () => {
  const entry = { id: 'm', owned_by: 'hearth', max_model_len: 131_072, context_length: 131_072 };
  const sizeOf = (hearth: object) => readModelList({ data: [{ ...entry, hearth }] })?.models[0]?.contextSize;
  expect(sizeOf({ loaded_context_size: null })).toBeNull();
  expect(sizeOf({ loaded_context_size: 8192 })).toBe(8192);
});
