import { describe, expect, it } from 'vitest';
import { href, parseHash, type Route } from './router.ts';

describe('router', () => {
  const routes: [string, Route][] = [
    ['#/chat', { screen: 'chat', chatId: null }],
    ['#/chat/0198-abc', { screen: 'chat', chatId: '0198-abc' }],
    ['#/new/o/n/a%20b/c.gguf', { screen: 'chat', chatId: null, modelId: 'o/n/a b/c.gguf' }],
    ['#/models/discover', { screen: 'models', tab: 'discover', repoId: null }],
    ['#/models/discover/Qwen/Qwen3-0.6B-GGUF', { screen: 'models', tab: 'discover', repoId: 'Qwen/Qwen3-0.6B-GGUF' }],
    ['#/models/discover/gpt2', { screen: 'models', tab: 'discover', repoId: 'gpt2' }],
    ['#/models/local', { screen: 'models', tab: 'local', repoId: null }],
    ['#/models/storage', { screen: 'models', tab: 'storage', repoId: null }],
    ['#/models/quality', { screen: 'models', tab: 'quality', subject: null }],
    ['#/models/quality/o/n/a.gguf', { screen: 'models', tab: 'quality', subject: 'o/n/a.gguf' }],
    ['#/models/tokenizer', { screen: 'models', tab: 'tokenizer', subject: null }],
    ['#/models/tokenizer/gpt2', { screen: 'models', tab: 'tokenizer', subject: 'gpt2' }],
    ['#/models/tokenizer/o/n/a%20b.gguf', { screen: 'models', tab: 'tokenizer', subject: 'o/n/a b.gguf' }],
    ['#/notebook', { screen: 'notebook', documentId: null }],
    ['#/notebook/0198-abc', { screen: 'notebook', documentId: '0198-abc' }],
    ['#/server', { screen: 'server', tab: 'activity' }],
    ['#/server/keys', { screen: 'server', tab: 'keys' }],
    ['#/settings', { screen: 'settings' }],
    ['#/settings/network', { screen: 'settings', section: 'network' }],
    ['#/settings/hub/meta-llama/Llama-3', { screen: 'settings', section: 'hub', forRepoId: 'meta-llama/Llama-3' }],
    ['#/settings/hub/gpt2', { screen: 'settings', section: 'hub', forRepoId: 'gpt2' }],
  ];

  it.each(routes)('reads and writes %s', (hash, route) => {
    expect(parseHash(hash)).toEqual(route);
    expect(href(route)).toBe(hash);
  });

  it('shows the chat for an unknown hash', () => {
    for (const hash of ['', '#', '#/', '#/new', '#/nowhere', '#main'])
      expect(parseHash(hash)).toEqual({ screen: 'chat', chatId: null });
  });

  it('shows all settings for an unknown section', () => {
    expect(parseHash('#/settings/nowhere/a/b')).toEqual({ screen: 'settings' });
  });

  it('keeps a lone percent sign', () => {
    expect(parseHash('#/chat/100%')).toEqual({ screen: 'chat', chatId: '100%' });
  });
});
