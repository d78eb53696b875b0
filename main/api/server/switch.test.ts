import { expect, it, onTestFinished } from 'vitest';
import { serverSettingsSchema, type ServerSettings } from '../../../preload/contract/server.ts';
import { createSwitch } from './switch.ts';

/** A switch over settings in memory, whose server answers nothing. */
function made(settings: Partial<ServerSettings> = {}) {
  const given: (string | null)[] = [];
  let stored: ServerSettings = serverSettingsSchema.parse({
    ...{ startWithApp: true, port: 1024, interface: '127.0.0.1', hostNames: [], origins: [], slots: 4 },
    ...{ keepAliveMinutes: 5, logContents: false, ...settings },
  });
  const server = createSwitch({
    settings: { get: () => stored, set: (next) => void (stored = next) },
    keys: { areNeeded: () => false, setGiven: (secret) => void given.push(secret), flush: () => {} },
    answers: () => () => Promise.resolve(),
    onChange: () => {},
    log: { info: () => {}, warn: () => {} },
  });
  onTestFinished(() => server.off());
  return { server, given, portOf: () => Number(new URL(server.state().address ?? '').port) };
}

it('takes the port and the key of a later start, though it was started with the app', async () => {
  const { server, given, portOf } = made();
  await server.on({ port: 0 });
  const before = portOf();
  await server.on({ port: 0, key: 'a-key-for-this-run' });
  expect(server.state().status).toBe('on');
  expect(given.at(-1)).toBe('a-key-for-this-run');
  await expect(server.on({ key: 'short' })).rejects.toMatchObject({ code: 'invalid_input' });
  expect(given.at(-1)).toBe('a-key-for-this-run');
  // The key stays where only the port is another one.
  await server.on({ port: before });
  expect([portOf(), given.at(-1)]).toEqual([before, 'a-key-for-this-run']);
});

it('leaves a server alone that is as the start wants it', async () => {
  const { server, given, portOf } = made();
  await server.on({ port: 0, key: 'a-key-for-this-run' });
  const before = [portOf(), given.length];
  await server.on({});
  await server.on({ port: 0, key: 'a-key-for-this-run' });
  expect([portOf(), given.length]).toEqual(before);
});
