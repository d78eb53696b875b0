import { describe, expect, it } from 'vitest';
import {
  assertSafePath,
  blobPath,
  isSafePath,
  linkTarget,
  lockPath,
  partialPath,
  refPath,
  repoFolder,
  repoIdOfFolder,
  snapshotPath,
} from './cache-paths.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const sha256 = 'ab'.repeat(32);

describe('the layout', () => {
  it('is that of the Python library', () => {
    expect(blobPath('own/na.me', sha256)).toBe(`models--own--na.me/blobs/${sha256}`);
    expect(snapshotPath('own/name', commit, 'sub/x.gguf')).toBe(`models--own--name/snapshots/${commit}/sub/x.gguf`);
    expect(linkTarget('x.gguf', sha256)).toBe(`../../blobs/${sha256}`);
    expect(linkTarget('sub/x.gguf', sha256)).toBe(`../../../blobs/${sha256}`);
    expect(refPath('own/name', 'refs/pr/1')).toBe('models--own--name/refs/refs/pr/1');
    expect(lockPath('own/name', sha256)).toBe(`.locks/models--own--name/${sha256}.hearth.lock`);
    expect(partialPath('own/name', sha256)).toMatch(/\.incomplete$/);
  });

  it('goes from a folder back to the repository', () => {
    for (const repoId of ['own-er/na_me', 'gpt2', 'bert-base-uncased'])
      expect(repoIdOfFolder(repoFolder(repoId))).toBe(repoId);
    for (const folder of ['models--', 'models----x', 'datasets--a--b', '.locks', 'models--..--x', 'models--a--b--c']) {
      expect(repoIdOfFolder(folder)).toBeNull();
    }
  });

  it('takes nothing but hashes and commits where those belong', () => {
    expect(() => blobPath('a/b', '../../x')).toThrow(expect.objectContaining({ code: 'hub.unsafe_name' }));
    expect(() => snapshotPath('a/b', 'main', 'x.gguf')).toThrow(expect.objectContaining({ code: 'hub.unsafe_name' }));
    expect(() => repoFolder('../b')).toThrow(expect.objectContaining({ code: 'hub.unsafe_name' }));
    expect(() => repoFolder('con/b')).toThrow(expect.objectContaining({ code: 'hub.unsafe_name' }));
  });
});

describe('assertSafePath', () => {
  it.each([
    ['a parent', '../x.gguf'],
    ['a parent inside', 'a/../../x.gguf'],
    ['a dot', './x.gguf'],
    ['an absolute path', '/etc/passwd'],
    ['a drive', 'C:/x.gguf'],
    ['a drive without a slash', 'C:x.gguf'],
    ['a stream', 'x.gguf:hidden'],
    ['a backslash', 'a\\..\\x.gguf'],
    ['an empty part', 'a//x.gguf'],
    ['a trailing slash', 'a/'],
    ['nothing', ''],
    ['CON', 'CON'],
    ['NUL with an extension', 'NUL.gguf'],
    ['aux.txt', 'aux.txt'],
    ['a device folder', 'a/com1/x.gguf'],
    ['a device with a space', 'con .gguf'],
    ['a superscript device', 'LPT².gguf'],
    ['a NUL byte', 'x\u0000.gguf'],
    ['a line break', 'x\n.gguf'],
    ['a bidi override', 'x\u202efugg.exe'],
    ['a bidi isolate', 'x\u2066.gguf'],
    ['an invisible space', 'x\u200b.gguf'],
    ['half a surrogate', 'x\ud800.gguf'],
    ['a trailing dot', 'x.gguf.'],
    ['a trailing space', 'x.gguf '],
    ['a folder with a trailing dot', 'a./x.gguf'],
    ['a leading space', ' x.gguf'],
    ['300 characters', `${'x'.repeat(300)}.gguf`],
    ['300 bytes', `${'é'.repeat(150)}.gguf`],
    ['a wildcard', '*.gguf'],
  ])('refuses %s', (_what, path) => {
    expect(() => assertSafePath(path)).toThrow(expect.objectContaining({ code: 'hub.unsafe_name' }));
    expect(isSafePath(path)).toBe(false);
  });

  it.each([
    'x.gguf',
    'a/b/c.gguf',
    '.gitattributes',
    'x y (1).gguf',
    'модель-Q4_0.gguf',
    '模型.gguf',
    'console.gguf',
    'com10.gguf',
    'v1..2.gguf',
  ])('passes %s', (path) => {
    expect(() => assertSafePath(path)).not.toThrow();
  });

  it('says the name without its tricks', () => {
    expect(() => assertSafePath('a\u202eb')).toThrow('"a?b"');
  });
});
