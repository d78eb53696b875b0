import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { KeyRights } from '../../../preload/contract/server.ts';
import { createKeyRecords } from '../../store/api-keys.ts';
import { openStore } from '../../store/store.ts';
import { createKeys, type Caller } from './keys.ts';

const everything: KeyRights = {
  ...{ name: 'all', models: null, endpoints: null, requestsPerMinute: null, tokensPerDay: null },
};
const MINUTE = 60_000;
const noon = Date.UTC(2026, 10, 29, 12);

function setup() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-keys-'));
  const store = openStore(folder, path.join(import.meta.dirname, '../../store/migrations'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  const clock = { at: noon };
  const open = () =>
    createKeys({
      records: createKeyRecords(store),
      now: () => clock.at,
      onChange: () => {},
      log: (line) => expect.fail(line),
    });
  return { folder, store, clock, open, keys: open() };
}
const found = (caller: Caller | null): Caller => caller ?? expect.fail('no key');
const busy = (reason: string, retryAfterMs: number) =>
  expect.objectContaining({ code: 'busy', data: expect.objectContaining({ reason, retryAfterMs }) });

describe('a key', () => {
  it('is known by its secret, also after a restart, and its secret is nowhere', () => {
    const { keys, open, folder, store } = setup();
    const { secret, key } = keys.create(everything);
    expect(secret).toMatch(/^hearth-[\w-]{43}$/);
    expect(secret.startsWith(key.beginning) && key.beginning.length < 14).toBe(true);
    for (const one of [keys, open()]) {
      expect(one.find(secret)?.id).toBe(key.id);
      expect(one.find(`${secret}x`)).toBeNull();
      expect(one.areNeeded()).toBe(true);
    }
    store.pragma('wal_checkpoint(TRUNCATE)');
    expect(readFileSync(path.join(folder, 'hearth.db')).includes(secret.slice(key.beginning.length))).toBe(false);
  });

  it('opens nothing once it is revoked, and ends what it runs', () => {
    const { keys, open } = setup();
    const { secret, key } = keys.create(everything);
    const caller = found(keys.find(secret));
    keys.revoke(key.id);
    expect([keys.find(secret), caller.revoked.aborted, keys.areNeeded()]).toEqual([null, true, false]);
    expect(open().list()).toEqual([]);
    expect(() => keys.revoke(key.id)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  it('gets other rights at once', () => {
    const { keys, open } = setup();
    const { secret, key } = keys.create(everything);
    keys.update(key.id, { ...everything, name: 'less', endpoints: ['models'] });
    for (const one of [keys, open()]) expect(found(one.find(secret)).rights.endpoints).toEqual(['models']);
  });

  it('may make so many requests a minute, and the rest must wait until the first is a minute old', () => {
    const { keys, clock } = setup();
    const caller = found(keys.find(keys.create({ ...everything, requestsPerMinute: 2 }).secret));
    keys.admit(caller);
    clock.at += 10_000;
    keys.admit(caller);
    clock.at += 10_000;
    expect(() => keys.admit(caller)).toThrow(busy('rate_limit', 40_000));
    clock.at += 40_000;
    keys.admit(caller);
    expect(() => keys.admit(caller)).toThrow(busy('rate_limit', 10_000));
  });

  it('tells that its use has changed, and that the minute of its requests has passed', () => {
    const { keys, clock } = setup();
    expect(keys.hasNews()).toBe(false);
    const caller = found(keys.find(keys.create({ ...everything, requestsPerMinute: 5 }).secret));
    const minute = (): unknown => [keys.hasNews(), keys.list()[0]?.requestsThisMinute];
    expect(minute()).toEqual([true, 0]);
    expect(minute()).toEqual([false, 0]);
    keys.admit(caller);
    clock.at += 20_000;
    keys.admit(caller);
    expect(minute()).toEqual([true, 2]);
    keys.countTokens(caller, 7);
    expect(minute()).toEqual([true, 2]);
    clock.at += 40_000;
    expect(minute()).toEqual([true, 1]);
    clock.at += MINUTE;
    expect(minute()).toEqual([true, 0]);
    expect(minute()).toEqual([false, 0]);
  });

  it('has its tokens of the day, which end at midnight of UTC and survive a restart', () => {
    const { keys, clock, open } = setup();
    const { secret } = keys.create({ ...everything, tokensPerDay: 100 });
    const caller = found(keys.find(secret));
    keys.admit(caller);
    keys.countTokens(caller, 60);
    keys.admit(caller);
    keys.countTokens(caller, 60);
    expect(() => keys.admit(caller)).toThrow(busy('token_limit', 12 * 60 * MINUTE));
    keys.flush();
    const again = open();
    expect(again.list()[0]).toMatchObject({ tokensToday: 120, lastUsedAt: noon });
    expect(() => again.admit(found(again.find(secret)))).toThrow(busy('token_limit', 12 * 60 * MINUTE));
    clock.at += 12 * 60 * MINUTE;
    again.admit(found(again.find(secret)));
    expect(again.list()[0]).toMatchObject({ tokensToday: 0 });
    again.countTokens(found(again.find(secret)), 7);
    again.flush();
    expect(open().list()[0]).toMatchObject({ tokensToday: 7 });
  });

  it('keeps nothing of its use where it is revoked before that is stored', () => {
    const { keys, store } = setup();
    const { secret, key } = keys.create(everything);
    const caller = found(keys.find(secret));
    keys.admit(caller);
    keys.countTokens(caller, 5);
    keys.flush();
    keys.revoke(key.id);
    keys.countTokens(caller, 5);
    keys.flush();
    expect(store.prepare('SELECT count(*) AS n FROM api_key_use').get()).toEqual({ n: 0 });
  });
});

it('a key that is given for one run is stored nowhere and ends with it', () => {
  const { keys, open } = setup();
  keys.setGiven('of my own');
  const caller = found(keys.find('of my own'));
  expect([caller.id, keys.areNeeded(), keys.list(), open().find('of my own')]).toEqual([null, true, [], null]);
  keys.setGiven(null);
  expect([keys.find('of my own'), caller.revoked.aborted, keys.areNeeded()]).toEqual([null, true, false]);
});

it('stores the tokens of a reply that ended after the use of its key was stored', () => {
  const { keys, open, clock } = setup();
  const { secret, key } = keys.create({ ...everything, tokensPerDay: 50 });
  const caller = found(keys.find(secret));
  keys.admit(caller);
  clock.at += 6000;
  keys.flush();
  keys.countTokens(caller, 60);
  keys.flush();
  const again = open();
  expect(again.list().find(({ id }) => id === key.id)?.tokensToday).toBe(60);
  expect(() => again.admit(found(again.find(secret)))).toThrow(expect.objectContaining({ code: 'busy' }));
});

it('opens nothing once it is revoked where that cannot be stored, which is told and tried again', () => {
  const { keys, open, store } = setup();
  const { secret, key } = keys.create(everything);
  const caller = found(keys.find(secret));
  store.exec("CREATE TEMP TRIGGER full BEFORE DELETE ON main.api_keys BEGIN SELECT RAISE(ABORT, 'full'); END");
  expect(() => keys.revoke(key.id)).toThrow(
    expect.objectContaining({ data: expect.objectContaining({ reason: 'key_revoked' }) }),
  );
  expect([keys.find(secret), caller.revoked.aborted, keys.list()]).toEqual([null, true, []]);
  keys.flush();
  expect(open().list()).toHaveLength(1);
  store.exec('DROP TRIGGER full');
  keys.flush();
  expect(open().list()).toEqual([]);
});

it('is another one than a stored key where it was given for this run', () => {
  const { keys } = setup();
  const { key } = keys.create(everything);
  expect(keys.hasOtherThan(key.id)).toBe(false);
  keys.setGiven('of my own');
  expect(keys.hasOtherThan(key.id)).toBe(true);
  keys.setGiven(null);
  keys.create(everything);
  expect(keys.hasOtherThan(key.id)).toBe(true);
});
