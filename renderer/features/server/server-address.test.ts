import { expect, it } from 'vitest';
import type { ServerSettings } from '../../../preload/contract/server.ts';
import { isLocal, originOf } from './server-address.ts';

it('is an address that can be called', () => {
  const settings = (host: string): ServerSettings => ({
    ...{ startWithApp: false, port: 11_535, interface: host, hostNames: [], origins: [], slots: 4 },
    ...{ keepAliveMinutes: null, logContents: false },
  });
  const of = (host: string, address: string | null = null): string => originOf({ address, settings: settings(host) });
  expect(of('127.0.0.1')).toBe('http://127.0.0.1:11535');
  expect(of('0.0.0.0')).toBe('http://127.0.0.1:11535');
  expect(of('::')).toBe('http://127.0.0.1:11535');
  expect(of('fd00::1')).toBe('http://[fd00::1]:11535');
  expect(of('0.0.0.0', 'http://0.0.0.0:8080')).toBe('http://127.0.0.1:8080');
  expect(of('192.168.0.5', 'http://192.168.0.5:1')).toBe('http://192.168.0.5:1');
  expect(['127.0.0.1', '::1', '0.0.0.0', '10.0.0.1', '::'].map(isLocal)).toEqual([true, true, false, false, false]);
});
