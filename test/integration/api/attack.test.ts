/** Every route with every wrong caller, and every number of every body with every wrong value. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allRoutes } from '../../../main/api/all-routes.ts';
import type { AnyRoute } from '../../../main/api/route.ts';
import { MAX_BODY_BYTES } from '../../../main/api/server/requests.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import { numberFieldsOf, type JsonSchema } from '../../support/schema-bodies.ts';

const KEY = 'the-key-of-this-test';
let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer({ key: KEY });
}, 60_000);
afterAll(async () => {
  // Nothing that was sent may have ended it, and none of it may be a defect.
  expect((await server.ask('/v1/models', undefined, { authorization: `Bearer ${KEY}` })).status).toBe(200);
  await server.close();
});

interface Sent {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Sends with exactly these headers, which `fetch` does not. */
async function send(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Buffer,
): Promise<Sent> {
  const { hostname, port } = new URL(server.address);
  // Node's client tells no length of a body that goes with DELETE, so that it would be read as the next request.
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return await new Promise((resolve, reject) => {
    const all = { ...length, ...headers };
    const sent = request({ hostname, port, method, path, headers: all, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const pathOf = ({ path }: AnyRoute): string => path.replaceAll(/[:*]\w+/g, 'x');
const name = (route: AnyRoute): string => `${route.method} ${route.path}`;
const withKey = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
/** One of each pair of paths that mean the same. */
const routes = allRoutes.filter(({ method }) => method !== 'HEAD');

describe.each(routes.map((route) => [name(route), route] as const))('%s', (_name, route) => {
  const path = pathOf(route);
  const body = route.body === null ? undefined : JSON.stringify(route.example ?? {});

  it('asks for the key in each of three headers, unless it is open', async () => {
    const without = await send(route.method, path, {}, body);
    const wrong = await send(route.method, path, { 'x-api-key': 'wrong' }, body);
    if (route.isOpen === true) {
      expect([without.status, wrong.status]).toEqual([200, 200]);
      return;
    }
    expect([without.status, wrong.status]).toEqual([401, 401]);
    expect(without.headers['www-authenticate']).toBe('Bearer');
    for (const headers of [
      { authorization: `Basic ${KEY}` },
      { authorization: KEY },
      { cookie: `key=${KEY}` },
      { 'api-key': '' },
    ])
      expect(
        (await send(route.method, path, headers as Record<string, string>, body)).status,
        JSON.stringify(headers),
      ).toBe(401);
  });

  it('answers to no foreign name and to no page of another site, with the key or without', async () => {
    for (const headers of [
      { host: 'evil.test' },
      { host: 'evil.test:11535', 'x-api-key': KEY },
      { origin: 'http://evil.test' },
      { origin: 'null', 'x-api-key': KEY },
      { 'sec-fetch-site': 'cross-site', 'api-key': KEY },
    ]) {
      const { status, headers: answered } = await send(route.method, path, headers as Record<string, string>, body);
      expect(status, JSON.stringify(headers)).toBe(403);
      expect(answered['access-control-allow-origin']).toBeUndefined();
    }
  });

  if (route.body === null) return;

  it('refuses a body that is too large, is no JSON, or is of another shape', async () => {
    expect((await send(route.method, path, withKey, Buffer.alloc(MAX_BODY_BYTES + 1, 32))).status).toBe(413);
    for (const wrong of ['{', '[]', '"text"', '1', 'null', '\u0000', '{"model":']) {
      const { status, text } = await send(route.method, path, withKey, wrong);
      expect(status, wrong).toBe(400);
      expect(text, wrong).not.toMatch(/internal/);
    }
  });

  const schema = z.toJSONSchema(route.body, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  for (const field of numberFieldsOf(schema, route.example ?? {}))
    it(`refuses a wrong number in ${field.place.join('.')}`, async () => {
      const wrong: unknown[] = [1e300, -1e300, {}, [{}], true];
      if (!field.takesText) wrong.push('1', '');
      if (field.isInteger) wrong.push(0.5, 2 ** 53 + 2);
      if (field.minimum !== undefined) wrong.push(field.minimum - 1);
      for (const value of wrong) {
        const { status, text } = await send(route.method, path, withKey, JSON.stringify(field.bodyWith(value)));
        expect(status, `${JSON.stringify(value)}: ${text}`).toBe(400);
        expect(text).toContain(String(field.place[0]));
      }
    });
});

it('says which methods a path takes', async () => {
  const { status, text } = await send('DELETE', '/v1/chat/completions', withKey);
  expect([status, text]).toEqual([405, expect.stringContaining('POST')]);
});

it('lets a page of a listed origin ask first and then read', async () => {
  await server.app.call('server.update', { origins: ['http://page.test'] });
  const asked = await send('OPTIONS', '/v1/models', {
    origin: 'http://page.test',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'authorization',
  });
  expect([
    asked.status,
    asked.headers['access-control-allow-origin'],
    asked.headers['access-control-allow-headers'],
  ]).toEqual([...[204, 'http://page.test', 'authorization']]);
  const read = await send('GET', '/v1/models', { origin: 'http://page.test', 'x-api-key': KEY });
  expect([read.status, read.headers['access-control-allow-origin']]).toEqual([200, 'http://page.test']);
  expect((await send('OPTIONS', '/v1/models', { origin: 'http://evil.test' })).status).toBe(403);
});
