import { describe, expect, it } from 'vitest';
import { createAdmission } from './admission.ts';

const { admit, admitWithToken, isToken, cookie } = createAdmission(4735, 'right');
const host = '127.0.0.1:4735';
const refused = { code: 'unauthorized' };
/** Checks a request with these headers beside the host. */
const ask = (headers: Record<string, string>) => () => admitWithToken({ headers: { host, ...headers } });

describe('a request', () => {
  it('is for one of Hearth’s own names, with its port', () => {
    for (const own of [host, 'localhost:4735']) expect(() => admit({ headers: { host: own } })).not.toThrow();
    for (const foreign of ['127.0.0.1', '127.0.0.1:4736', 'hub.test:4735', '127.0.0.1:4735.test'])
      expect(() => admit({ headers: { host: foreign } }), foreign).toThrow(expect.objectContaining(refused));
    expect(() => admit({ headers: {} })).toThrow(expect.objectContaining(refused));
  });

  it('comes from Hearth’s own page or from none', () => {
    expect(() => admit({ headers: { host, origin: 'http://localhost:4735' } })).not.toThrow();
    for (const origin of [
      'null',
      'http://127.0.0.1',
      'http://127.0.0.1:4736',
      'https://127.0.0.1:4735',
      'http://a.test',
    ])
      expect(() => admit({ headers: { host, origin } }), origin).toThrow(expect.objectContaining(refused));
  });

  it('has the token as a bearer or in the cookie of this port', () => {
    expect(ask({ authorization: 'Bearer right' })).not.toThrow();
    expect(ask({ cookie: 'a=b; hearth-4735=right' })).not.toThrow();
    for (const headers of [
      {},
      { authorization: 'Basic right' },
      { authorization: 'Bearer wrong' },
      { authorization: 'Bearer right ' },
      { cookie: 'hearth-4736=right' },
      { cookie: 'hearth-4735=' },
      // A wrong bearer is not mended by a right cookie.
      { authorization: 'Bearer wrong', cookie: 'hearth-4735=right' },
    ])
      expect(ask(headers), JSON.stringify(headers)).toThrow(expect.objectContaining(refused));
  });

  it('with the token is refused all the same under another name', () => {
    expect(ask({ host: 'hub.test:4735', authorization: 'Bearer right' })).toThrow(expect.objectContaining(refused));
  });
});

it('the token is compared whole', () => {
  expect(['right', 'righ', 'right!', '', undefined].map(isToken)).toEqual([true, false, false, false, false]);
});

it('the cookie is this port’s, and no script or other site gets it', () => {
  expect(cookie.split('; ')).toEqual(expect.arrayContaining(['hearth-4735=right', 'HttpOnly', 'SameSite=Strict']));
});
