import { describe, expect, it } from 'vitest';
import { isRepoId, parseModelReference } from './model-reference.ts';

const none = { revision: null, path: null, tag: null, isAddress: false };

describe('parseModelReference', () => {
  it.each([
    ['Qwen/Qwen3-4B-GGUF', { repoId: 'Qwen/Qwen3-4B-GGUF' }],
    ['  Qwen/Qwen3-4B-GGUF/ ', { repoId: 'Qwen/Qwen3-4B-GGUF' }],
    ['Qwen/Qwen3-4B-GGUF:q4_k_m', { repoId: 'Qwen/Qwen3-4B-GGUF', tag: 'q4_k_m' }],
    ['unsloth/X-GGUF:UD-Q4_K_XL', { repoId: 'unsloth/X-GGUF', tag: 'UD-Q4_K_XL' }],
    ['a/b/BF16/m-00001-of-00002.gguf', { repoId: 'a/b', path: 'BF16/m-00001-of-00002.gguf' }],
    // A percent sign is one in a plain name, and an escape in an address.
    ['a/b/Q4%25-x%20y.gguf', { repoId: 'a/b', path: 'Q4%25-x%20y.gguf' }],
    [
      'https://huggingface.co/a/b/resolve/main/Q4%2525.gguf?download=true',
      { repoId: 'a/b', revision: 'main', path: 'Q4%25.gguf', isAddress: true },
    ],
    ['a/b:latest', { repoId: 'a/b', tag: 'latest' }],
    ['hf.co/a/b:latest', { repoId: 'a/b', tag: 'latest', isAddress: true }],
    ['hf.co/a/b:x-100%25.gguf', { repoId: 'a/b', tag: 'x-100%25.gguf', isAddress: true }],
    ['a/b:BF16/m-00001-of-00002.gguf', { repoId: 'a/b', tag: 'BF16/m-00001-of-00002.gguf' }],
    ['https://huggingface.co/a/b/d/x.gguf', { repoId: 'a/b', path: 'd/x.gguf', isAddress: true }],
    ['https://huggingface.co/a/b', { repoId: 'a/b', isAddress: true }],
    ['huggingface.co/a/b', { repoId: 'a/b', isAddress: true }],
    ['hf.co/a/b:Q8_0', { repoId: 'a/b', tag: 'Q8_0', isAddress: true }],
    ['https://huggingface.co/a/b/tree/main', { repoId: 'a/b', revision: 'main', isAddress: true }],
    ['https://huggingface.co/a/b/tree/main/BF16', { repoId: 'a/b', revision: 'main', path: 'BF16', isAddress: true }],
    ['https://huggingface.co/a/b/tree/main/BF16/', { repoId: 'a/b', revision: 'main', path: 'BF16', isAddress: true }],
    ['https://huggingface.co/a/b/UD-Q2_K', { repoId: 'a/b', path: 'UD-Q2_K', isAddress: true }],
    ['https://huggingface.co/a/b/commit/9f0c', { repoId: 'a/b', revision: '9f0c', isAddress: true }],
    ['https://huggingface.co/a/b/tree/v1', { repoId: 'a/b', revision: 'v1', isAddress: true }],
    // The revisions of huggingface_hub's SPECIAL_REFS_REVISION_REGEX.
    [
      'https://huggingface.co/a/b/resolve/refs/pr/3/UD-Q2_K/N.gguf',
      { repoId: 'a/b', revision: 'refs/pr/3', path: 'UD-Q2_K/N.gguf', isAddress: true },
    ],
    [
      'https://huggingface.co/a/b/resolve/refs%2Fpr%2F3/N.gguf',
      { repoId: 'a/b', revision: 'refs/pr/3', path: 'N.gguf', isAddress: true },
    ],
    [
      'https://huggingface.co/a/b/tree/refs/convert/gguf',
      { repoId: 'a/b', revision: 'refs/convert/gguf', isAddress: true },
    ],
    [
      'https://huggingface.co/a/b/blob/refs/x.gguf',
      { repoId: 'a/b', revision: 'refs', path: 'x.gguf', isAddress: true },
    ],
    [
      'https://huggingface.co/a/b/blob/main/x%20y.gguf',
      { repoId: 'a/b', revision: 'main', path: 'x y.gguf', isAddress: true },
    ],
    [
      'https://huggingface.co/a/b/resolve/v1/d/x.gguf?download=true',
      { repoId: 'a/b', revision: 'v1', path: 'd/x.gguf', isAddress: true },
    ],
    ['https://huggingface.co/a/b?show_file_info=x.gguf#top', { repoId: 'a/b', path: 'x.gguf', isAddress: true }],
    ['https://huggingface.co/a/b/discussions/3', { repoId: 'a/b', isAddress: true }],
    ['https://huggingface.co/Qwen/', { repoId: 'Qwen', isAddress: true }],
    ['huggingface.co/gpt2', { repoId: 'gpt2', isAddress: true }],
    ['http://127.0.0.1:4567/a/b', { repoId: 'a/b', isAddress: true }],
    ['https://mirror.example/hub/a/b/', { repoId: 'a/b', isAddress: true }],
  ])('%s', (text, expected) => {
    expect(parseModelReference(text, ['http://127.0.0.1:4567', 'https://mirror.example/hub/'])).toEqual({
      ...none,
      ...expected,
    });
  });

  it.each([
    'qwen',
    'qwen 3 / small',
    'https://example.com/a/b',
    'https://huggingface.co/datasets/a/b',
    'https://huggingface.co/datasets',
    'https://huggingface.co/',
    'https://huggingface.co/models?search=x',
    'a/b: small',
    'a/b:',
    'a/b:Q8_0/more',
    '../b',
    'a/../b',
    '/a/b',
    'a//b',
    'a/b%zz/c',
    'https://huggingface.co/a/b/resolve/main/x%zz.gguf',
    'https://huggingface.co/%2e%2e/b',
  ])('%s is none', (text) => {
    expect(parseModelReference(text)).toBeNull();
  });
});

describe('isRepoId', () => {
  it('knows the limits of the Hub', () => {
    expect(isRepoId(`${'a'.repeat(96)}/${'b'.repeat(96)}`)).toBe(true);
    expect(isRepoId(`${'a'.repeat(97)}/b`)).toBe(false);
    for (const bad of ['a/b--c', 'a/b..c', '.a/b', '-a/b', 'a/b/c', '', 'a b', '/a', 'a/', 'a/b\n'])
      expect(isRepoId(bad)).toBe(false);
  });
});
