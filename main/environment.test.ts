import { describe, expect, it } from 'vitest';
import { readEnvironment } from './environment.ts';

const read = (env: NodeJS.ProcessEnv) => readEnvironment(env, '/home/ada', 'linux');

describe('readEnvironment', () => {
  it('has the defaults of the Hugging Face tools', () => {
    expect(read({})).toEqual({
      dataFolder: '/home/ada/.local/share/hearth',
      cacheFolder: null,
      defaultCacheFolder: '/home/ada/.cache/huggingface/hub',
      hubEndpoint: 'https://huggingface.co',
      hubToken: null,
      hubTokenFile: '/home/ada/.cache/huggingface/token',
      offline: false,
      temporaryCache: false,
      warnings: [],
    });
  });
  it('takes the cache folder in the order of the variables', () => {
    const all = { HEARTH_CACHE_DIR: '/a', HF_HUB_CACHE: '/b', HF_HOME: '/c' };
    expect(read(all).cacheFolder).toEqual({ variable: 'HEARTH_CACHE_DIR', path: '/a' });
    expect(read({ ...all, HEARTH_CACHE_DIR: '' }).cacheFolder).toEqual({ variable: 'HF_HUB_CACHE', path: '/b' });
    expect(read({ HF_HOME: '~/hf' }).cacheFolder).toEqual({ variable: 'HF_HOME', path: '/home/ada/hf/hub' });
  });
  it('names what it does not know or cannot use', () => {
    const { warnings, offline, hubEndpoint } = read({
      HEARTH_CACHE: '/x',
      HEARTH_OFFLINE: 'maybe',
      HF_ENDPOINT: 'mirror',
    });
    expect(warnings).toHaveLength(3);
    for (const name of ['HEARTH_CACHE is set', 'HEARTH_OFFLINE is "maybe"', 'HF_ENDPOINT is not'])
      expect(warnings.some((warning) => warning.startsWith(name))).toBe(true);
    expect(offline).toBe(false);
    expect(hubEndpoint).toBe('https://huggingface.co');
  });
  it('reads switches and a mirror', () => {
    expect(read({ HEARTH_OFFLINE: '1', HEARTH_NO_CACHE: 'true', HF_ENDPOINT: 'http://127.0.0.1:9/' })).toMatchObject({
      offline: true,
      temporaryCache: true,
      hubEndpoint: 'http://127.0.0.1:9',
    });
  });
});
