import { describe, expect, it } from 'vitest';
import { createAdmission } from './admission.ts';

const { admit, admitWithToken } = createAdmission(4735, 'right');
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

  it('has the token as a bearer or beside the protocol of a WebSocket, and in no cookie', () => {
    expect(ask({ authorization: 'Bearer right' })).not.toThrow();
    expect(ask({ 'sec-websocket-protocol': 'hearth, right' })).not.toThrow();
    for (const headers of [
      {},
      { authorization: 'Basic right' },
      { authorization: 'Bearer wrong' },
      { authorization: 'Bearer right ' },
      { cookie: 'hearth-4735=right' },
      { authorization: 'Bearer righ' },
      { authorization: 'Bearer right!' },
      { 'sec-websocket-protocol': 'right' },
      { 'sec-websocket-protocol': 'other, right' },
      { 'sec-websocket-protocol': 'hearth, wrong' },
      // A wrong bearer is not mended by a right protocol.
      { authorization: 'Bearer wrong', 'sec-websocket-protocol': 'hearth, right' },
    ])
      expect(ask(headers), JSON.stringify(headers)).toThrow(expect.objectContaining(refused));
  });

  it('with the token is refused all the same under another name', () => {
    expect(ask({ host: 'hub.test:4735', authorization: 'Bearer right' })).toThrow(expect.objectContaining(refused));
  });
});
