import { describe, expect, it } from 'vitest';
import { createAdmission } from './admission.ts';
import type { Caller } from '../keys/keys.ts';

const caller = { id: 'a', rights: {}, revoked: new AbortController().signal } as unknown as Caller;
const other = { ...caller, id: 'b' };
const settings = { hostNames: ['Box.lan'], origins: ['http://page.test:3000', 'vscode-webview://Editor'] };
const admissionWith = (areNeeded: boolean) =>
  createAdmission(() => settings, {
    areNeeded: () => areNeeded,
    find: (secret) => (secret === 'right' ? caller : secret === 'second' ? other : null),
  });
const { admitPlace, callerOf, corsHeaders } = admissionWith(true);
const host = '127.0.0.1:11535';
const refused = (reason: string) =>
  expect.objectContaining({ code: 'unauthorized', data: expect.objectContaining({ reason }) });

describe('the place that a request comes from', () => {
  it('is asked for by an address, by localhost, or by a listed name', () => {
    for (const name of [
      host,
      'localhost:11535',
      'localhost',
      '[::1]:80',
      '192.168.1.5:1',
      'api.localhost',
      'box.lan:9',
      'BOX.LAN',
    ])
      expect(() => admitPlace({ host: name }), name).not.toThrow();
    for (const name of [
      undefined,
      '',
      'evil.test',
      'evil.test:11535',
      '127.0.0.1.evil.test',
      'localhost.evil.test',
      'a@127.0.0.1',
      '127.0.0.1:1:2',
      'box.lan.',
      '[evil.test]',
    ])
      expect(() => admitPlace({ ...(name !== undefined && { host: name }) }), name).toThrow(refused('host'));
  });

  it('is no page, the server’s own page, or a page of a listed origin', () => {
    for (const origin of [
      undefined,
      `http://${host}`,
      'http://page.test:3000',
      'HTTP://PAGE.test:3000',
      'vscode-webview://editor',
    ])
      expect(() => admitPlace({ host, ...(origin !== undefined && { origin }) }), origin).not.toThrow();
    for (const origin of [
      'null',
      'http://page.test',
      'https://page.test:3000',
      'http://127.0.0.1:4735',
      'http://evil.test',
      `http://${host}.evil.test`,
    ])
      expect(() => admitPlace({ host, origin }), origin).toThrow(refused('origin'));
  });

  it('is refused where a browser says that another site asks without an origin, as for a picture', () => {
    expect(() => admitPlace({ host, 'sec-fetch-site': 'cross-site' })).toThrow(refused('origin'));
    expect(() => admitPlace({ host, 'sec-fetch-site': 'none' })).not.toThrow();
  });

  it('lets only pages of listed origins read the answer', () => {
    expect(corsHeaders({ host, origin: 'http://page.test:3000' })).toMatchObject({
      'access-control-allow-origin': 'http://page.test:3000',
      vary: 'origin',
    });
    expect(corsHeaders({ host, origin: 'http://evil.test' })).toEqual({});
    expect(corsHeaders({ host })).toEqual({});
  });
});

describe('the key', () => {
  it('is taken from each of three headers alike', () => {
    for (const headers of [
      { authorization: 'Bearer right' },
      { authorization: 'bearer  right ' },
      { 'x-api-key': 'right' },
      { 'api-key': ' right' },
    ])
      expect(callerOf(headers), JSON.stringify(headers)).toBe(caller);
  });

  it('is missed, and not found', () => {
    expect(() => callerOf({})).toThrow(refused('no_key'));
    for (const headers of [
      { authorization: 'Bearer wrong' },
      { authorization: 'Basic right' },
      { authorization: '' },
      { 'x-api-key': '' },
      { 'api-key': 'wrong' },
    ])
      expect(() => callerOf(headers), JSON.stringify(headers)).toThrow(refused('wrong_key'));
  });

  it('is one: headers that disagree are refused', () => {
    expect(() => callerOf({ authorization: 'Bearer right', 'x-api-key': 'wrong' })).toThrow(refused('wrong_key'));
    expect(() => callerOf({ authorization: 'Bearer right', 'x-api-key': 'second' })).toThrow(refused('wrong_key'));
    expect(callerOf({ authorization: 'Bearer right', 'x-api-key': 'right' })).toBe(caller);
  });

  it('is not asked for where there are none, whatever a program sends', () => {
    expect(admissionWith(false).callerOf({ authorization: 'Bearer anything' })).toBeNull();
  });
});
