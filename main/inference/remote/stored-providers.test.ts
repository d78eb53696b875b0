import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createSecrets, type Secrets } from '../../store/secrets.ts';
import { readSetting, writeSettings } from '../../store/settings.ts';
import { openStore } from '../../store/store.ts';
import { createStoredProviders } from './stored-providers.ts';

const full = (): never => {
  throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
};

function setup() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-providers-'));
  const store = openStore(folder, path.join(import.meta.dirname, '../../store/migrations'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  const secrets = createSecrets(folder, null);
  const providers = createStoredProviders(store, secrets);
  const entered = { id: null, kind: 'openai-compatible', name: 'GPU', enabled: true } as const;
  const { id } = providers.save({
    ...{ ...entered, address: 'https://old.example/v1' },
    headers: [{ name: 'X-Team', value: 'old' }],
  });
  providers.setKey(id, 'old key');
  const move = (to: typeof providers) =>
    to.save({ ...entered, id, address: 'https://new.example/v1', headers: [{ name: 'X-Team', value: 'new' }] });
  return { store, secrets, providers, id, move };
}
const old = { key: 'old key', headers: { 'X-Team': 'old' } };

it('leaves a server with its address and its secrets where the secrets of a new host cannot be stored', () => {
  const { store, providers, id, move } = setup();
  const folder = path.dirname(store.name);
  const onFullDisk = createStoredProviders(store, createSecrets(folder, null, full));
  expect(() => move(onFullDisk)).toThrow(expect.objectContaining({ code: 'disk.full' }));
  expect([providers.get(id).address, providers.secrets(id)]).toEqual(['https://old.example/v1', old]);
  expect(() => onFullDisk.remove(id)).toThrow(expect.objectContaining({ code: 'disk.full' }));
  expect([providers.get(id).address, providers.secrets(id)]).toEqual(['https://old.example/v1', old]);
});

it('leaves the secrets where the new address cannot be stored', () => {
  const { store, providers, id, move } = setup();
  store.exec(`CREATE TEMP TRIGGER full_insert BEFORE INSERT ON main.settings BEGIN SELECT RAISE(ABORT, 'full'); END;
    CREATE TEMP TRIGGER full_update BEFORE UPDATE ON main.settings BEGIN SELECT RAISE(ABORT, 'full'); END`);
  expect(() => move(providers)).toThrow();
  expect([providers.get(id).address, providers.secrets(id)]).toEqual(['https://old.example/v1', old]);
});

it('gives another host nothing that was entered for the first, where a kill or a failed undo left only the address', () => {
  const { store, secrets, providers, id } = setup();
  const stored = readSetting(store, 'providers') as { address: string }[];
  const moved = stored.map((one) => ({ ...one, address: 'https://new.example/v1' }));
  writeSettings(store, { providers: moved });
  expect(providers.secrets(id)).toEqual({ key: null, headers: {} });
  writeSettings(store, { providers: stored });
  expect(providers.secrets(id)).toEqual(old);
  // Secrets of earlier versions name no origin.
  secrets.write(`provider-${id}`, JSON.stringify(old));
  expect(providers.secrets(id)).toEqual(old);
});

it('binds secrets of earlier versions to their host before the address changes', () => {
  const { store, secrets, id, move } = setup();
  secrets.write(`provider-${id}`, JSON.stringify(old));
  const writes: string[] = [];
  const watched: Secrets = {
    read: secrets.read,
    write(name, value) {
      writes.push(value ?? '');
      secrets.write(name, value);
    },
  };
  move(createStoredProviders(store, watched));
  expect(writes.map((text) => JSON.parse(text) as unknown)).toEqual([
    { ...old, origin: 'https://old.example' },
    { key: null, headers: { 'X-Team': 'new' }, origin: 'https://new.example' },
  ]);
});
