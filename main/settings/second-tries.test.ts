/** Settings where a write fails, where they are read while they change, and where the environment fixes them. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fillDisk } from '../../test/support/full-disk.ts';
import type { Settings } from '../../preload/contract/settings.ts';
import { createSecrets, type Secrets } from '../store/secrets.ts';
import { writeSettings } from '../store/settings.ts';
import { openStore, type Store } from '../store/store.ts';
import { createSettings, HUB_TOKEN_SECRET, type SettingsModule, type SettingsOptions } from './settings.ts';

let folder: string;
let store: Store;
let secrets: Secrets;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-settings-'));
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  secrets = createSecrets(folder, null);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const unfixed = { hubEndpoint: null, proxy: null, httpProxy: null, noProxy: null, certificatesFile: null };
const open = (options: Partial<SettingsOptions> = {}): SettingsModule =>
  createSettings({
    ...{ store, secrets, dataFolder: folder, defaultCacheFolder: path.join(folder, 'cache'), fixedCacheFolder: null },
    ...{ defaultHubEndpoint: 'https://hub.example', fixedNetwork: unfixed, environmentToken: null, pickFolder: null },
    ...{ tokenFile: path.join(folder, 'token'), freeDiskBytes: () => Promise.resolve(1000), homeFolder: folder },
    ...options,
  });

describe('a write that fails', () => {
  it('on a full disk changes nothing in this process, and nothing in the next', async () => {
    const settings = open();
    await settings.update({ theme: 'dark', downloads: { maxRunning: 3 } });
    const free = fillDisk(store);
    const large = { ...settings.sampling(), stopTexts: ['x'.repeat(3000)] };
    await expect(
      settings.update({ theme: 'light', downloads: { maxRunning: 5 }, sampling: large as never }),
    ).rejects.toMatchObject({ code: 'disk.full' });
    free();
    for (const each of [settings, open()]) expect([each.theme(), each.downloads().maxRunning]).toEqual(['dark', 3]);
  });

  it('of the proxy’s password leaves the address of before, too', async () => {
    let isFull = false;
    const settings = open({
      secrets: {
        read: secrets.read,
        write(name, value) {
          if (isFull) throw new Error('full');
          secrets.write(name, value);
        },
      },
    });
    await settings.update({ network: { proxy: 'http://ada:old@one.example:1/' } });
    isFull = true;
    await expect(settings.update({ network: { proxy: 'http://ada:new@two.example:1/' } })).rejects.toThrow('full');
    for (const each of [settings, open()]) expect(each.network().proxy).toBe('http://ada:old@one.example:1/');
  });
});

describe('what was stored', () => {
  it('is read as it was checked, not as it was given', async () => {
    const settings = open();
    // A field that no schema knows and one out of range, as another version would write them.
    writeSettings(store, { downloads: { maxRunning: 99, bytesPerSecond: 70_000, other: true } });
    expect(open().downloads()).toMatchObject({ maxRunning: 2, bytesPerSecond: 70_000 });
    await settings.update({ downloads: { bytesPerSecond: 80_000 } });
    expect(settings.downloads()).toEqual(open().downloads());
  });

  it('is no folder where it is no whole path', () => {
    writeSettings(store, { cacheFolder: 'models', modelFolders: ['/somewhere', 'models'] });
    expect(open().cacheFolder()).toBe(path.join(folder, 'cache'));
    expect(open().modelFolders()).toEqual([]);
  });
});

describe('a window', () => {
  it('that opens while the settings change misses no change', async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<number>();
    let isFirst = true;
    const settings = open({
      freeDiskBytes() {
        if (!isFirst) return Promise.resolve(1);
        isFirst = false;
        asked.resolve();
        return gate.promise;
      },
    });
    const events = settings.watch(new AbortController().signal);
    const first = events.next();
    await asked.promise;
    await settings.update({ theme: 'dark' });
    gate.resolve(1);
    await first;
    expect((await events.next()).value).toMatchObject({ theme: 'dark', revision: 1 });
    await events.return(undefined);
  });

  it('that is slow gets the newest settings alone, with a number that rises', async () => {
    const settings = open();
    const events = settings.watch(new AbortController().signal);
    const first = (await events.next()).value as Settings;
    for (const theme of ['dark', 'light', 'system', 'dark'] as const) await settings.update({ theme });
    const next = (await events.next()).value as Settings;
    expect([next.theme, next.revision - first.revision]).toEqual(['dark', 4]);
    await settings.setHubToken('hf_x');
    expect((await events.next()).value).toMatchObject({
      revision: next.revision + 1,
      hubToken: { source: 'settings' },
    });
    await events.return(undefined);
  });
});

it('the token is that of the settings, else of the environment, else of the file', async () => {
  writeFileSync(path.join(folder, 'token'), ' hf_file\n');
  const settings = open({ environmentToken: 'hf_environment' });
  await settings.setHubToken('hf_own');
  const source = async (of: SettingsModule): Promise<string> => (await of.update({})).hubToken.source;
  expect([settings.hubToken(), await source(settings)]).toEqual(['hf_own', 'settings']);
  await settings.setHubToken(null);
  expect(secrets.read(HUB_TOKEN_SECRET)).toBeNull();
  expect([settings.hubToken(), await source(settings)]).toEqual(['hf_environment', 'environment']);
  expect([open().hubToken(), await source(open())]).toEqual(['hf_file', 'file']);
  writeFileSync(path.join(folder, 'token'), ' \n');
  expect([open().hubToken(), await source(open())]).toEqual([null, 'none']);
});

it('the Hub’s address has no slash at its end, from wherever it comes', async () => {
  const settings = open();
  await settings.update({ network: { hubEndpoint: 'https://mirror.example/hub//' } });
  expect(settings.network().hubEndpoint).toBe('https://mirror.example/hub');
  const hubEndpoint = { variable: 'HF_ENDPOINT', value: 'https://other.example/' };
  expect(open({ fixedNetwork: { ...unfixed, hubEndpoint } }).network().hubEndpoint).toBe('https://other.example');
});

describe('the folder of the cache', () => {
  it('that the environment fixes is changed by nobody', async () => {
    const fixedCacheFolder = { path: path.join(folder, 'fixed'), variable: 'HF_HUB_CACHE' };
    const settings = open({ fixedCacheFolder, pickFolder: () => Promise.resolve(path.join(folder, 'other')) });
    const refused = { code: 'unsupported', data: { variable: 'HF_HUB_CACHE' } };
    await expect(settings.setCacheFolder('hearth')).rejects.toMatchObject(refused);
    await expect(settings.pickCacheFolder()).rejects.toMatchObject(refused);
    expect(settings.cacheFolder()).toBe(fixedCacheFolder.path);
    expect(open().cacheFolder()).toBe(path.join(folder, 'cache'));
  });

  it('is made where it is missing, and refused where it cannot be written', async () => {
    const chosen = path.join(folder, 'new/deep');
    const settings = open({ pickFolder: () => Promise.resolve(chosen) });
    await settings.pickCacheFolder();
    expect(settings.cacheFolder()).toBe(chosen);
    writeFileSync(path.join(folder, 'file'), '');
    const onFile = open({ pickFolder: () => Promise.resolve(path.join(folder, 'file/below')) });
    await expect(onFile.pickCacheFolder()).rejects.toMatchObject({ code: 'disk.denied' });
    expect(onFile.cacheFolder()).toBe(chosen);
  });

  // The system's administrator may write everywhere.
  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'is refused where it may not be written',
    async () => {
      const readOnly = path.join(folder, 'read-only');
      mkdirSync(readOnly);
      chmodSync(readOnly, 0o500);
      const settings = open({ pickFolder: () => Promise.resolve(readOnly) });
      await expect(settings.pickCacheFolder()).rejects.toMatchObject({ code: 'disk.denied' });
    },
  );
});
