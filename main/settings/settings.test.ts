import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settingsRoutes } from '../../preload/contract/settings.ts';
import { createSecrets } from '../store/secrets.ts';
import { writeSettings } from '../store/settings.ts';
import { openStore, type Store } from '../store/store.ts';
import { createSettings, type SettingsModule, type SettingsOptions, type SettingsPart } from './settings.ts';

let folder: string;
let store: Store;
let changes: SettingsPart[];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-settings-'));
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  changes = [];
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const unfixed = { hubEndpoint: null, proxy: null, httpProxy: null, noProxy: null, certificatesFile: null };
function open(options: Partial<SettingsOptions> = {}): SettingsModule {
  const settings = createSettings({
    store,
    secrets: createSecrets(folder, null),
    dataFolder: folder,
    defaultCacheFolder: path.join(folder, 'cache'),
    fixedCacheFolder: null,
    defaultHubEndpoint: 'https://hub.example',
    fixedNetwork: unfixed,
    environmentToken: null,
    tokenFile: path.join(folder, 'token'),
    freeDiskBytes: () => Promise.resolve(1000),
    pickFolder: null,
    homeFolder: folder,
    ...options,
  });
  settings.onChange((part) => void changes.push(part));
  return settings;
}

/** Made with openssl for this test; their keys are thrown away. */
const ada = `-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUBStDxSPWilMae+uQdG01AlNqM0gwCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGQWRhIENBMCAXDTI2MTEyMDExMDMwOVoYDzIxMjYxMDI3MTEw
MzA5WjARMQ8wDQYDVQQDDAZBZGEgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQh8fnGPG8AMrkubLxWmevKd/1xeJLjxeIDN4a3tx+RXB7dmND2sY0KlFSjNhbA
Js1vMbvj8ShRN+1Oa8Bec3plo1MwUTAdBgNVHQ4EFgQUT4IbkLRqAbwSo4v+PcX/
qyzPsTswHwYDVR0jBBgwFoAUT4IbkLRqAbwSo4v+PcX/qyzPsTswDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiB4sgpBTplTZpw63uc7S+eAbCukPEVZ
bQbVjA5PJvEaAwIhAKeWpbqGYMcdmAhIPtAGA3buClflJQoiMaUjWdVqvvH0
-----END CERTIFICATE-----`;
const bob = `-----BEGIN CERTIFICATE-----
MIIBejCCAR+gAwIBAgIUWxf4on6+D6rJd2SmNRPzhLI9m48wCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGQm9iIENBMCAXDTI2MTEyMDExMDMwOVoYDzIxMjYxMDI3MTEw
MzA5WjARMQ8wDQYDVQQDDAZCb2IgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQhTPb0AP0KCmVDFcrgvERL7W2WsS5Xitj+0ZFzqsGG23goh8Xx0YhWA1wkWWS1
5rnuZauDIbcJPQy73Ak6GPQOo1MwUTAdBgNVHQ4EFgQU2t5yV8sqe4fvDYnVf5Hq
ZFD3CQswHwYDVR0jBBgwFoAU2t5yV8sqe4fvDYnVf5HqZFD3CQswDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAlaDG6RyirnF/eGznZuVNzBpbCZAd
3P2s4e2yRjX2ZtUCIQCTWUyRs6dENPu95jj2eObo61z3T7Aw/gPatGGO4QEcig==
-----END CERTIFICATE-----`;

describe('the proxy', () => {
  it('keeps the password apart, for the requests alone', async () => {
    const settings = open();
    const { network } = await settings.update({ network: { proxy: 'http://ada:s3cret%40@proxy.example:3128' } });
    expect(network.proxy).toBe('http://ada:********@proxy.example:3128/');
    expect(settings.network().proxy).toBe('http://ada:s3cret%40@proxy.example:3128/');
    expect(JSON.stringify(store.prepare('SELECT * FROM settings').all())).not.toContain('s3cret');
    expect(changes).toEqual(['network']);
  });

  it('takes the placeholder for the password that it has, and for no other', async () => {
    const settings = open();
    await settings.update({ network: { proxy: 'http://ada:s3cret@proxy.example:3128' } });
    await settings.update({ network: { proxy: 'http://ada:********@proxy.example:3128/' } });
    expect(settings.network().proxy).toContain('s3cret');
    await expect(
      settings.update({ network: { proxy: 'http://ada:********@elsewhere.example:3128/' } }),
    ).rejects.toMatchObject({ code: 'invalid_input' });
    await settings.update({ network: { proxy: null } });
    expect(settings.network().proxy).toBeNull();
    expect(readFileSync(path.join(folder, 'secrets.json'), 'utf8')).not.toContain('s3cret');
  });

  it('is the environment’s where that has one, also without its password', async () => {
    const settings = open({
      fixedNetwork: { ...unfixed, proxy: { variable: 'HTTPS_PROXY', value: 'http://bob:pw@env.example:1/' } },
    });
    await expect(settings.update({ network: { proxy: 'http://x.example' } })).rejects.toMatchObject({
      code: 'unsupported',
    });
    const { network } = await settings.update({ theme: 'dark' });
    expect(network).toMatchObject({ proxy: 'http://bob:********@env.example:1/', fixedBy: { proxy: 'HTTPS_PROXY' } });
    expect(settings.network().httpProxy).toBeNull();
    expect(settings.network().proxy).toBe('http://bob:pw@env.example:1/');
  });
});

describe('certificates', () => {
  it('are shown by number and name, and given to the requests whole', async () => {
    const settings = open();
    const { network } = await settings.update({ network: { certificates: `Ada:\n${ada}\nBob:\n${bob}\n` } });
    expect(network.certificates).toEqual({ count: 2, names: ['Ada CA', 'Bob CA'] });
    expect(settings.network().certificates).toBe(`${ada}\n${bob}\n`);
  });

  it('are refused when they are none, hold a key, or cannot be read', async () => {
    const settings = open();
    const key = '-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----';
    for (const certificates of ['hello', `${ada}\n${key}`, ada.replace(/\n[\w+/]{64}\n/, '\n')])
      await expect(settings.update({ network: { certificates } })).rejects.toMatchObject({ code: 'invalid_input' });
    expect(settings.network().certificates).toBeNull();
  });

  it('come from the file that a variable names', async () => {
    const file = path.join(folder, 'ca.pem');
    writeFileSync(file, ada);
    const settings = open({
      fixedNetwork: { ...unfixed, certificatesFile: { variable: 'SSL_CERT_FILE', value: file } },
    });
    expect(settings.network().certificates).toContain('BEGIN CERTIFICATE');
    const { network } = await settings.update({});
    expect(network).toMatchObject({
      certificates: { count: 1, names: ['Ada CA'] },
      fixedBy: { certificates: 'SSL_CERT_FILE' },
    });
  });
});

describe('limits', () => {
  it('are kept field by field, and a field that went bad costs the others nothing', async () => {
    await open().update({ downloads: { maxRunning: 4 }, engine: { idleUnloadMinutes: 30 } });
    await open().update({ downloads: { bytesPerSecond: 5_000_000 } });
    expect(open().downloads()).toEqual({ maxRunning: 4, bytesPerSecond: 5_000_000, cacheLimitBytes: null });
    expect(open().engine()).toMatchObject({ idleUnloadMinutes: 30, preload: [] });
    store.prepare("UPDATE settings SET value = json_set(value, '$.maxRunning', 900) WHERE key = 'downloads'").run();
    expect(open().downloads()).toMatchObject({ maxRunning: 2, bytesPerSecond: 5_000_000 });
    expect(changes).toEqual(['downloads', 'engine', 'downloads']);
  });
});

describe('folders of models', () => {
  it('are added by the dialog once each, and forgotten by id', async () => {
    const models = path.join(folder, 'models');
    mkdirSync(models);
    const settings = open({ pickFolder: () => Promise.resolve(models) });
    await settings.pickModelFolder();
    const shown = await settings.pickModelFolder();
    expect(shown?.modelFolders).toMatchObject([{ name: 'models', path: models, freeBytes: 1000 }]);
    expect(settings.modelFolders()).toEqual([models]);
    await settings.removeModelFolder(shown?.modelFolders[0]?.id ?? '');
    expect(settings.modelFolders()).toEqual([]);
    await expect(settings.removeModelFolder('0000')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('change nothing when the dialog was closed, and need a shell that has one', async () => {
    expect(await open({ pickFolder: () => Promise.resolve(null) }).pickModelFolder()).toBeNull();
    await expect(open().pickModelFolder()).rejects.toMatchObject({ code: 'unsupported' });
    expect(changes).toEqual([]);
  });

  it('are chosen without a dialog by the ids of what was shown, and by no other', async () => {
    mkdirSync(path.join(folder, 'home/Models 2/deep'), { recursive: true });
    mkdirSync(path.join(folder, 'home/Models 10'));
    mkdirSync(path.join(folder, 'home/.hidden'));
    symlinkSync('Models 2', path.join(folder, 'home/link'));
    symlinkSync('nowhere', path.join(folder, 'home/broken'));
    for (const name of ['a.gguf', 'B.GGUF', 'notes.txt']) writeFileSync(path.join(folder, 'home/Models 2', name), '');
    const settings = open({ homeFolder: path.join(folder, 'home') });
    const home = await settings.listFolders(null);
    expect(home).toMatchObject({ path: path.join(folder, 'home'), modelFileCount: 0 });
    expect(home.folders.map(({ name }) => name)).toEqual(['link', 'Models 2', 'Models 10']);
    const models = await settings.listFolders(home.folders[1]?.id ?? '');
    expect(models).toMatchObject({ parentId: home.id, modelFileCount: 2, folders: [{ name: 'deep' }] });
    expect((await settings.listFolders(home.parentId)).path).toBe(folder);
    await settings.addModelFolder(models.id);
    expect(settings.modelFolders()).toEqual([path.join(folder, 'home/Models 2')]);
    rmSync(path.join(folder, 'home/Models 2/deep'), { recursive: true });
    await expect(settings.listFolders(models.folders[0]?.id ?? '')).rejects.toMatchObject({ code: 'not_found' });
    // An id of this form that another process showed, or that somebody made from a path.
    await expect(open().addModelFolder(models.id)).rejects.toMatchObject({ code: 'not_found' });
    const withDialog = open({ pickFolder: () => Promise.resolve(null) });
    await expect(withDialog.listFolders(null)).rejects.toMatchObject({ code: 'unsupported' });
    await expect(withDialog.addModelFolder(models.id)).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('are not the models folder itself', async () => {
    const cache = path.join(folder, 'cache');
    mkdirSync(cache);
    await expect(open({ pickFolder: () => Promise.resolve(cache) }).pickModelFolder()).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });
});

describe('the look', () => {
  it('is patched field by field, and its defaults are those of a first start', async () => {
    const settings = open();
    const first = await settings.update({});
    expect(first).toMatchObject({ developerMode: false, chosenKeys: {} });
    expect(first.appearance).toMatchObject({ language: 'system', density: 'comfortable', interfaceSize: 'normal' });
    const next = await settings.update({ appearance: { density: 'compact' }, developerMode: true });
    expect(next.appearance).toEqual({ ...first.appearance, density: 'compact' });
    expect((await open().update({})).developerMode).toBe(true);
  });

  it('of another version keeps the fields that are known', async () => {
    writeSettings(store, { appearance: { language: 'tlh', density: 'compact' }, developerMode: 'yes', chosenKeys: 7 });
    const shown = await open().update({});
    expect(shown.appearance).toMatchObject({ language: 'system', density: 'compact' });
    expect(shown).toMatchObject({ developerMode: false, chosenKeys: {} });
  });
});

describe('chosen keys', () => {
  it('are merged by command; null gives a command its own back', async () => {
    const settings = open();
    await settings.update({ chosenKeys: { 'frame.rail': ['Mod+J'], 'frame.undo': [] } });
    const { chosenKeys } = await settings.update({ chosenKeys: { 'frame.rail': null, 'chat.copy': ['F4'] } });
    expect(chosenKeys).toEqual({ 'frame.undo': [], 'chat.copy': ['F4'] });
  });

  it('are no more than there can be commands', async () => {
    const settings = open();
    const many = (prefix: string): Record<string, string[]> =>
      Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`${prefix}.${letters(at)}`, ['F2']]));
    await settings.update({ chosenKeys: many('a') });
    await expect(settings.update({ chosenKeys: many('b') })).rejects.toMatchObject({
      code: 'invalid_input',
      data: { reason: 'too_many_keys' },
    });
  });

  it.each([
    ['frame.rail', 'Mod+J', true],
    ['frame.rail', '?', true],
    ['frame.rail', 'Mod++', true],
    ['frame.rail', 'Alt+ArrowUp', true],
    ['frame.rail', 'Mod', true],
    ['frame.rail', '', false],
    ['frame.rail', 'Mod+', false],
    ['frame.rail', 'Mod+a b', false],
    ['frame.rail', `F${'1'.repeat(40)}`, false],
    ['frame', 'F2', false],
    ['frame.<b>', 'F2', false],
  ])('%s: %j is taken by the schema: %s', (id, key, isTaken) => {
    const { input } = settingsRoutes['settings.update'];
    expect(input.safeParse(JSON.parse(`{"chosenKeys":{${JSON.stringify(id)}:[${JSON.stringify(key)}]}}`)).success).toBe(
      isTaken,
    );
  });
});

/** A name of letters for a number. */
const letters = (at: number): string => [...String(at)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
