import { expect, it } from 'vitest';
import { parseAddress } from './address.ts';
import { remoteModelId } from './model-ids.ts';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import { isRemoteModelId, parseRemoteModelId } from '../../../preload/contract/remote-model-id.ts';
import { isRepoId } from '../../../preload/contract/model-reference.ts';

it.each([
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080', ['http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080']],
  ['http://host:8000/v1/', 'http://host:8000', ['http://host:8000/v1']],
  ['https://api.example.com/v1/chat/completions', 'https://api.example.com', ['https://api.example.com/v1']],
  [
    'https://example.com/openai/models',
    'https://example.com/openai',
    ['https://example.com/openai/v1', 'https://example.com/openai'],
  ],
  ['https://g.example.com/v1beta', 'https://g.example.com', ['https://g.example.com/v1beta']],
  ['localhost:11434', 'http://localhost:11434', ['http://localhost:11434/v1', 'http://localhost:11434']],
  ['example.com', 'https://example.com', ['https://example.com/v1', 'https://example.com']],
])('reads %s as people write it', (text, root, apis) => {
  expect(parseAddress(text)).toMatchObject({ root, apis });
});

it.each([
  ['', 'address'],
  ['ftp://host', 'address'],
  ['file:///etc/passwd', 'address'],
  ['http://', 'address'],
  ['not an address', 'address'],
  ['https://name:password@host/v1', 'address_password'],
  ['https://host/v1?key=abc', 'address_query'],
  ['https://host/#a', 'address_query'],
])('refuses %s', (text, reason) => {
  expect(() => parseAddress(text)).toThrow(
    expect.objectContaining({ code: 'invalid_input', data: { field: 'address', reason } }),
  );
});

it('tells what leaves this computer, and what can be read on the way', () => {
  for (const own of ['http://localhost:1', 'http://127.0.0.1', 'http://[::1]:9'])
    expect(parseAddress(own)).toMatchObject({ isLoopback: true, isUnencrypted: false });
  // A name that only looks like it, and an address that is reached through a proxy where one is set.
  for (const other of ['http://localhost.example.com', 'http://127.0.0.2', 'http://192.168.1.5:8000'])
    expect(parseAddress(other)).toMatchObject({ isLoopback: false, isUnencrypted: true });
  expect(parseAddress('https://gpu.example.com')).toMatchObject({ isLoopback: false, isUnencrypted: false });
});

it.each([
  'gpt-4o',
  'Qwen/Qwen3-8B',
  'llava:7b',
  '/data/models/a.gguf',
  'a//b',
  '../../etc/passwd',
  'a/./b/..',
  'back\\slash',
  '100%',
  '%2F',
  'line\nbreak',
  'ends/',
  '/',
  '///',
  'größe 😀',
])('gives the model %j an id that fits, and finds its name again', (name) => {
  const id = remoteModelId('gpu-box', name) ?? '';
  expect(modelIdSchema.safeParse(id).success).toBe(true);
  expect(isRemoteModelId(id)).toBe(true);
  expect(parseRemoteModelId(id)).toEqual({ providerId: 'gpu-box', name });
});

it('gives no id to what cannot have one, and none that a repository of the Hub could have', () => {
  expect(remoteModelId('a', '')).toBeNull();
  expect(remoteModelId('a', 'x'.repeat(700))).toBeNull();
  expect(remoteModelId('a', '\ud800')).toBeNull();
  const id = remoteModelId('a', 'b') ?? '';
  expect(isRepoId(id)).toBe(false);
  expect(parseRemoteModelId('owner/name/file.gguf')).toBeNull();
});
