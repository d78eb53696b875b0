import { describe, expect, it } from 'vitest';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import { addPage, firstRequest, namesOneRepository, requestKey } from './search-request.ts';

const model = (repoId: string): HubModelSummary => ({ repoId }) as HubModelSummary;

describe('addPage', () => {
  it('shows a model once although the order moved between the pages', () => {
    const models = addPage([model('a/1'), model('a/2')], [model('a/2'), model('a/3')]);
    expect(models.map((one) => one.repoId)).toEqual(['a/1', 'a/2', 'a/3']);
  });
});

describe('requestKey', () => {
  it('does not ask again for a space at the end', () => {
    expect(requestKey({ ...firstRequest, query: 'qwen ' })).toBe(requestKey({ ...firstRequest, query: 'qwen' }));
    expect(requestKey({ ...firstRequest, sort: 'likes' })).not.toBe(requestKey(firstRequest));
  });
});

describe('namesOneRepository', () => {
  it.each([
    ['https://huggingface.co/owner/name', true],
    ['https://huggingface.co/owner/name/blob/main/file.gguf', true],
    ['owner/Name-1.5B-GGUF', true],
    ['owner', false],
    ['small / fast', false],
    ['https://huggingface.co/models', false],
  ])('%s: %s', (text, expected) => expect(namesOneRepository(text)).toBe(expected));
});
