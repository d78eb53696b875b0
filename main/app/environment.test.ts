import { describe, expect, it } from 'vitest';
import { readEnvironment, warningText } from './environment.ts';

/** The warnings as a terminal shows them. */
const read = (env: NodeJS.ProcessEnv) => {
  const environment = readEnvironment(env, '/home/ada', 'linux');
  return { ...environment, warnings: environment.warnings.map(warningText) };
};

describe('readEnvironment', () => {
  it('has the defaults of the Hugging Face tools', () => {
    expect(read({})).toEqual({
      dataFolder: '/home/ada/.local/share/hearth',
      cacheFolder: null,
      defaultCacheFolder: '/home/ada/.cache/huggingface/hub',
      hubEndpoint: 'https://huggingface.co',
      network: { hubEndpoint: null, proxy: null, httpProxy: null, noProxy: null, certificatesFile: null },
      hubToken: null,
      logLevel: 'info',
      inspectChildPort: null,
      hubTokenFile: '/home/ada/.cache/huggingface/token',
      offline: false,
      temporaryCache: false,
      programs: { home: '/home/ada', platform: 'linux', env: {} },
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
  it('reads proxy and certificates, and says by which variable', () => {
    expect(
      read({ https_proxy: 'proxy.example:3128', NO_PROXY: 'localhost', REQUESTS_CA_BUNDLE: import.meta.filename })
        .network,
    ).toEqual({
      hubEndpoint: null,
      proxy: { variable: 'https_proxy', value: 'http://proxy.example:3128' },
      httpProxy: null,
      noProxy: 'localhost',
      certificatesFile: { variable: 'REQUESTS_CA_BUNDLE', value: import.meta.filename },
    });
    expect(
      read({
        http_proxy: 'http://a.example:1',
        HTTP_PROXY: 'http://b.example:2',
        HTTPS_PROXY: 'c.example',
        no_proxy: 'x',
      }).network,
    ).toMatchObject({
      proxy: { variable: 'HTTPS_PROXY', value: 'http://c.example' },
      httpProxy: { variable: 'http_proxy', value: 'http://a.example:1' },
      noProxy: 'x',
    });
    expect(read({ ALL_PROXY: 'http://all.example:1', http_proxy: 'http://a.example:2' }).network).toMatchObject({
      proxy: { variable: 'ALL_PROXY', value: 'http://all.example:1' },
      httpProxy: { variable: 'http_proxy', value: 'http://a.example:2' },
    });
    expect(read({ ALL_PROXY: 'socks5://all.example:1' }).warnings).toEqual([
      'ALL_PROXY is not a web address and is not used.',
    ]);
    expect(read({ SSL_CERT_FILE: '~/gone.pem' })).toMatchObject({
      network: { certificatesFile: null },
      warnings: ['SSL_CERT_FILE names a file that cannot be read and is not used.'],
    });
    expect(read({ HTTPS_PROXY: 'socks5://proxy.example' })).toMatchObject({
      network: { proxy: null },
      warnings: ['HTTPS_PROXY is not a web address and is not used.'],
    });
  });
  it('reads the port of a debugger', () => {
    expect(read({ HEARTH_INSPECT_CHILD: '9230' })).toMatchObject({ inspectChildPort: 9230, warnings: [] });
    expect(read({ HEARTH_INSPECT_CHILD: '99999' })).toMatchObject({
      inspectChildPort: null,
      warnings: ['HEARTH_INSPECT_CHILD is "99999", which is no port.'],
    });
  });
  it('reads how much the log says', () => {
    expect(read({ HEARTH_LOG_LEVEL: 'Debug' })).toMatchObject({ logLevel: 'debug', warnings: [] });
    expect(read({ HEARTH_LOG_LEVEL: 'loud' })).toMatchObject({
      logLevel: 'info',
      warnings: ['HEARTH_LOG_LEVEL is "loud"; error, warn, info, debug are expected. It is taken as info.'],
    });
  });
  it('gives a warning as a code with its facts', () => {
    const { warnings } = readEnvironment({ HEARTH_OFFLINE: 'maybe', HF_ENDPOINT: 'mirror' }, '/home/ada', 'linux');
    expect(warnings).toEqual([
      { code: 'not_a_web_address', variable: 'HF_ENDPOINT' },
      { code: 'not_a_switch', variable: 'HEARTH_OFFLINE', value: 'maybe' },
    ]);
  });
  it('reads switches and a mirror', () => {
    expect(read({ HEARTH_OFFLINE: '1', HEARTH_NO_CACHE: 'true', HF_ENDPOINT: 'http://127.0.0.1:9/' })).toMatchObject({
      offline: true,
      temporaryCache: true,
      hubEndpoint: 'http://127.0.0.1:9',
    });
  });
});
