import { describe, expect, it } from 'vitest';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import {
  activeFilters,
  addPage,
  firstRequest,
  foreignHost,
  namesOneRepository,
  readAuthor,
  readReference,
  requestKey,
  withoutFilter,
} from './search-request.ts';

const model = (repoId: string): HubModelSummary => ({ repoId }) as HubModelSummary;

describe('addPage', () => {
  it('shows a model once although the order changed between the pages', () => {
    const models = addPage([model('a/1'), model('a/2')], [model('a/2'), model('a/3')]);
    expect(models.map((one) => one.repoId)).toEqual(['a/1', 'a/2', 'a/3']);
  });
});

describe('foreignHost', () => {
  const mirror = 'https://hub.mirror.example:8443/hf';
  it.each([
    ['https://example.com/owner/name', 'example.com'],
    [' http://example.com:81/x ', 'example.com:81'],
    ['https://huggingface.co/owner/name', null],
    ['https://hf.co/owner/name', null],
    ['https://hub.mirror.example:8443/hf/owner/name', null],
    ['owner/name', null],
    ['hf:owner/name', null],
    ['https://', null],
    ['what is https://example.com', null],
  ])('of %j is %j', (text, host) => {
    expect(foreignHost(text, mirror)).toBe(host);
  });
});

describe('requestKey', () => {
  it('does not ask again for a space at the end', () => {
    expect(requestKey({ ...firstRequest, query: 'qwen ' })).toBe(requestKey({ ...firstRequest, query: 'qwen' }));
    expect(requestKey({ ...firstRequest, sort: 'likes' })).not.toBe(requestKey(firstRequest));
  });
});

describe('filters', () => {
  const narrow = { ...firstRequest, query: 'x', author: 'ada', library: 'any' as const };
  it('are active when they differ from the defaults, and can be removed one by one or all at once', () => {
    expect(activeFilters(firstRequest)).toEqual([]);
    expect(activeFilters(narrow)).toEqual(['author', 'library']);
    expect({ ...narrow, ...withoutFilter('author') }).toEqual({ ...narrow, author: null });
    expect({ ...narrow, ...withoutFilter('all') }).toEqual({ ...firstRequest, query: 'x' });
  });
  it('give different requests', () => {
    expect(requestKey(narrow)).not.toBe(requestKey({ ...narrow, author: 'bob' }));
  });
  it.each([
    ['bartowski', 'bartowski'],
    [' @bartowski/ ', 'bartowski'],
    ['two words', null],
    ['', null],
  ])('reads the author %j as %j', (text, author) => expect(readAuthor(text)).toBe(author));
});

const none = { revision: null, path: null, tag: null, isAddress: false };

describe('readReference', () => {
  it.each([
    ['owner/Name-GGUF:Q4_K_M', { ...none, repoId: 'owner/Name-GGUF', tag: 'Q4_K_M' }],
    ['https://hf.co/owner/name', { ...none, repoId: 'owner/name', isAddress: true }],
    [
      'https://hf.co/owner/name/blob/main/folder/a%20b.gguf?download=true',
      { ...none, repoId: 'owner/name', revision: 'main', path: 'folder/a b.gguf', isAddress: true },
    ],
    [
      'https://mirror.example/owner/name/blob/main/a%2525.gguf',
      { ...none, repoId: 'owner/name', revision: 'main', path: 'a%25.gguf', isAddress: true },
    ],
    ['small and fast', null],
    ['what: is/this now', null],
  ])('%s', (text, expected) => expect(readReference(text)).toEqual(expected));
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
