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
      offlineBy: null,
      hubResponseMs: null,
      hubStallMs: null,
      withLinks: true,
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
    expect(read({ HUGGINGFACE_HUB_CACHE: '/old', HF_HOME: '/c' }).cacheFolder?.path).toBe('/old');
    // As Python's expanduser and expandvars read them; an unknown variable stays as it is.
    const disks = { BIG: '/mnt/big', XDG_CACHE_HOME: '/x' };
    expect(read({ ...disks, HF_HUB_CACHE: '$BIG/${BIG}/$NO' }).cacheFolder?.path).toBe('/mnt/big/mnt/big/$NO');
    expect(read({ HF_HOME: '~' }).hubTokenFile).toBe('/home/ada/token');
    expect(read(disks)).toMatchObject({
      defaultCacheFolder: '/x/huggingface/hub',
      hubTokenFile: '/x/huggingface/token',
    });
    expect(read({ HF_HOME: '/c', HF_TOKEN_PATH: '~/t' }).hubTokenFile).toBe('/home/ada/t');
  });
  // The paths are those of huggingface_hub, whose default of HF_HOME is expanded like HF_HOME itself.
  it.each([
    ['~/x', '/home/ada/x'],
    ['$BIG/x', '/mnt/big/x'],
    ['${BIG}', '/mnt/big'],
    ['', '/home/ada/.cache'],
  ])('expands XDG_CACHE_HOME=%j', (given, expected) => {
    expect(read({ XDG_CACHE_HOME: given, BIG: '/mnt/big' })).toMatchObject({
      defaultCacheFolder: `${expected}/huggingface/hub`,
      hubTokenFile: `${expected}/huggingface/token`,
    });
  });
  // The XDG Base Directory Specification: what is empty counts as unset, and relative paths are ignored.
  it.each(['', 'x', './x'])('keeps its data in the home folder where the variable is %j', (given) => {
    const folderOn = (platform: NodeJS.Platform): string =>
      readEnvironment({ XDG_DATA_HOME: given, APPDATA: given }, '/home/ada', platform).dataFolder;
    expect(folderOn('linux')).toBe('/home/ada/.local/share/hearth');
    expect(folderOn('win32')).toBe('/home/ada/AppData/Roaming/Hearth');
    expect(readEnvironment({ XDG_DATA_HOME: '/d' }, '/home/ada', 'linux').dataFolder).toBe('/d/hearth');
    expect(readEnvironment({ APPDATA: String.raw`C:\A` }, '/home/ada', 'win32').dataFolder).toContain(String.raw`C:\A`);
  });
  // _clean_token of huggingface_hub: without \r and \n anywhere, then stripped.
  it.each([
    ['hf_a\nb', 'hf_ab'],
    [' hf_a\r\n', 'hf_a'],
    ['\n \r', null],
  ])('cleans the token %j', (given, expected) => {
    expect(read({ HF_TOKEN: given }).hubToken).toBe(expected);
    expect(read({ HF_TOKEN: '\n', HUGGING_FACE_HUB_TOKEN: given }).hubToken).toBe(expected);
  });
  it('names what it does not know or cannot use', () => {
    const { warnings, offlineBy, hubEndpoint } = read({
      HEARTH_CACHE: '/x',
      HEARTH_OFFLINE: 'maybe',
      HF_ENDPOINT: 'mirror',
    });
    expect(warnings).toHaveLength(3);
    for (const name of ['HEARTH_CACHE is set', 'HEARTH_OFFLINE is "maybe"', 'HF_ENDPOINT is not'])
      expect(warnings.some((warning) => warning.startsWith(name))).toBe(true);
    expect(offlineBy).toBeNull();
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
      warnings: ['HEARTH_INSPECT_CHILD is "99999", which is not a port.'],
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
  // What huggingface_hub 0.30 makes of these: _is_true of its constants.py upper-cases and knows 1, ON, YES and TRUE.
  it.each([
    ['1', true],
    ['ON', true],
    ['yes', true],
    ['True', true],
    ['0', false],
    ['off', false],
    ['', false],
    [' 1', false],
    ['2', false],
    ['y', false],
  ])('reads HF_HUB_OFFLINE=%j as the Hugging Face tools do, without a warning', (text, expected) => {
    const { offlineBy, warnings } = read({ HF_HUB_OFFLINE: text });
    expect([offlineBy, warnings]).toEqual([expected ? 'HF_HUB_OFFLINE' : null, []]);
  });
  it('is offline by one variable: Hearth’s own first, then the first that is set', () => {
    expect(read({ HEARTH_OFFLINE: '0', HF_HUB_OFFLINE: '1' }).offlineBy).toBeNull();
    expect(read({ HEARTH_OFFLINE: '1', HF_HUB_OFFLINE: '0' }).offlineBy).toBe('HEARTH_OFFLINE');
    expect(read({ TRANSFORMERS_OFFLINE: '1' }).offlineBy).toBe('TRANSFORMERS_OFFLINE');
    expect(read({ HF_HUB_OFFLINE: '0', TRANSFORMERS_OFFLINE: '1' }).offlineBy).toBeNull();
    expect(read({ HF_HUB_OFFLINE: '', TRANSFORMERS_OFFLINE: '1' }).offlineBy).toBe('TRANSFORMERS_OFFLINE');
  });
  it('takes no token from the environment or the file of the `hf` command where HF_HUB_DISABLE_IMPLICIT_TOKEN is set', () => {
    const given = { HF_TOKEN: 'hf_a', HF_TOKEN_PATH: '/t' };
    for (const yes of ['1', 'ON', 'yes', 'True'])
      expect(read({ ...given, HF_HUB_DISABLE_IMPLICIT_TOKEN: yes })).toMatchObject({
        ...{ hubToken: null, hubTokenFile: null, warnings: [] },
      });
    for (const no of ['', '0', 'off', 'y'])
      expect(read({ ...given, HF_HUB_DISABLE_IMPLICIT_TOKEN: no })).toMatchObject({
        ...{ hubToken: 'hf_a', hubTokenFile: '/t', warnings: [] },
      });
  });
  it('reads the time limits and the token of the Hugging Face tools', () => {
    expect(read({ HF_HUB_ETAG_TIMEOUT: '25', HF_HUB_DOWNLOAD_TIMEOUT: '120', HF_TOKEN: ' hf_a\n' })).toMatchObject({
      hubResponseMs: 25_000,
      hubStallMs: 120_000,
      hubToken: 'hf_a',
    });
    expect(read({ HF_HUB_ETAG_TIMEOUT: '0', HUGGING_FACE_HUB_TOKEN: 'hf_old' })).toMatchObject({
      hubResponseMs: null,
      hubToken: 'hf_old',
      warnings: [],
    });
    expect(read({ HF_HUB_DOWNLOAD_TIMEOUT: 'long' })).toMatchObject({
      hubStallMs: null,
      warnings: ['HF_HUB_DOWNLOAD_TIMEOUT is "long"; whole seconds are expected. It is not used.'],
    });
  });
  it('keeps links out of the cache where HF_HUB_DISABLE_SYMLINKS is set', () => {
    for (const yes of ['1', 'ON', 'yes', 'True'])
      expect(read({ HF_HUB_DISABLE_SYMLINKS: yes })).toMatchObject({ withLinks: false, warnings: [] });
    for (const no of ['', '0', 'off', 'y']) expect(read({ HF_HUB_DISABLE_SYMLINKS: no }).withLinks).toBe(true);
  });
  it('reads switches and a mirror', () => {
    expect(read({ HEARTH_OFFLINE: '1', HEARTH_NO_CACHE: 'true', HF_ENDPOINT: 'http://127.0.0.1:9/' })).toMatchObject({
      offlineBy: 'HEARTH_OFFLINE',
      temporaryCache: true,
      hubEndpoint: 'http://127.0.0.1:9',
    });
  });
});
